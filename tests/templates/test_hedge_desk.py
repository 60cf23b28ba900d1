"""The hedge desk: every figure of its dashboard against the core, its hints and its reasons."""

import zipfile
from pathlib import Path

import openpyxl
import pytest
from book_helpers import MAIN, emptied, named_values, table_values
from expected_desk import assert_desk_is_right
from lxml import etree

from xlhedge import CellError, call
from xlhedge.recalc import recalculate
from xlhedge.templates import build
from xlhedge.templates._sample import history as sample


@pytest.fixture(scope="module")
def desk(calculated_templates):
    return calculated_templates("hedge_desk")[0]


@pytest.fixture(scope="module")
def small_desk(tmp_path_factory):
    """A desk with just the rows that a VaR at 99 % needs."""
    folder = tmp_path_factory.mktemp("small")
    plain = build("hedge_desk", folder / "plain.xlsx", sample(rows=510))
    recalculate(plain, folder / "desk.xlsx")
    return folder / "desk.xlsx"


def test_the_dashboard_shows_what_the_core_gives_for_the_same_inputs(desk):
    assert_desk_is_right(desk)


def test_the_sample_is_the_sources_case(desk):
    shown = named_values(desk)
    assert shown["dash_contracts"] == -720
    assert shown["dash_action"] == "Sell 720 BTC contracts, to hold -720"
    assert shown["interval_status"] == "OK"
    assert isinstance(call("XLHEDGE_VERSION"), str)


def test_the_basis_column_is_the_function_of_that_name(desk):
    history = table_values(desk)["History"]
    for spot, futures, basis in zip(
        history["spot"], history["futures"], history["basis_bp"], strict=True
    ):
        assert basis == pytest.approx(call("BASIS", spot, futures, "bp"), abs=1e-9)


def test_the_sheet_says_that_the_sample_is_simulated(desk):
    book = openpyxl.load_workbook(desk, data_only=True)
    for name in ("Dashboard", "History"):
        text = " ".join(str(cell.value) for row in book[name]["A1:B5"] for cell in row)
        assert "imulated" in text, name
        assert "not market data" in text, name


def test_the_chart_of_scenarios_shows_the_results_after_liquidations(desk):
    book = openpyxl.load_workbook(desk, data_only=True)
    sheet, address = next(book.defined_names["stress_report"].destinations)
    anchor = book[sheet][address.replace("$", "")]
    header = [anchor.offset(0, place).value for place in range(12)]
    assert header[9:] == ["margin_call", "liquidated", "pnl_after_liquidation"]
    scenarios = [row[0] for row in call("STRESS_SCENARIOS")[1:]]
    shown = [anchor.offset(place, 0).value for place in range(1, len(scenarios) + 1)]
    assert shown == scenarios
    with zipfile.ZipFile(desk) as package:
        charts = b"".join(package.read(n) for n in package.namelist() if "charts/chart" in n)
    column = openpyxl.utils.get_column_letter(anchor.column + 11)
    first, last = anchor.row + 1, anchor.row + len(scenarios)
    assert f"{sheet}!${column}${first}:${column}${last}".encode() in charts


def test_a_desk_that_is_empty_says_what_to_enter(small_desk, tmp_path):
    target = tmp_path / "calculated.xlsx"
    recalculate(emptied(small_desk, tmp_path / "empty.xlsx"), target)
    shown = named_values(target)
    assert shown["dash_contracts"] == "complete the holdings"
    assert shown["dash_hedge_ratio"] == "paste a history"
    assert shown["dash_action"] == "Complete the sheet Portfolio"
    assert shown["dash_status"].startswith("CHECK: ")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("futures_price", "enter the futures price"),
        ("wallet_balance", "enter the wallet balance"),
    ],
)
def test_an_empty_input_gives_a_quiet_hint_and_no_error(small_desk, tmp_path, name, hint):
    half = emptied(small_desk, tmp_path / "half.xlsx", [name])
    target = tmp_path / "calculated.xlsx"
    assert recalculate(half, target).errors == []
    shown = named_values(target)
    assert shown["dash_liq_price"] == hint
    assert shown["dash_status"].startswith("CHECK: ")


def test_a_wrong_input_shows_an_error_with_its_reason(small_desk, tmp_path):
    book = zipfile.ZipFile(small_desk)
    part = "xl/worksheets/sheet2.xml"
    place = next(openpyxl.load_workbook(small_desk).defined_names["contract_size"].destinations)[1]
    root = etree.fromstring(book.read(part))
    for cell in root.iter(f"{MAIN}c"):
        if cell.get("r") == place.replace("$", ""):
            cell.find(f"{MAIN}v").text = "-1"
    wrong = tmp_path / "wrong.xlsx"
    with zipfile.ZipFile(wrong, "w") as new:
        for name in book.namelist():
            new.writestr(name, etree.tostring(root) if name == part else book.read(name))
    target = tmp_path / "calculated.xlsx"
    recalculate(wrong, target)
    values = openpyxl.load_workbook(target, data_only=True)["Risk"]
    texts = [str(cell.value) for row in values.iter_rows() for cell in row]
    assert "contract_size must be positive, got -1" in texts
    assert named_values(target)["dash_contracts"] in set(map(str, CellError))


def test_a_path_may_be_text(tmp_path):
    assert build("hedge_desk", str(tmp_path / "a.xlsx")) == Path(tmp_path / "a.xlsx")
