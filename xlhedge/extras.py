"""The parts of xlhedge that are installed on request, and the libraries that each brings."""

from __future__ import annotations

from xlhedge.errors import MissingExtra

EXTRAS = {
    "workbooks": ("formualizer", "lxml", "openpyxl", "xlsxwriter", "pandas", "filelock"),
    "stats": ("arch", "statsmodels"),
    "cli": ("typer", "rich"),
    "excel": ("xlwings",),
    "market": ("ccxt", "tenacity", "keyring"),
    "sql": ("sqlalchemy",),
    "report": ("reportlab",),
    "cluster": ("distributed",),
    "server": ("starlette", "uvicorn", "h11", "cryptography", "jwt"),
}
"""Extra, as in ``pip install "xlhedge[stats]"``, to the modules that it brings."""


def missing(problem: ModuleNotFoundError) -> MissingExtra | None:
    """What an import that failed asks the user to install; None where it is no library of ours."""
    module = (problem.name or "").partition(".")[0]
    for extra, modules in EXTRAS.items():
        if module in modules:
            return MissingExtra(f'this needs the library {module}: pip install "xlhedge[{extra}]"')
    return None
