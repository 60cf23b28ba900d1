"""What lies in a file, recognised by its first bytes: tables of CSV, JSON, Parquet and workbooks.

Zip and gzip are unpacked within the limits that every file of a stranger is held to. A CSV file is
looked at in its first lines only, so that later only the columns that are wanted are read.
"""

from __future__ import annotations

import csv
import gzip
import io
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xlhedge.errors import FileError
from xlhedge.market import replies
from xlhedge.market.history import exact_floats
from xlhedge.market.instants import looks_like_time
from xlhedge.system.limits import Limits
from xlhedge.workbook.archive import Archive, read_file

if TYPE_CHECKING:
    import pandas as pd

_DELIMITERS = "\t;|,"
_SAMPLE = 200
_LOOKED_AT = 200_000
_NESTED = 3
_INSTALL = "pip install 'xlhedge[files]', or save it as .xlsx or .csv"


@dataclass
class RawTable:
    """A table as it lies in a file; its columns are read when they are asked for.

    Parameters
    ----------
    name
        The file, with the member of an archive.
    header
        Column names; empty where the file has none.
    sample
        The first rows.
    width
        Number of columns.
    first_row
        Row of the file in which the first row of the table stands.
    load
        Columns by their places, as Series; the index counts rows from 0.
    notes
        What was passed over above the header.
    """

    name: str
    header: list[str]
    sample: list[list[Any]]
    width: int
    first_row: int
    load: Callable[[Sequence[int], bool], dict[int, pd.Series]]
    notes: list[str] = field(default_factory=list)

    def columns(self, places: Sequence[int], *, as_text: bool = False) -> dict[int, pd.Series]:
        """Some columns; as they were written where `as_text`."""
        return self.load(places, as_text)


def open_tables(path: Path, limits: Limits | None = None) -> list[RawTable]:
    """The tables that a file holds.

    Raises
    ------
    FileError
        When the file cannot be read or is of no kind that holds a table.
    """
    limits = limits or Limits.from_environment()
    return list(_tables(read_file(path, limits), str(path), limits, 0))


def _tables(content: bytes, name: str, limits: Limits, depth: int) -> Iterator[RawTable]:
    if not content[:_LOOKED_AT].strip() and not content.strip():
        raise FileError(f"{name} is empty")
    if depth > _NESTED:
        raise FileError(f"{name}: archives within archives are not opened any further")
    if content.startswith(b"\x1f\x8b"):
        unpacked = _gunzipped(content, name, limits)
        yield from _tables(unpacked, name, limits, depth + 1)
    elif content.startswith(b"PK"):
        yield from _zipped(content, name, limits, depth)
    elif content.startswith(b"PAR1"):
        yield _parquet(content, name, limits)
    elif content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise FileError(f"{name} is protected by a password: save it without one first")
        yield _calamine(content, name, "an old .xls workbook")
    else:
        text = _decoded(content, name)
        if text.lstrip()[:1] in ("[", "{"):
            yield in_memory(name, *replies.rows(text, name))
        else:
            yield _csv(text, content, name)


def _gunzipped(content: bytes, name: str, limits: Limits) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            unpacked = file.read(limits.unpacked_bytes + 1)
    except (OSError, EOFError, zlib.error) as problem:
        raise FileError(f"{name} is a damaged gzip file: {problem}") from None
    if len(unpacked) > limits.unpacked_bytes:
        raise FileError(f"{name} unpacks to more than {limits.unpacked_bytes} bytes")
    return unpacked


def _zipped(content: bytes, name: str, limits: Limits, depth: int) -> Iterator[RawTable]:
    archive = Archive(content, name, limits)
    parts = archive.names()
    if any(part == "[Content_Types].xml" or part.startswith(("xl/", "_rels/")) for part in parts):
        yield _workbook(content, name, limits)
    elif "mimetype" in parts and "content.xml" in parts:
        yield _calamine(content, name, "an OpenDocument file")
    else:
        inner = [part for part in parts if not part.endswith(("/", ".CHECKSUM"))]
        inner = [part for part in inner if not part.startswith("__MACOSX/")]
        if not inner:
            raise FileError(f"{name} holds no file")
        for part in inner:
            yield from _tables(archive.read(part), f"{name} ({part})", limits, depth + 1)


