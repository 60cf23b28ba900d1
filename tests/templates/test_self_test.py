"""The self-test: it says PASS where all is right, and FAIL where one value is not."""

import zipfile
from importlib.resources import files

import pytest
import xlsxwriter
from book_helpers import MAIN, formula_cells, named_values, opened, plain, without_mark
from lxml import etree
from places import ROOT

from xlhedge import __version__
from xlhedge.catalog import CATALOG
from xlhedge.filling.provenance import named_cell
from xlhedge.recalc import Package, recalculate
from xlhedge.templates import TEMPLATES, build
from xlhedge.templates._layout import Book
from xlhedge.templates.self_test import rows, sheets

BY = f"Calculated by xlhedge {__version__}"


@pytest.fixture(scope="module")
def book(calculated_templates):
    """The self-test with its values, as a program that opens it shows them."""
    return calculated_templates("self_test")[0]


def test_no_file_carries_a_pass_of_another_machine_and_the_report_tells_the_verdict(
    calculated_templates,
):
    path, report = calculated_templates("self_test")
    assert report.withheld.startswith("PASS: ")
    carried(path.parents[1] / "self_test_as_saved.xlsx")
    carried(ROOT / "workbooks" / "self_test.xlsx")


@pytest.mark.slow
def test_what_is_withheld_is_withheld_again(tmp_path):
    once, twice = tmp_path / "once.xlsx", tmp_path / "twice.xlsx"
    recalculate(build("self_test", tmp_path / "self_test.xlsx"), once)
    assert recalculate(once, twice).withheld.startswith("PASS: ")
    assert once.read_bytes() == twice.read_bytes()
    carried(twice)


def carried(path):
    """Formulas are without values, but for the one that says so; a calculation is asked for."""
    with zipfile.ZipFile(path) as package:
        sheets = [part for part in package.namelist() if part.startswith("xl/worksheets/sheet")]
        cells = [
            cell.findtext(f"{MAIN}v")
            for part in sheets
            for cell in etree.fromstring(package.read(part)).iter(f"{MAIN}c")
            if cell.find(f"{MAIN}f") is not None
        ]
        assert b'fullCalcOnLoad="1"' in package.read("xl/workbook.xml")
    assert len(cells) > 1000
    assert {value for value in cells if value} == {"not calculated"}


def test_only_the_self_test_asks_for_a_calculation_and_the_others_tell_who_made_their_values(
    calculated_templates,
):
    for name in set(TEMPLATES) - {"self_test"}:
        path, report = calculated_templates(name)
        with zipfile.ZipFile(path) as package:
            assert b"fullCalcOnLoad" not in package.read("xl/workbook.xml"), name
        told = named_values(path)["calculated_by"]
        assert told == f"{BY} (embedded engine) on 2025-01-01 00:00 UTC"
        assert report.withheld is None
        shipped = named_cell(Package.open(ROOT / "workbooks" / path.name), "calculated_by")
        assert shipped.value == f"{BY}, as shipped"


def test_the_sentence_changes_only_when_a_value_does(calculated_templates, tmp_path, monkeypatch):
    path, _ = calculated_templates("margin")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    report = recalculate(path, tmp_path / "same.xlsx")
    assert not report.changed
    assert (tmp_path / "same.xlsx").read_bytes() == path.read_bytes()
    plain("margin", tmp_path / "new.xlsx")
    recalculate(tmp_path / "new.xlsx", in_place=True)
    assert named_values(tmp_path / "new.xlsx")["calculated_by"].endswith("2027-01-15 08:00 UTC")


def test_opened_without_the_functions_a_saved_verdict_is_a_failure():
    # What changes by itself is calculated at each opening, so this cell shows #NAME? there.
    counts = {item.name: item.formula for item in sheets._counts(1)}
    assert counts["installed_version"] == "=IF(NOW()>0,XLHEDGE_VERSION())"


@pytest.mark.parametrize(
    ("installed", "verdict"),
    [
        ("NA()", "FAIL: the functions do not answer: not installed, or Python cannot start"),
        ('"9.9.9"', f"FAIL: version 9.9.9 is installed, this file is of {__version__}"),
    ],
    ids=["none", "another"],
)
def test_a_saved_pass_gives_way_where_the_functions_do_not_answer(
    book, tmp_path, installed, verdict
):
    """The other cells keep PASS: only what changes by itself is calculated at an opening."""
    assert named_values(book)["checks_failed"] == 0
    formula = named_formula(book, "verdict")
    assert formula.startswith("IF(ISERROR(installed_version),")
    source = tmp_path / "small.xlsx"
    small = xlsxwriter.Workbook(source)
    sheet = small.add_worksheet("Verdict")
    counts = ("installed_version", f"={installed}"), ("version_of_file", f'="{__version__}"')
    counts += ("checks_passed", "=1"), ("checks_total", "=1"), ("checks_failed", "=0")
    counts += (("functions_tested", "=1"),)
    for row, (name, text) in enumerate(counts):
        sheet.write_formula(row, 0, text)
        small.define_name(name, f"=Verdict!$A${row + 1}")
    sheet.write_formula("B1", f"={formula}")
    small.close()
    recalculate(source, in_place=True)
    assert opened(source, values=True)["Verdict"]["B1"].value == verdict


