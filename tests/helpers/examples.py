"""How many examples hypothesis takes: few in the default run, many with XLHEDGE_EXAMPLES=many."""

import os

from hypothesis import settings

MANY = os.environ.get("XLHEDGE_EXAMPLES") == "many"


def examples(few, many):
    """The settings of a test: always the same examples, and no limit of time."""
    return settings(deadline=None, max_examples=many if MANY else few, derandomize=True)
