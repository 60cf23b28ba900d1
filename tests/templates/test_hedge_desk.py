"""The hedge desk: every figure against the core, its checks, hints, reasons and printed page."""

from pathlib import Path

import openpyxl
import pytest
from book_helpers import emptied, named_values, opened, table_values
from expected_desk import assert_desk_is_right

from xlhedge import CellError, call
from xlhedge.filling.provenance import named_cell
from xlhedge.recalc import recalculate
from xlhedge.recalc.embedded import Session
from xlhedge.templates import build
from xlhedge.templates._sample import book as sample
from xlhedge.workbook.package import Package


@pytest.fixture(scope="module")
def desk(calculated_templates):
    return calculated_templates("hedge_desk")[0]


@pytest.fixture(scope="module")
def small_desk(tmp_path_factory):
    """A desk with just the rows that a VaR at 99 % needs."""
    folder = tmp_path_factory.mktemp("small")
    plain = build("hedge_desk", folder / "plain.xlsx", sample(rows=525))
    recalculate(plain, folder / "desk.xlsx")
    return folder / "desk.xlsx"


class Tried:
    """A session in which cells are changed by name, or by table, column and row."""

    def __init__(self, path):
        self.package = Package.open(path)
        self.session = Session(self.package)

    def enter(self, name, value):
        cell = named_cell(self.package, name)
        self.session.set_value(cell.worksheet.sheet.name, cell.address, value)

    def put(self, table, name, row, value):
        found = self.package.table(table)
        column = found.area.left + found.columns.index(name)
        letter = openpyxl.utils.get_column_letter(column)
        self.session.set_value(found.sheet, f"{letter}{found.data.top + row}", value)

    def __getitem__(self, name):
        cell = named_cell(self.package, name)
        return self.session.value(cell.worksheet.sheet.name, cell.address)

    @property
    def failing(self):
        """What the failed checks found, by what they ask."""
        text = next(one.text for one in self.package.defined_names if one.name == "checks")
        sheet, _, place = text.replace("$", "").rpartition("!")
        first, _, last = place.partition(":")
        top, bottom = (int("".join(filter(str.isdigit, one))) for one in (first, last))
        return {
            self.session.value(sheet, f"C{row}"): self.session.value(sheet, f"E{row}")
            for row in range(top, bottom + 1)
            if self.session.value(sheet, f"D{row}") == "CHECK"
        }


def test_every_cell_and_the_dashboard_show_what_the_core_gives(desk):
    assert_desk_is_right(desk)


def test_the_example_is_the_sources_case(desk):
    shown = named_values(desk)
    assert shown["dash_contracts"] == -720
    assert shown["dash_action"] == "Sell 720 BTCUSDT perpetual in Venue A, to hold -720"
    assert shown["exposure_held"] == pytest.approx(63_000_000)
    assert shown["dash_status"].startswith("EXAMPLE, not your book. ")
    assert shown["failed_checks"] == 0


def test_labels_name_horizon_and_confidence(desk):
    texts = {cell.value for row in opened(desk, values=True)["Dashboard"] for cell in row}
    assert {"VaR 99 %, 1 day", "ES 99 %, 1 day", "Probability of liquidation, 7 days"} <= texts


def test_the_chart_of_scenarios_shows_results_held_and_after(desk):
    scenarios = table_values(desk)["Scenarios"]
    assert scenarios["scenario"] == [row[0] for row in call("STRESS_SCENARIOS")[1:]]
    shown = named_values(desk)
    assert shown["dash_worst_loss_held"] == pytest.approx(-min(scenarios["held"]))
    assert shown["dash_worst_loss_after"] == pytest.approx(-min(scenarios["after_trade"]))


def test_a_desk_that_is_empty_says_what_to_enter(small_desk, tmp_path):
    target = tmp_path / "calculated.xlsx"
    recalculate(emptied(small_desk, tmp_path / "empty.xlsx"), target)
    shown = named_values(target)
    assert shown["dash_contracts"] == "complete the positions on Book"
    assert shown["dash_as_of"] == "paste a history"
    assert shown["dash_status"].startswith("CHECK: ")


def test_a_wrong_input_shows_an_error_with_its_reason(small_desk, tmp_path):
    book = openpyxl.load_workbook(small_desk)
    sheet, place = next(book.defined_names["confidence"].destinations)
    book[sheet][place.replace("$", "")] = 2
    book.save(tmp_path / "wrong.xlsx")
    recalculate(tmp_path / "wrong.xlsx", tmp_path / "calculated.xlsx")
    values = openpyxl.load_workbook(tmp_path / "calculated.xlsx", data_only=True)["Risk"]
    texts = [str(cell.value) for row in values.iter_rows() for cell in row]
    assert any(text.startswith("confidence must lie") for text in texts)
    assert named_values(tmp_path / "calculated.xlsx")["dash_var_held"] in set(map(str, CellError))


def test_a_path_may_be_text(tmp_path):
    assert build("hedge_desk", str(tmp_path / "a.xlsx")) == Path(tmp_path / "a.xlsx")
