"""Where the tests find the project's own files."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
GOLDEN = ROOT / "xlhedge" / "golden"
STUBS = ROOT / "tests" / "stubs"
TOOLS = ROOT / "tools"
SHARED = ROOT.parent / "shared"