def _decoded(content: bytes, name: str) -> str:
    """The text; of a long UTF-8 file the beginning only, which is all that is looked at."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise FileError(f"{name} is no text in UTF-16") from None
    if b"\x00" in content[:65_536]:
        raise FileError(
            f"{name} is of no kind that is read: give CSV, JSON, Parquet, .xlsx, .ods or .xls, "
            "alone or in .zip or .gz"
        )
    json_begins = content[:_LOOKED_AT].lstrip()[:1] in (b"[", b"{")
    start = content if json_begins else content[:_LOOKED_AT]
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return start.decode(encoding)
        except UnicodeDecodeError as problem:
            if len(content) > len(start) and problem.start >= len(start) - 4:
                return start[: problem.start].decode(encoding)
    return start.decode("latin-1")


def _csv(text: str, content: bytes, name: str) -> RawTable:
    lines = text[:_LOOKED_AT].splitlines()
    if max(map(len, lines), default=0) > csv.field_size_limit():
        raise FileError(f"{name}: field larger than field limit ({csv.field_size_limit()})")
    if len(text) >= _LOOKED_AT:
        lines = lines[:-1]
    lines = lines[:_SAMPLE]
    delimiter, rows = _delimited(lines)
    width = _usual([len(row) for row in rows if any(cell.strip() for cell in row)])
    if width < 2:
        raise FileError(f"{name}: its lines are not divided into columns: {lines[0][:80]!r}")
    above = next(index for index, row in enumerate(rows) if len(row) == width)
    notes = [f"{name}: {above} lines above the table passed over"] if above else []
    header = _header(rows[above])
    start = above + bool(header)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or not _is_utf8(content):
        whole = _decoded_whole(content)
        content = whole.encode()
    tail = content[-_LOOKED_AT:]
    body = content.rstrip() if len(tail) - len(tail.rstrip()) > 2 else content

    def load(places: Sequence[int], as_text: bool) -> dict[int, pd.Series]:
        found = _csv_columns(body, name, delimiter, start, width, places, as_text=as_text)
        if any(column.dtype == object for column in found.values()):
            found = _csv_columns(body, name, delimiter, start, width, places, as_text=True)
        return found

    sample = [[cell.strip() for cell in row] for row in rows[start:] if len(row) == width]
    return RawTable(name, header, sample, width, start + 1, load, notes)


def _is_utf8(content: bytes) -> bool:
    if content.isascii():
        return True
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decoded_whole(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("gb18030")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _delimited(lines: list[str]) -> tuple[str, list[list[str]]]:
    """The delimiter that divides most lines alike, and the lines divided."""
    best: tuple[float, int, str, list[list[str]]] = (-1.0, 0, ",", [])
    for delimiter in _DELIMITERS:
        try:
            rows = list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
        except csv.Error:
            continue
        widths = [len(row) for row in rows if row]
        width = _usual(widths)
        alike = sum(one == width for one in widths) / max(len(widths), 1) if width > 1 else -0.5
        # A comma within numbers divides lines, too: it must do it better than the others.
        if alike > best[0] + 1e-9:
            best = (alike, width, delimiter, rows)
    return best[2], best[3] or [[line] for line in lines]


def _usual(widths: list[int]) -> int:
    return max(set(widths), key=widths.count) if widths else 0


def _header(cells: list[str]) -> list[str]:
    """The names in a first row; none where it holds a number or a time in any cell but a name."""
    names = [cell.strip().strip("\ufeff") for cell in cells]
    numbered = [name for name in names if name]
    if numbered and numbered == [str(number) for number in range(len(numbered))]:
        return names
    for name in names:
        if name and (_is_number(name) or looks_like_time(name)):
            return []
    return names


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", ""))
    except ValueError:
        return False
    return True


def _csv_columns(
    body: bytes,
    name: str,
    delimiter: str,
    start: int,
    width: int,
    places: Sequence[int],
    *,
    as_text: bool,
) -> dict[int, pd.Series]:
    import pandas as pd

    options: dict[str, Any] = {"usecols": sorted(set(places))}
    options |= {"dtype": str} if as_text else exact_floats()
    try:
        with warnings.catch_warnings():
            # Columns of numbers and texts are read again, as texts.
            warnings.simplefilter("ignore", pd.errors.DtypeWarning)
            frame = _read_csv(body, delimiter, start, options)
            fields = np.count_nonzero(np.frombuffer(body, dtype=np.uint8) == ord(delimiter))
            even = b'"' not in body and fields == (width - 1) * (len(frame) + start)
            if not even:
                # pandas passes over surplus fields where only some columns are asked for.
                del options["usecols"]
                frame = _read_csv(body, delimiter, start, options | {"names": range(width)})
    except (ValueError, OverflowError) as problem:
        raise FileError(f"{name}: {' '.join(str(problem).split())}") from None
    return {place: frame[place] for place in places}


def _read_csv(body: bytes, delimiter: str, start: int, options: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    frame: pd.DataFrame = pd.read_csv(
        io.BytesIO(body), sep=delimiter, header=None, skiprows=start, skip_blank_lines=False,
        engine="c", index_col=False, **options,
    )  # fmt: skip
    return frame


def in_memory(name: str, rows: list[list[Any]], header: bool | None = None) -> RawTable:
    """A table from rows of cells; whether the first is a header is looked at unless it is said."""
    import pandas as pd

    rows = [list(row) for row in rows]
    width = max((len(row) for row in rows), default=0)
    above = 0
    while above < len(rows) and sum(cell not in (None, "") for cell in rows[above]) < 2:
        above += 1
    if above >= len(rows):
        raise FileError(f"{name} has no rows")
    first = rows[above]
    names = _header(["" if cell is None else str(cell) for cell in first])
    if header is False or (
        header is None and not all(isinstance(c, str) or c is None for c in first)
    ):
        names = []
    start = above + bool(names)
    cells = [[*row, *[None] * (width - len(row))] for row in rows[start:]]

    def load(places: Sequence[int], as_text: bool) -> dict[int, pd.Series]:
        found = {}
        for place in places:
            column = pd.Series([row[place] for row in cells], dtype=object)
            found[place] = column if as_text else column.infer_objects()
        return found

    return RawTable(name, names, cells[:_SAMPLE], width, start + 1, load)


def _workbook(content: bytes, name: str, limits: Limits) -> RawTable:
    from xlhedge.filling.sources import read_package
    from xlhedge.recalc import Package

    source = read_package(Package(content, name, limits), name, "")
    first: list[Any] = [cell or None for cell in source.header]
    if any(cell and (_is_number(cell) or looks_like_time(cell)) for cell in source.header):
        first = [_typed(cell) for cell in source.header]  # there is no header
    rows = [first, *source.rows]
    table = in_memory(name, rows)
    table.first_row += int(source.numbers[0]) - 2 if len(source.numbers) else 0
    return table


def _typed(text: str) -> Any:
    """A cell that was taken for a name, as the number or the time that it is."""
    if _is_number(text):
        return float(text)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text or None


def _calamine(content: bytes, name: str, what: str) -> RawTable:
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise FileError(f"{name} is {what}, which needs python-calamine: {_INSTALL}") from None
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, ValueError, OSError, IndexError) as problem:
        raise FileError(f"{name} is {what} that cannot be read: {problem}") from None
    blank = [[None if cell == "" else cell for cell in row] for row in rows]
    return in_memory(name, blank)


def _parquet(content: bytes, name: str, limits: Limits) -> RawTable:
    import pandas as pd

    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise FileError(f"{name} is a Parquet file, which needs pyarrow: {_INSTALL}") from None
    try:
        about = parquet.ParquetFile(io.BytesIO(content)).metadata
        size = sum(about.row_group(place).total_byte_size for place in range(about.num_row_groups))
        if size > limits.unpacked_bytes:
            raise FileError(f"{name} unpacks to {size} bytes; at most {limits.unpacked_bytes}")
        frame = pd.read_parquet(io.BytesIO(content))
    except (ArrowException, OSError, ValueError, TypeError) as problem:
        raise FileError(f"{name} is not a Parquet file that can be read: {problem}") from None
    if frame.index.name is not None or isinstance(frame.index, pd.DatetimeIndex):
        frame = frame.reset_index(names=frame.index.name or "time")
    return from_frame(frame, name)


def from_frame(frame: pd.DataFrame, name: str) -> RawTable:
    """A table from a data frame."""
    frame = frame.reset_index(drop=True)

    def load(places: Sequence[int], as_text: bool) -> dict[int, pd.Series]:
        return {place: frame.iloc[:, place] for place in places}

    sample = frame.head(_SAMPLE).to_numpy(dtype=object).tolist()
    header = [str(column).strip() for column in frame.columns]
    return RawTable(name, header, sample, len(header), 1, load)
