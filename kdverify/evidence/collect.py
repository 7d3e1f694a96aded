"""Claim files: found and loaded as pytest finds and loads test files.

In a folder every ``*.py`` is a claim file, except ``ledger.py`` and names that begin with
an underscore.  Its claims are its module-level `Claim` objects and the list ``CLAIMS``.

A helper that claim files share is a file whose name begins with an underscore, imported by
its plain name (``from _common import spectrum``), also inside functions that run later.
That is how Python resolves it when a claim file is run as a script, so that one spelling
works as a script, in a checkout and inside the wheel.  Helpers of different folders may
have the same name.

A folder with an ``__init__.py`` is a package: it is searched with the packages inside it, and
its files import one another as Python has it (``from ..lib import sums``).  A package called
``lib`` is what the others share and holds no claims.  Its ``__main__.py`` is no claim file.

A folder may hold a ledger: ``ledger.py`` with ``LEDGER``, a list of `Entry`, which fixes
the claims that have to be there, their sources and expected outcomes, and their order.  The
ledger of a package is that of its outermost folder that has one.  If it defines ``KERNEL``, the
tactics of `kdverify.evidence.kernel.attach`, every forall is put to Coq's kernel as well.
"""

from __future__ import annotations

import graphlib
import hashlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FunctionType, ModuleType

from kdverify import formulas as formulas_of_theory
from kdverify.evidence.base import shortened
from kdverify.evidence.claim import Claim, Entry, claims_made
from kdverify.evidence.kernel.attach import attached

LEDGER_FILE = "ledger.py"
PACKAGE_FILE = "__init__.py"
#: The package inside a package of claims that holds none.
LIBRARY = "lib"

#: What is wrong with a file that ends the program while it is loaded.
UNGUARDED = (
    'run_as_script and sys.exit must stand below `if __name__ == "__main__":`, so that the '
    "file can be loaded"
)

#: Whether a claim file is being loaded now: then it is not run as a script.
loading = False

#: Folder -> its helper modules, kept out of ``sys.modules`` while other code runs.
_helpers: dict[Path, dict[str, ModuleType]] = {}


