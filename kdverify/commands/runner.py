"""Running a command line: one line for an error, and an exit code.

Exit codes: 0 done, 2 bad input, 70 internal error, 130 interrupted, 141 nobody read the output
to its end; a command itself may return others.
"""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import copy_context
from typing import NoReturn, TextIO

import typer

from kdverify import _streams
from kdverify.commands.options import Command
from kdverify.extras import needed_for

EXIT_BAD_INPUT, EXIT_INTERNAL, EXIT_INTERRUPTED, EXIT_BROKEN_PIPE = 2, 70, 130, 141

#: Whether errors come with their traceback: what ``kdverify -v`` sets.
state = {"verbose": False}


def run_app(application: typer.Typer, name: str, hint: str = "") -> NoReturn:
    """Run a command line called ``name`` and exit with one of this module's codes.

    Errors are one line on standard error.  ``hint`` is the command that shows a traceback.
    """
    for command in application.registered_commands:
        command.cls = Command
    warnings.formatwarning = lambda message, *_: f"{name}: warning: {message}\n"
    real = sys.stdout
    try:
        with _output(real), needed_for(name):
            outcome = copy_context().run(application, standalone_mode=False)
        code = outcome if isinstance(outcome, int) else 0
    except (KeyboardInterrupt, typer.Abort):
        code = EXIT_INTERRUPTED
    except (BrokenPipeError, SystemExit):  # typer and rich end a broken pipe with SystemExit
        os.dup2(os.open(os.devnull, os.O_WRONLY), real.fileno())
        code = EXIT_BROKEN_PIPE
    except (ValueError, TypeError, OSError, MemoryError) as error:
        code = _report(error, EXIT_BAD_INPUT, f"{name}: error", "")
    except Exception as error:
        if hasattr(error, "format_message"):  # wrong usage, says the option parser
            context = getattr(error, "ctx", None)
            see = f" (see {context.command_path} --help)" if context else ""
            wrong = ValueError(error.format_message().rstrip(".") + see)
            code = _report(wrong, EXIT_BAD_INPUT, f"{name}: error", "")
        else:
            code = _report(error, EXIT_INTERNAL, f"{name}: internal error", hint)
    if code == EXIT_INTERRUPTED:
        _say(f"{name}: interrupted")
    sys.exit(code)


@contextmanager
def _output(real: TextIO | None) -> Iterator[None]:
    """Standard output, held back until files are written; what was printed always comes out."""
    held = _streams.opened()
    try:
        yield
    finally:
        if held is not None:
            sys.stdout = real or sys.stdout
            held.release()
        sys.stdout.flush()


def _say(text: str) -> None:
    """Print on standard error, if somebody listens."""
    with suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def _report(error: Exception, code: int, prefix: str, hint: str) -> int:
    if state["verbose"]:
        traceback.print_exception(error)
    rerun = f" (run again as {hint} for the traceback)" if hint and not state["verbose"] else ""
    text = " ".join(str(error).split()) or type(error).__name__
    _say(f"{prefix}: {text}{rerun}")
    return code
