"""The documentation site: the documents of this folder and the manual, as they stand.

    python -m sphinx -W --keep-going docs build/site

The documents are plain Markdown that reads well in any viewer, so what only a site needs is added
here: the tables of contents, and plain text in place of links to files that the site does not hold.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import xlhedge

project = "xlhedge"
author = "The xlhedge developers"
copyright = author  # noqa: A001  # the name is Sphinx's
version = release = xlhedge.__version__

extensions = ["myst_parser", "sphinx_copybutton"]
root_doc = "README"
exclude_patterns = ["conf.py", "notebooks"]
myst_heading_anchors = 4
html_theme = "pydata_sphinx_theme"
html_title = f"xlhedge {release}"
html_theme_options = {"show_prev_next": False, "navigation_with_keys": False}
copybutton_prompt_text = "$ "

DOCS = Path(__file__).parent
FIRST = ["tutorial", "conventions", "method", "workbooks", "functions/README", "python"]
"""Documents that a reader wants first; the others follow by name."""

_OUTSIDE = re.compile(r"\[([^\]]+)\]\(\.\./[^)]*\)")


def _contents(names: list[str], *, hidden: bool = True) -> str:
    option = ":hidden:\n" if hidden else ""
    return "\n\n```{toctree}\n" + option + ":maxdepth: 1\n\n" + "\n".join(names) + "\n```\n"


def _prepare(_app: Any, name: str, source: list[str]) -> None:
    """Add the tables of contents, and take away links that lead out of the site."""
    text = _OUTSIDE.sub(r"\1", source[0])
    if name == root_doc:
        others = sorted(path.stem for path in DOCS.glob("*.md") if path.stem != root_doc)
        known = [page for page in FIRST if (DOCS / f"{page}.md").is_file()]
        text += _contents(known + [page for page in others if page not in FIRST])
    elif name == "functions/README":
        pages = sorted(path.stem for path in (DOCS / "functions").glob("*.md"))
        text += _contents([page for page in pages if page != "README"])
    source[0] = text


def setup(app: Any) -> None:
    """Register the preparation with Sphinx."""
    app.connect("source-read", _prepare)