class _HelperFinder(importlib.abc.MetaPathFinder):
    """Finds the helpers of one folder, and nothing else of it.

    The folder itself must not be on ``sys.path``: a claim file called ``numbers.py`` would
    hide the standard library's module from everybody.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        file = self.folder / f"{fullname}.py"
        if path is None and fullname.startswith("_") and file.is_file():
            return importlib.util.spec_from_file_location(fullname, file)
        return None


@contextmanager
def helpers_importable(folder: Path) -> Iterator[None]:
    """Inside, the helpers of ``folder`` can be imported by their plain names."""
    names = [file.stem for file in folder.glob("_*.py")]
    outside = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    sys.modules.update(_helpers.get(folder, {}))
    finder = _HelperFinder(folder)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        _helpers[folder] = {n: sys.modules.pop(n) for n in names if n in sys.modules}
        sys.modules.update(outside)


def load(file: Path) -> ModuleType:
    """Execute a claim file: as a module of its package, else under a name of its own."""
    global loading
    before, loading = loading, True
    at_once = os._exit
    os._exit = sys.exit  # type: ignore[assignment]  # no file must end the run in silence
    try:
        with helpers_importable(file.parent), formulas_kept():
            return _load_from_package(file) if _in_package(file) else _load_alone(file)
    except SystemExit:
        raise ValueError(f"{file}: {UNGUARDED}") from None
    except Exception as failure:
        text = shortened(str(failure))
        raise ValueError(f"{file}: {type(failure).__name__}: {text}") from failure
    finally:
        loading, os._exit = before, at_once


@contextmanager
def formulas_kept() -> Iterator[None]:
    """Inside, no formula may be changed; one that was is put back, and is an error."""
    names = vars(formulas_of_theory)
    inside = [m for m in names.values() if isinstance(m, ModuleType) and _of_formulas(m)]
    before = [(module, dict(vars(module))) for module in (formulas_of_theory, *inside)]
    functions = {f for _, held in before for f in held.values() if isinstance(f, FunctionType)}
    did = [(f, f.__code__, f.__defaults__, f.__kwdefaults__) for f in functions]
    yield
    do = [(f, f.__code__, f.__defaults__, f.__kwdefaults__) for f in functions]
    changed = []
    for past in (past for past, now in zip(did, do, strict=True) if past != now):
        changed.append(past[0].__name__)
        past[0].__code__, past[0].__defaults__, past[0].__kwdefaults__ = past[1:]
    for module, held in before:
        for name in [n for n, value in held.items() if vars(module).get(n) is not value]:
            if callable(held[name]):
                changed.append(name)
                setattr(module, name, held[name])
    if changed:
        raise TypeError(f"kdverify.formulas.{min(changed)} must not be changed")


def _of_formulas(module: ModuleType) -> bool:
    return module.__name__.startswith(formulas_of_theory.__name__ + ".")


def _load_alone(file: Path) -> ModuleType:
    return _execute(f"_kdverify_claims_{_digest(file)}_{file.stem}", file)


def _load_from_package(file: Path) -> ModuleType:
    """The module of a file in a package, imported once in a process.

    The package goes by its own name, unless another one of that name was imported before.
    """
    root = file.parent
    while _in_package(root):
        root = root.parent
    name = root.name
    places = getattr(sys.modules.get(name), "__path__", [root])
    if root not in [Path(place).resolve() for place in places]:
        name = f"_kdverify_claims_{_digest(root)}_{name}"
    if name not in sys.modules:
        _execute(name, root / PACKAGE_FILE, [str(root)])
    inside = file.relative_to(root).with_suffix("").parts
    return importlib.import_module(".".join([name, *inside]))


def _execute(name: str, file: Path, folders: list[str] | None = None) -> ModuleType:
    """Execute a file as the module ``name``, a package if there are folders to search."""
    spec = importlib.util.spec_from_file_location(name, file, submodule_search_locations=folders)
    if spec is None or spec.loader is None:
        raise ImportError("not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _in_package(path: Path) -> bool:
    return (path.parent / PACKAGE_FILE).is_file()


def _digest(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]


def claims_in(file: Path) -> list[Claim]:
    """The claims of one file, each told where it comes from."""
    before = set(sys.modules)
    with claims_made() as made:
        module = load(file)
    found = _stated(module)
    listed = getattr(module, "CLAIMS", [])
    if not isinstance(listed, list | tuple):
        raise ValueError(f"{file}: CLAIMS must be a list, not {listed!r:.60}")
    strangers = [value for value in listed if not isinstance(value, Claim)]
    if strangers:
        raise ValueError(f"{file}: CLAIMS must hold claims only, not {strangers[0]!r:.60}")
    others = [sys.modules[name] for name in sys.modules.keys() - before]
    others += _helpers.get(file.parent, {}).values()
    kept = {id(claim) for other in (module, *others) for claim in _stated(other)}
    for claim in made:
        if id(claim) not in kept:
            raise ValueError(
                f"{file}: claim {claim.id} is made and lost: it must have a name of its own in "
                "the file, or stand in CLAIMS"
            )
    for claim in found:
        try:
            claim.check_complete()
        except ValueError as incomplete:
            raise ValueError(f"{file}: {incomplete}") from None
    scripts = getattr(_ledger_module(_ledger_folder(file.parent)), "KERNEL", None)
    ids = [claim.id for claim in found]
    return [attached(replace(claim, origin=file), file, scripts, ids) for claim in found]


def _stated(module: ModuleType) -> list[Claim]:
    """The claims in ``CLAIMS`` of a module, and under names of their own."""
    names = getattr(module, "__dict__", {})
    listed = names.get("CLAIMS", ())
    values = [*(listed if isinstance(listed, list | tuple) else ()), *names.values()]
    return list({id(value): value for value in values if isinstance(value, Claim)}.values())


def collect(paths: Iterable[str | Path]) -> list[Claim]:
    """The claims of files and folders, in the order of the paths and of the ledgers.

    Raises ValueError for a path that is not there, a file that does not load, a repeated
    id, a need that no claim answers, needs that run in a circle, and a folder whose claims
    and ledger disagree.
    """
    _helpers.clear()
    claims: list[Claim] = []
    ledger: list[Entry] = []
    for path in [Path(p).resolve() for p in paths]:
        found, entries = _collect_one(path)
        claims += found
        ledger += entries
    check_ids(claims)
    _check_needs(claims, {claim.id for claim in claims} | {entry.id for entry in ledger})
    return claims


def _collect_one(path: Path) -> tuple[list[Claim], list[Entry]]:
    if path.is_dir():
        files = _claim_files(path)
        if not files:
            raise ValueError(f"path={str(path)!r} must hold claim files (*.py)")
        folder = path
    elif path.is_file() and path.suffix == ".py":
        files, folder = [path], path.parent
    else:
        raise ValueError(f"path={str(path)!r} must be a folder or a Python file")
    claims = [claim for file in files for claim in claims_in(file)]
    if not claims:
        raise ValueError(f"path={str(path)!r} must define at least one Claim")
    home = _ledger_folder(folder)
    ledger = _ledger_of(home)
    if ledger:
        claims = _in_order(claims, ledger, complete=path == home)
    return claims, ledger


def whole_families(claims: Iterable[Claim]) -> Iterator[Claim]:
    """The claims, and all others of the folders whose ledgers list them."""
    claims = list(claims)
    yield from claims
    stated = {claim.id for claim in claims}
    for home in sorted({_ledger_folder(c.origin.parent) for c in claims if c.origin}):
        if not stated.issuperset(entry.id for entry in _ledger_of(home)):
            for file in _claim_files(home):
                yield from claims_in(file)


def _claim_files(folder: Path) -> list[Path]:
    """The claim files of a folder; of a package, with those of the packages inside it."""
    named = [f for f in sorted(folder.glob("*.py")) if not f.name.startswith("_")]
    files = [f for f in named if f.name != LEDGER_FILE]
    if (folder / PACKAGE_FILE).is_file():
        inner = sorted(f.parent for f in folder.glob(f"*/{PACKAGE_FILE}"))
        files += [f for sub in inner if sub.name != LIBRARY for f in _claim_files(sub)]
    return files


def _ledger_folder(folder: Path) -> Path:
    """The outermost folder of a package that has a ledger, else ``folder`` itself."""
    home = folder
    while (folder / PACKAGE_FILE).is_file():
        if (folder / LEDGER_FILE).is_file():
            home = folder
        folder = folder.parent
    return home


def _ledger_module(folder: Path) -> ModuleType | None:
    file = folder / LEDGER_FILE
    return load(file) if file.is_file() else None


def _ledger_of(folder: Path) -> list[Entry]:
    file = folder / LEDGER_FILE
    module = _ledger_module(folder)
    if module is None:
        return []
    entries = getattr(module, "LEDGER", None)
    if not isinstance(entries, list | tuple) or not all(isinstance(e, Entry) for e in entries):
        raise ValueError(f"{file}: LEDGER must be a list of Entry")
    repeated = _repeated(entry.id for entry in entries)
    if repeated:
        raise ValueError(f"{file}: LEDGER must name each id once, repeats {', '.join(repeated)}")
    return list(entries)


def _in_order(claims: list[Claim], ledger: list[Entry], complete: bool) -> list[Claim]:
    """The claims in the ledger's order, after checking one against the other."""
    entries = {entry.id: entry for entry in ledger}
    stated = {claim.id for claim in claims}
    unlisted = sorted(stated - entries.keys())
    if unlisted:
        raise ValueError(f"the ledger must list every claim; missing there: {', '.join(unlisted)}")
    absent = [entry.id for entry in ledger if entry.id not in stated]
    if complete and absent:
        raise ValueError(f"every id of the ledger must have a claim; missing: {', '.join(absent)}")
    for claim in claims:
        entry = entries[claim.id]
        if (claim.source, claim.expect) != (entry.source, entry.expect):
            raise ValueError(
                f"claim {claim.id} says source={claim.source!r}, expect={claim.expect!r}; the "
                f"ledger says source={entry.source!r}, expect={entry.expect!r}"
            )
    place = {entry.id: index for index, entry in enumerate(ledger)}
    return sorted(claims, key=lambda claim: place[claim.id])


