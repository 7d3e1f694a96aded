"""The bodies of the commands; `kdverify.cli` reads their options."""
