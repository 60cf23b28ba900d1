"""`xlhedge build`: everything that is generated from the code, and the proof that it is current."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from xlhedge.cli.console import steps
from xlhedge.errors import FileError
from xlhedge.system.files import save


class Names(StrEnum):
    """Which names the functions have in Excel's add-in."""

    BOTH = "both"
    PREFIXED = "prefixed"


def build(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; fail where a file is not current.")
    ] = False,
    root: Annotated[
        Path, typer.Option(help="The project's folder.", file_okay=False, exists=True)
    ] = Path(),
    names: Annotated[
        Names, typer.Option(help="prefixed: XLH_BETA, not BETA, in dist/xlhedge.xlam.")
    ] = Names.BOTH,
) -> None:
    """Write udfs.bas, workbooks/ and docs/functions/ from the catalogue, and the add-ins to dist/.

    The add-ins for Excel (xlhedge.xlam) and LibreOffice Calc (xlhedge.oxt) are for a release and
    stand in no repository, so --check leaves them out.

    Examples:

      xlhedge build

      xlhedge build --check
    """
    if not (root / "pyproject.toml").is_file():
        raise FileError(f"{root.resolve()} is not the project's folder: name it with --root")
    with steps("building") as progress:
        stale = list(_work(root, check=check, progress=progress))
        if not check:
            progress("add-ins")
            stale += [f"dist/{name}" for name in write_addins(root / "dist", names=names)]
    if check and stale:
        for name in stale:
            print(f"{name} is not current")
        raise FileError("generated files are not current: run `xlhedge build`")
    print("every generated file is current" if not stale else f"written: {', '.join(stale)}")


def addins(
    folder: Annotated[Path, typer.Argument(help="Where to write them.", file_okay=False)] = Path(),
    names: Annotated[
        Names, typer.Option(help="prefixed: XLH_BETA, not BETA, in Excel's add-in.")
    ] = Names.BOTH,
) -> None:
    """Write the add-ins to a folder, for installing by hand: nothing is registered.

    xlhedge.xlam is for Excel on Windows, with its tooltips beside it, udfs.bas the same functions
    to import into a workbook by hand, xlhedge.oxt for LibreOffice Calc.

    Examples:

      xlhedge addins

      xlhedge addins handed_out
    """
    written = write_addins(folder, by_hand=True, names=names)
    print("\n".join(f"written: {folder / name}" for name in written) or "all are up to date")


def write_addins(folder: Path, *, by_hand: bool = False, names: Names = Names.BOTH) -> list[str]:
    """Write the add-ins that are not there yet or differ; return their names."""
    from xlhedge.hosts.excel import tooltips, vba, xlam
    from xlhedge.hosts.libreoffice import render as libreoffice

    functions = vba.render(names.value)
    files = {"xlhedge.xlam": xlam.build(functions), "xlhedge.oxt": libreoffice.render()}
    if by_hand:
        files["udfs.bas"] = functions.encode("ascii")
        files["xlhedge.xlam.intellisense.xml"] = tooltips.render(names.value)
    written = []
    for name, content in files.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != content:
            folder.mkdir(parents=True, exist_ok=True)
            save(content, path)
            written.append(name)
    return written


def _work(root: Path, *, check: bool, progress: Callable[[str], None]) -> Iterator[str]:
    """Write what differs, or only name it."""
    wanted = {"udfs.bas"}
    for name, make in generated().items():
        progress(name)
        wanted.add(name)
        path = root / name
        content = make()
        current = path.read_bytes() if path.is_file() else None
        if current is not None and _same(name, current, content):
            continue
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            save(content, path)
        yield name
    for folder, pattern in (("docs/functions", "*.md"), ("workbooks", "*.xlsx")):
        for path in sorted((root / folder).glob(pattern)):
            name = path.relative_to(root).as_posix()
            if name not in wanted:
                if not check:
                    path.unlink()
                yield name


def generated() -> dict[str, Callable[[], bytes]]:
    """What makes each generated file, by its path in the project."""
    from xlhedge.hosts import reference
    from xlhedge.hosts.excel import vba
    from xlhedge.hosts.python import stubs
    from xlhedge.templates import TEMPLATES

    makers: dict[str, Callable[[], bytes]] = {"udfs.bas": lambda: vba.render().encode("ascii")}
    for name, text in reference.render().items():
        makers[f"docs/functions/{name}"] = text.encode
    for module in stubs.modules():
        makers[f"xlhedge/{module}.pyi"] = lambda module=module: stubs.render(module).encode()  # type: ignore[misc]
    for name in TEMPLATES:
        makers[f"workbooks/{name}.xlsx"] = lambda name=name: _workbook(name)  # type: ignore[misc]
    return makers


def _workbook(name: str) -> bytes:
    from xlhedge.recalc import recalculate
    from xlhedge.templates import build as write

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.xlsx"
        write(name, path)
        recalculate(path, in_place=True, shipped=True)
        return path.read_bytes()


def _same(name: str, current: bytes, content: bytes) -> bool:
    """Equal bytes; in workbooks cached numbers may differ as much as two processors do."""
    if current == content:
        return True
    if not name.endswith(".xlsx"):
        return False
    from xlhedge.recalc.agreement import same_but_for_rounding

    return same_but_for_rounding(current, content)
