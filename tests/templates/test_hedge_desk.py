"""The hedge desk: every figure against the core, its checks, hints, reasons and printed page."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from book_helpers import named_values, opened, rows_of, table_values
from book_values import place
from expected_desk import assert_desk_is_right
from mistakes import failing, with_mistakes

from xlhedge import CellError, call
from xlhedge.filling.provenance import named_cell
from xlhedge.recalc import recalculate
from xlhedge.recalc.embedded import LoadedWorkbook
from xlhedge.templates import _book_tables, build
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


def _place(cell):
    return cell.area.sheet, str(cell.area.area)


class Tried:
    """A session in which cells are changed by name, or by table, column and row."""

    def __init__(self, path):
        self.package = Package.open(path)
        self.session = LoadedWorkbook(self.package)

    def enter(self, name, value):
        cell = named_cell(self.package, name)
        self.session.set_value(*_place(cell), value)

    def put(self, table, name, row, value):
        found = self.package.table(table)
        column = found.area.left + found.columns.index(name)
        letter = openpyxl.utils.get_column_letter(column)
        self.session.set_value(found.sheet, f"{letter}{found.data.top + row}", value)

    def __getitem__(self, name):
        cell = named_cell(self.package, name)
        return self.session.value(*_place(cell))

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
    assert shown["dash_checks"] == "none failed; 1 could not be judged (sheet Checks)"


def test_a_book_has_all_columns_of_its_ranges_held_and_after_the_trade(desk):
    book, found = opened(desk, values=True), table_values(desk)
    for ranges, name, top in ((_book_tables.POSITIONS, "Positions", "B47"),
                              (_book_tables.ACCOUNTS, "Accounts", "N47")):  # fmt: skip
        columns = [column.name for column in ranges]
        after = book["Trade"][top]
        assert list(found[name])[: len(columns)] == columns
        assert [after.offset(0, place).value for place in range(len(columns))] == columns
    assert list(found["Brackets"]) == [column.name for column in _book_tables.BRACKETS]


def test_labels_name_horizon_and_confidence(desk):
    texts = {cell.value for row in opened(desk, values=True)["Dashboard"] for cell in row}
    assert {"VaR 99 %, 1 day", "ES 99 %, 1 day", "Probability of liquidation, 7 days"} <= texts


def test_the_chart_of_scenarios_shows_results_held_and_after(desk):
    scenarios = table_values(desk)["Scenarios"]
    assert scenarios["scenario"] == [row[0] for row in call("STRESS_SCENARIOS")[1:]]
    shown = named_values(desk)
    assert shown["dash_worst_loss_held"] == pytest.approx(-min(scenarios["held"]))
    assert shown["dash_worst_loss_after"] == pytest.approx(-min(scenarios["after_trade"]))


def test_a_desk_that_is_empty_says_what_to_enter(empty_templates):
    shown = named_values(empty_templates("hedge_desk")[0])
    assert shown["dash_contracts"] == "complete the positions on Book"
    assert shown["dash_as_of"] == "paste a history"
    assert shown["dash_status"].startswith("CHECK: ")


def test_a_wrong_input_shows_an_error_with_its_reason(desk, tmp_path):
    wrong = with_mistakes(desk, tmp_path / "wrong.xlsx", {}, {"confidence": 2})
    texts = [str(cell) for row in rows_of(wrong, "Risk") for cell in row]
    assert any(text.startswith("confidence must lie") for text in texts)
    assert named_values(wrong)["dash_var_held"] in set(map(str, CellError))


def test_a_path_may_be_text(tmp_path):
    assert build("hedge_desk", str(tmp_path / "a.xlsx")) == Path(tmp_path / "a.xlsx")


MISTAKES = {
    "a coin that History lacks": ([("Positions", "asset", 1, "DOGE")],
                                  "Coins of Positions in History", "no column DOGE spot"),
    "a future without an account": ([("Positions", "account", 2, None)],
                                    "Futures have an account", "row 3 of Positions is a future"),
    "an account forgotten": ([("Positions", "account", 2, "Venue B")],
                             "Accounts of the positions", "Venue B is not in Accounts"),
    "spot in an account": ([("Positions", "account", 0, "Venue A")],
                           "Spot is in custody", "row 1 of Positions is spot with an account"),
    "coins taken for dollars": ([("Positions", "instrument", 2, "inverse"),
                                 ("Positions", "quantity", 2, -1000)],
                                "Coins behind inverse contracts", "no balance in BTC"),
    "inverse contracts without a face": ([("Positions", "instrument", 2, "inverse"),
                                          ("Positions", "contract_size", 2, None)],
                                         "Face of inverse contracts", "row 3 of Positions"),
    "an expired future": ([("Positions", "days", 2, 0)],
                          "Expiry", "row 3 of Positions has expired"),
    "a liquidation fee in per cent": ([("Positions", "fee_rate", 2, 0.5)],
                                      "Liquidation fees", "0.05 % is 0.0005"),
    "a stale price": ([("Positions", "price", 0, 60_000)],
                      "Prices of Positions against History", "price of BTC differs by 14.3%"),
    "a future's price far from its coin's": ([("Positions", "price", 2, 56_000)],
                                             "Prices of one coin", "in the rows 1, 3 of"),
    "the sign of a short": ([("Positions", "quantity", 2, 300)],
                            "Sign of the futures held", "a short has a negative quantity"),
    "a beta far from the history's": ([("Positions", "beta", 1, 0.2)],
                                      "Betas against History", "the history says 1.57"),
    "brackets of another coin": ([("Brackets", "asset", row, "SOL") for row in range(12)],
                                 "Brackets of every future", "none for BTC"),
    "brackets in per cent": ([("Brackets", "rate", row, 40) for row in range(12)],
                             "Brackets in decimals", "rates are decimals"),
    "a haircut in per cent": ([("Accounts", "haircut", 0, 5)],
                              "Haircuts and rates of debts", "5 % is 0.05"),
    "shocks in per cent": ([("Scenarios", "spot_shock", 0, 30)],
                           "Size of shocks", "15 % is 0.15"),
    "a basis shock in per cent": ([("Scenarios", "basis_shock", 1, -5)],
                                  "Size of shocks", "below -100 %"),
    "a coin's own shock in per cent": ([("Scenarios", "ETH", 2, -30)],
                                       "Size of shocks", "below -100 %"),
    "funding of a scenario in per cent": ([("Scenarios", "funding_rate", 0, -0.05)],
                                          "Funding of scenarios", "0.01 % is 0.0001"),
    "a scenario twice": ([("Scenarios", "scenario", 1, call("STRESS_SCENARIOS")[1][0])],
                         "Names of scenarios", "have one name"),
}  # fmt: skip
"""A mistake: cells that are entered, the check that fails, and what it says."""


@pytest.mark.slow
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_takes_the_status_and_says_what_to_do(small_desk, mistake):
    cells, label, words = MISTAKES[mistake]
    tried = Tried(small_desk)
    assert tried.failing == {}
    for cell in cells:
        tried.put(*cell)
    assert words in tried.failing[label]
    assert tried["dash_status"].startswith("CHECK: ")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("column", "factor", "label"),
    [
        ("BTC funding", 100.0, "Size of funding of BTC"),
        ("ETH futures", 0.5, "ETH: prices of spot and future"),
    ],
)
def test_a_column_in_another_unit_is_found(tmp_path, column, factor, label):
    rows = sample(rows=525)
    coin, _, kind = column.partition(" ")
    markets = tuple(
        one._replace(**{kind: getattr(one, kind) * factor}) if one.asset == coin else one
        for one in rows.markets
    )
    path = build("hedge_desk", tmp_path / "desk.xlsx", replace(rows, markets=markets))
    recalculate(path, in_place=True)
    assert label in Tried(path).failing
    shown = named_values(path)
    assert shown["dash_status"].startswith("CHECK: ")


@pytest.mark.slow
def test_prices_of_another_clock_are_found(tmp_path):
    rows = sample(rows=525)
    late = rows.markets[1]._replace(futures=np.roll(rows.markets[1].futures, 1))
    path = build(
        "hedge_desk", tmp_path / "desk.xlsx", replace(rows, markets=(rows.markets[0], late))
    )
    recalculate(path, in_place=True)
    assert "ETH: spot and future in step" in Tried(path).failing


@pytest.mark.slow
def test_no_light_is_green_where_a_check_of_its_inputs_failed(small_desk):
    tried = Tried(small_desk)
    tried.put("Positions", "price", 0, 60_000)
    sheet = opened(small_desk)["Dashboard"]
    lights = [
        tried.session.value("Dashboard", f"{letter}{row}")
        for row in range(10, 10 + 23)
        for letter in "FH"
    ]
    assert sheet["F9"].value == sheet["H9"].value == "Light"
    assert set(lights) <= {"CHECK"}


def test_the_dashboard_prints_on_one_page_in_type_of_eight_points(desk):
    sheet = opened(desk)["Dashboard"]
    fit = sheet.page_setup.fitToHeight, sheet.page_setup.fitToWidth
    assert all(pages in (None, 1) for pages in fit)  # what is left out is 1
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "portrait")
    area = sheet.print_area.replace("$", "").rpartition("!")[2]
    left, top, right, bottom = openpyxl.utils.range_boundaries(area)
    widths = sum(
        sheet.column_dimensions[openpyxl.utils.get_column_letter(column)].width or 9
        for column in range(left, right + 1)
    )
    heights = sum(sheet.row_dimensions[row].height or 18 for row in range(top, bottom + 1))
    margins = sheet.page_margins
    across = (8.27 - margins.left - margins.right) * 96 / (7 * widths)
    down = (11.69 - margins.top - margins.bottom) * 72 / heights
    sizes = {cell.font.sz for row in sheet[area] for cell in row if cell.value is not None}
    assert min(across, down, 1) * min(sizes) >= 8


READ = [
    ("positions", "Positions", "quantity", 1, 1.1),
    ("accounts", "Accounts", "balance", 1, 0.5),
    ("brackets", "Brackets", "rate", 1, 3),
    ("history", "History", "BTC spot", -20, 1.02),
    ("history", "History", "BTC funding", -10, 5),
    ("funding", "History", "BTC funding", -10, 5),
    ("scenarios", "Scenarios", "spot_shock", 1, 1.1),
]
"""Area of checks, a cell that it is about, rows from the end below 0, and its factor."""


@pytest.mark.slow
@pytest.mark.parametrize(("area", "table", "column", "row", "factor"), READ)
def test_a_light_hangs_on_the_checks_of_every_table_that_its_figure_reads(
    area, table, column, row, factor, desk, tmp_path
):
    values = table_values(desk)[table][column]
    row = row % (len(values) + 1)
    cells = {(table, column, row): values[row - 1] * factor}
    path = with_mistakes(desk, tmp_path / "other.xlsx", cells)
    book, before, after = opened(path), named_values(desk), named_values(path)
    changed = [
        name
        for name, value in after.items()
        if name.startswith("dash_") and name.endswith(("_held", "_after")) and value != before[name]
    ]
    assert changed
    for name in changed:
        sheet, address = place(book, name)
        light = book[sheet][address].offset(0, 1).value
        assert f"failed_in_{area}" in light, name


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "in_error", "told"),
    [
        (("Brackets", "rate", 1), "Brackets in decimals", ""),
        (("History", "BTC spot", 525), "BTC: the price moves", "Numbers of History[BTC spot]"),
        (("Positions", "quantity", 2), "Rows that are there twice", "Complete positions"),
        (("Accounts", "balance", 1), "", "Complete accounts"),
        (("History", "time", 500), "Age of History", ""),
    ],
    ids=str,
)
def test_an_error_in_a_table_is_told_and_no_other_cause(small_desk, tmp_path, cell, in_error, told):
    table = cell[0]
    found = failing(with_mistakes(small_desk, tmp_path / "wrong.xlsx", {cell: CellError.NA}))
    if in_error:
        assert found[in_error] == "it cannot be judged: something that it reads is in error"
    if told:
        assert "complete" in found[told]
    assert "Room for the book" not in found
    # Only one table is the user's now: what is said of the others is that they are examples.
    assert all(table not in label for label in found if label.startswith("Rows of "))