def named_formula(path, name):
    """The formula of a named cell."""
    place = opened(path).defined_names[name].attr_text.partition("!")[2].replace("$", "")
    return next(
        formula.text
        for sheet, cell, formula in formula_cells(path)
        if sheet == "Verdict" and cell.get("r") == place
    )


def lines(path):
    """The rows of Checks: number, function, call, part, expected, actual, ..., result."""
    return list(opened(path, values=True)["Checks"].iter_rows(6, None, 2, 10, values_only=True))


def test_every_check_passes_and_the_verdict_says_so(book):
    values, checks = named_values(book), lines(book)
    assert {check[-1] for check in checks} == {"PASS"}
    assert values["verdict"] == f"PASS: {len(checks)} checks of {len(CATALOG)} functions"
    assert values["checks_total"] == values["checks_passed"] == len(checks)
    assert values["checks_failed"] == 0
    assert values["installed_version"] == __version__


def test_every_function_is_called_and_nearly_all_several_times(book):
    calls = {name: set() for name in CATALOG}
    for _, function, call, *_ in lines(book):
        calls[function].add(call)
    assert all(calls.values())
    assert {name for name, made in calls.items() if len(made) < 2} <= {
        "STRESS_SCENARIOS",  # it has no arguments
        "XLHEDGE_VERSION",
    }
    assert sum(map(len, calls.values())) > 300


def test_errors_are_expected_by_their_names(book):
    expected = {check[4] for check in lines(book) if check[3] == "error"}
    assert expected == {"#DIV/0!", "#N/A", "#NUM!", "#VALUE!"}


CHANGED = {"OU_FIT", "XLHEDGE_WHY", "BASIS"}


@pytest.fixture(scope="module")
def some(tmp_path_factory):
    """A self-test with one call of most functions, which is an error where one is expected."""
    folder = tmp_path_factory.mktemp("some")
    several = rows.selected(rows.read(files("xlhedge").joinpath("golden")))
    last = {row.function: row for row in several}
    kept = [row for row in several if row.function in CHANGED or row is last[row.function]]
    book = Book("Self-test", "Most functions once", "As in the whole")
    sheets.write(book, kept)
    target = folder / "calculated.xlsx"
    recalculate(without_mark(book.save(folder / "plain.xlsx"), folder / "some.xlsx"), target)
    return target


def wrong(source, target, changes):
    """A copy in which cells of Checks hold something else."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            if part == "xl/worksheets/sheet2.xml":
                root = etree.fromstring(content)
                for cell in root.iter(f"{MAIN}c"):
                    if cell.get("r") in changes:
                        cell[:] = []
                        cell.set("t", "str")
                        value = changes[cell.get("r")]
                        if not isinstance(value, str):
                            del cell.attrib["t"]
                        etree.SubElement(cell, f"{MAIN}v").text = str(value)
                content = etree.tostring(root)
            new.writestr(part, content)
    return target


def test_a_wrong_number_text_or_error_is_found_and_the_verdict_is_fail(some, tmp_path):
    checks = lines(some)
    assert named_values(some)["verdict"].startswith(f"PASS: {len(checks)} checks")
    number = next(check for check in checks if check[1] == "OU_FIT" and check[3] == "theta")
    text = next(check for check in checks if check[1] == "XLHEDGE_WHY" and check[3] == "value")
    error = next(check for check in checks if check[1] == "BASIS" and check[4] == "#NUM!")
    changes = {
        f"F{number[0] + 5}": number[4] + 2 * number[7],
        f"F{text[0] + 5}": text[4] + ".",
        f"F{error[0] + 5}": "#VALUE!",
    }
    target = tmp_path / "calculated.xlsx"
    recalculate(wrong(some, tmp_path / "wrong.xlsx", changes), target)
    assert named_values(target)["verdict"] == f"FAIL: 3 of {len(checks)} checks"
    failed = [check[0] for check in lines(target) if check[-1] == "FAIL"]
    assert failed == sorted([number[0], text[0], error[0]])
    verdicts = {
        name: result
        for _, name, _, _, result in opened(target, values=True)["Verdict"].iter_rows(
            22, None, 2, 6, values_only=True
        )
    }
    assert {name for name, result in verdicts.items() if result == "FAIL"} == CHANGED


def test_an_exact_value_allows_rounding_only():
    row = rows.Row("BASIS", (), 2.0, 0.0, 0.0, "")
    assert row.tolerance(2e6) == pytest.approx(2e-6)
    assert row.tolerance("ok") == 0
    assert row._replace(relative=1e-6).tolerance(-2e6) == pytest.approx(2)
    assert row._replace(absolute=0.5).tolerance(2e6) == 0.5
