"""The strategies that `kdverify.testing` gives to everybody."""

from kdverify.testing import *  # noqa: F403
