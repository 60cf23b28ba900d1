"""Lets the tests under wine share the helpers of the others."""

import sys
from pathlib import Path

collect_ignore = ["excel_client.py", "wine_ucrt.py"]  # for the Windows Python only
TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "stubs"), str(TESTS / "wine")]
