"""Workbooks for the tests of recalculation, and the comparison of two packages."""

import io
import warnings
import zipfile
from datetime import datetime, timedelta

import openpyxl
import pytest
import xlsxwriter
from lxml import etree
from openpyxl.utils import range_boundaries

from xlhedge.errors import FileError, HedgeError
from xlhedge.recalc import recalculate

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class Book:
    """An XlsxWriter workbook that is written to a path when the block ends."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.book = xlsxwriter.Workbook(
            str(self.path), {"use_future_functions": True, "in_memory": True}
        )
        self.book.set_properties({"created": datetime(2024, 1, 1)})
        return self.book

    def __exit__(self, *problem):
        self.book.close()


def formulas(path, *texts, cells=None, dynamic=True):
    """A book of one sheet with formulas in D1, D2, ... and constants as given."""
    with Book(path) as book:
        sheet = book.add_worksheet("Sheet1")
        for place, value in (cells or {}).items():
            sheet.write(place, value)
        for row, text in enumerate(texts):
            if dynamic:
                sheet.write_dynamic_array_formula(row, 3, row, 3, text)
            else:
                sheet.write_formula(row, 3, text)
    return path


def opened(path, **options):
    """The book in openpyxl, which warns of extensions that it would lose by saving."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return openpyxl.load_workbook(path, **options)


def values(path, sheet="Sheet1"):
    """Cached values by address, as openpyxl reads them."""
    book = opened(path, data_only=True)
    return {
        cell.coordinate: cell.value
        for row in book[sheet].iter_rows()
        for cell in row
        if cell.value is not None
    }


def showcase(path, rows=40, spill=3):
    """A book with about everything that must survive."""
    with Book(path) as book:
        inputs = book.add_worksheet("Inputs")
        history = book.add_worksheet("History")
        board = book.add_worksheet("Dash Board")
        inputs.write_column("A1", ["confidence", "rows", "asset"])
        inputs.write_column("B1", [0.95, spill, "ETH"])
        inputs.data_validation("B3", {"validate": "list", "source": ["BTC", "ETH"]})
        book.define_name("Confidence", "=Inputs!$B$1")
        book.define_name("Double", "=LAMBDA(x,x*2)")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        bold = book.add_format({"bold": True})
        data = [
            [datetime(2024, 1, 1) + timedelta(days=row), ("BTC", "ETH")[row % 2], 100 + row % 7]
            for row in range(rows)
        ]
        history.add_table(
            0, 0, rows, 4,
            {
                "name": "Hist",
                "data": data,
                "columns": [
                    {"header": "Date", "format": day},
                    {"header": "Asset"},
                    {"header": "Price in [USD]"},
                    {"header": "Log", "formula": "=LN(Hist[[#This Row],[Price in '[USD']]])"},
                    {"header": "Flag", "formula": '=IF([@Asset]="BTC",1,"")'},
                ],
            },
        )  # fmt: skip
        history.conditional_format(
            1, 2, rows, 2, {"type": "data_bar", "data_bar_2010": True, "bar_solid": True}
        )
        history.conditional_format(1, 3, rows, 3, {"type": "3_color_scale"})
        board.set_column("F:F", 12, bold)
        texts = [
            "=XLOOKUP(Inputs!B3,Hist[Asset],Hist[Price in '[USD']])",
            "=LET(a,2,b,Confidence,a*b)",
            "=SUM(FILTER(Hist[Price in '[USD']],Hist[Asset]=\"BTC\"))",
            "=Double(4)",
            "=SUM(Hist[Flag])",
            '=TEXTJOIN(", ",TRUE,UNIQUE(Hist[Asset]))&" "',
            '=XLHEDGE_WHY("XLHEDGE_VERSION")',
            "=1/0",
        ]
        for row, text in enumerate(texts):
            board.write_dynamic_array_formula(row, 1, row, 1, text)
        board.write_dynamic_array_formula("D1", "=RETURNS(Hist[Price in '[USD']])")
        board.write_dynamic_array_formula("F1", "=SEQUENCE(Inputs!B2,2)")
        board.write_array_formula("I1:J2", "{=TRANSPOSE(Inputs!B1:B2)}")
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=History!$C$2:$C$20"})
        board.insert_chart("L2", chart)
        board.add_sparkline("L1", {"range": "History!C2:C20"})
        board.merge_range("A20:C20", "merged", bold)
        board.write_comment("A1", "a note")
    return path


def parts(path_or_bytes):
    """Content of each part by name, in file order."""
    source = io.BytesIO(path_or_bytes) if isinstance(path_or_bytes, bytes) else path_or_bytes
    with zipfile.ZipFile(source) as package:
        return {name: package.read(name) for name in package.namelist()}


def assert_same_but_for_values(before, after):
    """Every part is the same, worksheets but for cached values and spill children."""
    old, new = parts(before), parts(after)
    assert list(old) == list(new)
    with zipfile.ZipFile(before) as first, zipfile.ZipFile(after) as second:
        assert [info.date_time for info in first.infolist()] == [
            info.date_time for info in second.infolist()
        ]
    for name, content in old.items():
        if name.startswith("xl/worksheets/sheet"):
            areas = _array_areas(content) + _array_areas(new[name])
            assert _skeleton(content, areas) == _skeleton(new[name], areas), name
            assert etree.fromstring(content).nsmap == etree.fromstring(new[name]).nsmap
        else:
            assert content == new[name], name


def _array_areas(content):
    return [
        range_boundaries(node.get("ref"))
        for node in etree.fromstring(content).iter(f"{MAIN}f")
        if node.get("t") == "array"
    ]


def _skeleton(content, areas):
    """A worksheet without what recalculation may change, in canonical form."""
    root = etree.fromstring(content)
    for node in root.iter(f"{MAIN}dimension"):
        del node.attrib["ref"]
    for cell in list(root.iter(f"{MAIN}c")):
        formula = cell.find(f"{MAIN}f")
        column, row, _, _ = range_boundaries(cell.get("r"))
        child = formula is None and any(
            left <= column <= right and top <= row <= bottom for left, top, right, bottom in areas
        )
        if formula is None and not child:
            continue
        for node in (*cell.findall(f"{MAIN}v"), *cell.findall(f"{MAIN}is")):
            cell.remove(node)
        cell.attrib.pop("t", None)
        if child:
            cell.getparent().remove(cell)
        elif formula.get("t") == "array" and cell.get("cm") is not None:
            del formula.attrib["ref"]
    for row in list(root.iter(f"{MAIN}row")):
        row.attrib.pop("spans", None)
        if len(row) == 0 and set(row.attrib) == {"r"}:
            row.getparent().remove(row)
    return etree.tostring(root, method="c14n")


def rebuilt(path, changes=None, extra=(), drop=()):
    """The package with parts changed, added or left out."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as output:
        for name, content in parts(path).items():
            if name not in drop:
                output.writestr(name, (changes or {}).get(name, content))
        for name, content in extra:
            output.writestr(name, content)
    path.write_bytes(target.getvalue())
    return path


def refusal(path, limits=None):
    """The one sentence with which a file is refused, by everything that opens it."""
    target = path.with_name("never.xlsx")
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(FileError) as caught:
        recalculate(path, target, limits=limits)
    assert isinstance(caught.value, HedgeError)
    assert not target.exists()
    assert before is None or path.read_bytes() == before
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert str(path) in sentence
    return sentence
