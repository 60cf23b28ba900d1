"""Every template workbook: its bytes, its formulas, its values, its look."""

import re
import zipfile

import pytest
from book_helpers import (
    MAIN,
    conditional_formulas,
    emptied,
    formula_cells,
    in_table,
    input_cells,
    input_names,
    opened,
    tables,
    walk,
)
from openpyxl.utils import FORMULAE, range_boundaries

from xlhedge.catalog import CATALOG
from xlhedge.errors import FileError, InputError
from xlhedge.formula import tree
from xlhedge.formula.tokens import Kind
from xlhedge.recalc import Package, recalculate
from xlhedge.templates import TEMPLATES, _formulas, build
from xlhedge.templates._formulas import _NEWER_FUNCTIONS, _SHEET_FUNCTIONS
from xlhedge.templates._theme import NUMBERS

VOLATILE = {
    "NOW",
    "TODAY",
    "RAND",
    "RANDBETWEEN",
    "RANDARRAY",
    "OFFSET",
    "INDIRECT",
    "INFO",
    "CELL",
}
KNOWN = FORMULAE | _NEWER_FUNCTIONS | _SHEET_FUNCTIONS
HINT = re.compile(r"(enter|paste|complete|choose|fill)\b", re.IGNORECASE)


LARGE = set(TEMPLATES) - {"margin"}
"""Built twice with the slow tests only; `xlhedge build --check` builds them, too."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in LARGE)) for name in TEMPLATES]
)
def test_two_builds_give_the_same_bytes(name, calculated_templates, tmp_path):
    path = calculated_templates(name)[0]
    again = build(name, tmp_path / "again.xlsx")
    assert again.read_bytes() == (path.parents[1] / path.name).read_bytes()


def test_every_formula_calls_known_functions_with_the_right_number_of_arguments(template):
    ours = 0
    for sheet, cell, formula in formula_cells(template):
        for name, count in walk(formula.text)[0]:
            place = f"{sheet}!{cell.get('r')}: {formula.text}"
            # The self-test's version must not outlive the functions in a saved file, and ages are
            # judged now where no valuation time is entered: a fresh workbook has one.
            allowed = formula.text in {
                "IF(NOW()>0,XLHEDGE_VERSION())",
                'IF(ValuationTime="",NOW()-clock_ahead_hours/hours_of_day,ValuationTime)',
            }
            assert allowed or name not in VOLATILE, place
            if name not in CATALOG:
                assert name in KNOWN, place
                continue
            parameters = CATALOG[name].parameters
            required = sum(not (p.optional or p.variadic) for p in parameters)
            assert required <= count, place
            assert count <= len(parameters) or parameters[-1].variadic, place
            ours += 1
    assert ours > (20 if template.stem == "hedge_desk" else 10)


def test_no_number_format_has_conditions():
    # LibreOffice shows -300 without its sign where a format says [>=1000].
    assert not [name for name, text in NUMBERS.items() if "[" in text]


def test_a_number_in_a_formula_is_0_or_1_a_place_or_how_many_are_counted(template):
    for text in {formula.text for _, _, formula in formula_cells(template)}:
        nodes = list(_formulas.walk(tree.parse(text)))
        numbers = [one.text for one in nodes if getattr(one, "kind", None) is Kind.NUMBER]
        numbers = [number for number in numbers if number not in ("0", "1")]
        for node in nodes:
            match node:
                case tree.Call("INDEX", (_, *places)):
                    said = places
                case tree.Operation(("<",), (tree.Call("COUNT"), number)):
                    said = [number]
                case _:
                    said = []
            for one in said:
                if isinstance(one, tree.Leaf) and one.text in numbers:
                    numbers.remove(one.text)
        assert not numbers, text


def test_no_formula_leaves_an_argument_of_ours_empty(template):
    for _, _, formula in formula_cells(template):
        for match in re.finditer(r"\b([A-Z]+_[A-Z_]+)\(", formula.text):
            depth, text = 0, formula.text[match.end() - 1 :]
            for index, character in enumerate(text):
                depth += {"(": 1, ")": -1}.get(character, 0)
                if depth == 1 and character in "(,":
                    assert text[index : index + 2] not in ("(,", ",,", ",)"), formula.text
                if depth == 0:
                    break


def test_whatever_calls_us_outside_a_table_is_a_dynamic_array_formula(template):
    places = tables(template)
    for sheet, cell, formula in formula_cells(template):
        ours = any(name in CATALOG for name, _ in walk(formula.text)[0])
        if in_table(places, sheet, cell.get("r")):
            assert formula.get("t") is None, formula.text
        elif ours:
            assert formula.get("t") == "array", formula.text
            assert cell.get("cm") == "1", formula.text
    with zipfile.ZipFile(template) as package:
        assert b"XLDAPR" in package.read("xl/metadata.xml")


def test_every_name_used_is_defined_and_every_name_defined_is_used(calculated):
    path, _ = calculated
    book = opened(path, values=True)
    defined = set(book.defined_names)
    known = defined | {table for sheet in book for table in sheet.tables}
    texts = {formula.text for _, _, formula in formula_cells(path)}
    used = set()
    for text in texts | set(conditional_formulas(path)):
        for kind, value in walk(text)[1]:
            if kind == "RANGE" and re.fullmatch(r"[A-Za-z_]\w*(\[.*)?", value):
                name = value.partition("[")[0]
                if not re.fullmatch(r"\$?[A-Z]{1,3}\$?\d+", value):
                    used.add(name)
    assert used <= known
    # A name that no formula uses names a result, for readers; an input without a use is dead.
    assert not (defined - used) & set(input_names(path))


def test_no_name_or_table_has_the_name_of_a_function(template):
    # A name shall not have the form of a user-defined function's (ECMA-376, names in formulas):
    # Excel would take LIQ_PRICE(...) for the cell that is called liq_price.
    package = Package.open(template)
    named = {*(one.name for one in package.defined_names), *package.tables}
    assert not {name for name in named if name in CATALOG}


def test_no_formula_reads_an_empty_cell_by_name(calculated):
    book = opened(calculated[0])  # a formula that gives an empty text is not empty
    inputs = input_cells(calculated[0])
    for name, item in book.defined_names.items():
        for sheet, address in item.destinations:
            place = address.replace("$", "")
            # Columns of funding_table that wait for a further venue are empty.
            waits = place in inputs[sheet] and name[-2:] in {"_D", "_E", "_F"}
            if ":" not in address and not name.startswith("filled_of_") and not waits:
                assert book[sheet][place].value is not None, name


def test_no_workbook_reaches_outside_or_merges_cells(template):
    with zipfile.ZipFile(template) as package:
        assert not [name for name in package.namelist() if "external" in name.lower()]
        for name in package.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert b"<mergeCell" not in package.read(name)


def test_every_sheet_is_ready_to_print_and_hides_nothing(template):
    for sheet in opened(template):
        assert sheet.sheet_state == "visible"
        assert sheet.print_area
        assert sheet.page_setup.fitToWidth in (None, 1, 2)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.oddHeader.left.text
        assert sheet.oddFooter.right.text
        assert sheet.sheet_properties.tabColor
        assert not any(row.hidden for row in sheet.row_dimensions.values())
        assert not any(column.hidden for column in sheet.column_dimensions.values())


def test_the_values_are_complete(calculated):
    path, report = calculated
    assert report.errors == []
    assert report.unsupported == {}
    empty = [
        f"{sheet}!{cell.get('r')}"
        for sheet, cell, formula in formula_cells(path)
        if cell.find(f"{MAIN}v") is None
    ]
    assert empty == []


@pytest.mark.slow
def test_a_second_recalculation_changes_nothing(calculated, tmp_path):
    path, _ = calculated
    again = tmp_path / "again.xlsx"
    assert not recalculate(path, again).changed


def test_the_tables_to_fill_are_those_with_inputs(template):
    cells = input_cells(template)
    found = []
    for sheet in opened(template):
        for name, area in sheet.tables.items():
            left, top, right, bottom = range_boundaries(area)
            body = sheet.iter_rows(top + 1, bottom, left, right)
            if cells[sheet.title] & {cell.coordinate for row in body for cell in row}:
                found.append(name)
    assert sorted(found) == sorted(TEMPLATES[template.stem].tables)


def texts(path):
    book = opened(path, values=True)
    return [str(cell.value) for sheet in book for row in sheet for cell in row if cell.value]


def test_a_template_that_is_empty_shows_hints_and_no_error(calculated, empty_templates):
    path, _ = calculated
    if not any(input_cells(path).values()):
        pytest.skip("it has no inputs")
    target, report = empty_templates(path.stem)
    assert report.errors == []
    assert len({text for text in texts(target) if HINT.match(text)}) >= 3


@pytest.mark.slow
def test_each_input_may_be_empty_without_an_error(calculated, tmp_path):
    path, _ = calculated
    for name in input_names(path):
        half = emptied(path, tmp_path / f"{name}.xlsx", [name])
        assert recalculate(half, tmp_path / f"{name}_calculated.xlsx").errors == [], name


@pytest.mark.pictures
def test_every_sheet_can_be_drawn(calculated, tmp_path):
    import pictures

    if not pictures.available():
        pytest.skip("soffice and pdftoppm are not installed")
    drawn = pictures.draw(calculated[0], tmp_path)
    assert len(drawn) == len(opened(calculated[0]).sheetnames)


def test_each_template_is_described_in_one_line():
    for template in TEMPLATES.values():
        assert 20 < len(template.summary) <= 80
        assert "\n" not in template.summary


def test_an_unknown_template_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"there is no template 'x': there are .*hedge_desk"):
        build("x", tmp_path / "x.xlsx")


def test_a_folder_that_does_not_exist_is_one_clear_line(tmp_path):
    with pytest.raises(FileError, match="cannot be written: No such file"):
        build("hedge_desk", tmp_path / "nowhere" / "x.xlsx")
    assert not list(tmp_path.rglob("*"))
