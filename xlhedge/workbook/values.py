"""Values of cells: read from a worksheet's XML and written into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from lxml import etree

from xlhedge.sheet.cells import Cell, CellError, serial
from xlhedge.workbook.xml import (
    MAIN,
    SPACE,
    escaped,
    needs_space,
    number_text,
    same_number,
    unescaped,
)

FORMULA, VALUE, INLINE = f"{MAIN}f", f"{MAIN}v", f"{MAIN}is"
_TEXT, _RUN = f"{MAIN}t", f"{MAIN}r"
_EPOCH = datetime(1899, 12, 30)
_EPOCH_1904 = datetime(1904, 1, 1)
_LAST_DAY = 2_958_466
DAYS_TO_1904 = (_EPOCH_1904 - _EPOCH).days


def value_of(kind: str, text: str, texts: Sequence[str], *, from_1904: bool) -> Cell:
    """What a cell of a type and a text holds; a date is a number.

    `texts` are the workbook's shared texts, and its day 0 may be 1 January 1904. A damaged value
    raises a ValueError with its text.
    """
    if not text and kind not in ("str", "inlineStr"):
        return None
    try:
        if kind == "n":
            return float(text)
        if kind == "s":
            return texts[int(text)] if int(text) >= 0 else texts[len(texts)]
        if kind == "d":
            return day_number(text, from_1904=from_1904)
    except (ValueError, IndexError):
        raise ValueError(text) from None
    if kind == "b":
        return text.strip() in ("1", "true")
    if kind == "e":
        return CellError(text) if text in set(CellError) else CellError.VALUE
    return unescaped(text)


def text_of(node: Any) -> str:
    """The text of a shared or inline string, without the reading aids of Asian texts."""
    return unescaped(inline_text(node))


def inline_text(node: Any) -> str:
    """The text of a shared or inline string as the file holds it."""
    pieces = []
    for child in node:
        if child.tag == _TEXT:
            pieces.append(child.text or "")
        elif child.tag == _RUN:
            pieces.append(child.findtext(_TEXT) or "")
    return "".join(pieces)


def day_number(text: str, *, from_1904: bool) -> float:
    """The day number of a date or time that the file holds in ISO 8601."""
    try:
        moment: date = datetime.fromisoformat(text)
    except ValueError:
        clock = time.fromisoformat(text)
        span = timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)
        return span / timedelta(days=1)
    return serial(moment) - (DAYS_TO_1904 if from_1904 else 0)


def moment(value: Cell, *, from_1904: bool) -> Cell:
    """The date that a number shows, to the millisecond; what is no date stays as it is."""
    epoch = _EPOCH_1904 if from_1904 else _EPOCH
    last = _LAST_DAY - (DAYS_TO_1904 if from_1904 else 0)
    if type(value) is not float or not 0 <= value < last:
        return value
    return epoch + timedelta(milliseconds=round(value * 86_400_000))


def write_value(cell: Any, value: Cell) -> bool:
    """Give a cell a cached value; return whether that changed it.

    A value that the file already holds stays as it is written there: Excel's
    0.10000000000000001 and Python's 0.1 are the same number.
    """
    kind, text = written(value)
    formula, old = None, []
    for child in cell:
        if child.tag == FORMULA:
            formula = child
        elif child.tag in (VALUE, INLINE):
            old.append(child)
    node: Any = old[0] if len(old) == 1 and old[0].tag == VALUE else None
    if node is not None and is_same(cell.get("t", "n"), node.text or "", kind, text):
        return False
    if text is None and not old:
        return False
    # The old value may have been a rich one (a data type or an error with details).
    for key in ("t", "vm"):
        if cell.get(key) is not None:
            del cell.attrib[key]
    if kind != "n":
        cell.set("t", kind)
    is_plain = node is not None and not node.keys() and not node.tail
    if text is None or not is_plain or node.getprevious() is not formula:
        for child in old:
            cell.remove(child)
        if text is None:
            return True
        node = etree.Element(VALUE)
        if formula is None:
            cell.insert(0, node)
        elif cell[-1] is formula:
            cell.append(node)
        else:
            formula.addnext(node)
    node.text = text
    if kind == "str" and needs_space(text):
        node.set(SPACE, "preserve")
    return True


def written(value: Cell) -> tuple[str, str | None]:
    """Type and text of a cached value."""
    if type(value) is float:
        return "n", number_text(value)
    if value is None:
        return "n", None
    if isinstance(value, bool):
        return "b", str(int(value))
    if isinstance(value, CellError):
        return "e", str(value)
    if isinstance(value, str):
        return "str", escaped(value)
    return "n", number_text(float(value))  # type: ignore[arg-type]  # a whole number


def is_same(old_kind: str, old: str | None, kind: str, text: str | None) -> bool:
    """Whether two types and texts of cells, None where there is none, are the same value."""
    if old is None or text is None:
        return old is None and text is None
    if old_kind != kind:
        return False
    return same_number(old, text) if kind == "n" else old == text


def write_constant(cell: Any, value: Cell, texts: Mapping[str, int]) -> None:
    """Give a cell a value of its own in place of what it held; its style stays.

    Text stays text, whatever it begins with. `texts` has the place of each shared text without
    formats of its own.
    """
    clear(cell)
    if not isinstance(value, str):
        write_value(cell, value)
    elif value in texts:
        cell.set("t", "s")
        etree.SubElement(cell, VALUE).text = str(texts[value])
    else:
        # A cell of this type is never read as a formula.
        cell.set("t", "inlineStr")
        text = etree.SubElement(etree.SubElement(cell, INLINE), _TEXT)
        text.text = escaped(value)
        if needs_space(value):
            text.set(SPACE, "preserve")


def clear(cell: Any) -> None:
    """Take a cell's value and formula away; its style stays."""
    for child in list(cell):
        if child.tag in (FORMULA, VALUE, INLINE):
            cell.remove(child)
    for key in ("t", "cm", "vm"):
        cell.attrib.pop(key, None)
