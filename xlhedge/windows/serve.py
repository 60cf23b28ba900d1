"""The COM server that the add-in starts: ``python -I -m xlhedge.windows.serve {CLSID}``."""

from __future__ import annotations

import sys
from typing import Any


def main(identifier: str) -> None:
    """Serve until Excel ends.

    Parameters
    ----------
    identifier
        The class identifier under which the add-in looks for the server.
    """
    modules: dict[str, Any] = sys.modules
    # xlwings imports pandas for converters that are not used here: most of the start's time.
    modules["pandas"] = None
    import xlwings

    del modules["pandas"]
    serve: Any = xlwings.serve
    serve(identifier)


if __name__ == "__main__":
    main(sys.argv[1])
