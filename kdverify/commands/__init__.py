"""The commands, whole in one file each: options, help, library calls, tables, JSON.

Nothing of the library is imported before a command runs, so that ``--help`` is fast.
"""
