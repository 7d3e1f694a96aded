"""``python -m kdverify``."""

from kdverify.cli import main

main()