def check_ids(claims: Sequence[Claim]) -> None:
    """Refuse claims of the same id."""
    repeated = _repeated(claim.id for claim in claims)
    if repeated:
        files = sorted({str(c.origin) for c in claims if c.id == repeated[0]})
        raise ValueError(f"id={repeated[0]!r} must name one claim only; see {', '.join(files)}")


def _check_needs(claims: list[Claim], known: set[str]) -> None:
    for claim in claims:
        unknown = [need for need in claim.needs if need not in known]
        if unknown:
            raise ValueError(f"needs={unknown[0]!r} of claim {claim.id} must be the id of a claim")
    try:
        graphlib.TopologicalSorter({c.id: c.needs for c in claims}).prepare()
    except graphlib.CycleError as error:
        raise ValueError(f"needs must not run in a circle: {' -> '.join(error.args[1])}") from None


def _repeated(names: Iterable[str]) -> list[str]:
    return sorted(name for name, count in Counter(names).items() if count > 1)


def matching(claims: list[Claim], words: str | Sequence[str] | None) -> list[Claim]:
    """The claims that one of the words selects; all without words.

    A word that begins as an id does, such as ``"1."`` or ``"3.as"``, selects the ids that begin
    with it; any other those whose id or title contains it, whatever the case.

    Raises:
        ValueError: a word that selects no claim.
    """
    if words is None:
        return claims
    chosen: set[str] = set()
    for word in [words] if isinstance(words, str) else words:
        low = word.lower()
        if re.match(r"\d+\.", low):
            found = {claim.id for claim in claims if claim.id.lower().startswith(low)}
        else:
            found = {c.id for c in claims if low in c.id.lower() or low in c.title.lower()}
        if not found:
            raise ValueError(f"select={word!r} must match at least one claim")
        chosen |= found
    return [claim for claim in claims if claim.id in chosen]
