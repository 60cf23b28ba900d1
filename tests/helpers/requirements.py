"""What an installation on Windows takes: the base and the extras of a whole desk."""

import tomllib

from packaging.requirements import Requirement
from places import ROOT

WHOLE = ("workbooks", "stats", "cli", "excel")


def of_an_installation():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    texts = [*project["dependencies"], *(text for name in WHOLE for text in extras[name])]
    found = [Requirement(text) for text in dict.fromkeys(texts)]
    return [item for item in found if item.name != "xlhedge"]
