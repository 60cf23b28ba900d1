"""The embedded engine and Calc: every function, every template, and what docs/engines.md says."""

import re
from datetime import datetime
from functools import cache

import pytest
import real_tables
import xlsxwriter
from calc_cases import Sheets, catalogue_cases, golden_cases
from calc_helpers import as_calc_shows, calc, evaluated
from checked_books import judge_at
from places import DOCS
from shared_data import DATA, needs_data

from xlhedge import CellError
from xlhedge.formula.addresses import parse_area
from xlhedge.recalc import Package, recalculate
from xlhedge.recalc.agreement import BothEngines, agree, differences
from xlhedge.recalc.embedded import EmbeddedEngine
from xlhedge.templates import TEMPLATES, build, fill, read_history

ENGINES = DOCS / "engines.md"
WORKBOOKS = ENGINES.parents[1] / "workbooks"
EITHER = [
    pytest.param("embedded", id="embedded"),
    pytest.param("calc", id="calc", marks=pytest.mark.calc),
]


@pytest.fixture(scope="module")
def calls(tmp_path_factory):
    """A workbook with the catalogue's or the golden cases, and where each is."""

    @cache
    def written(cases):
        sheets = Sheets(tmp_path_factory.mktemp("calls") / "calls.xlsx")
        placed = [(case, *sheets.write(case)) for case in cases()]
        return sheets.close(), placed

    return written


@pytest.fixture(scope="module")
def answers(calls):
    """The values that each engine gives for cases, calculated when first asked for."""

    @cache
    def values(name, cases):
        engine = EmbeddedEngine() if name == "embedded" else calc()
        return evaluated(engine, calls(cases)[0]).sheets["Calls"].values

    return values


GOLDEN = pytest.param("golden", marks=pytest.mark.slow)
"""The self-test calls golden rows in cells with each run of the tests."""


@pytest.mark.parametrize("engine", EITHER)
@pytest.mark.parametrize("kind", ["numbers", "omitted", "blank", "text", "error", "range", GOLDEN])
def test_a_cell_gives_what_the_call_gives(calls, answers, engine, kind):
    cases = golden_cases if kind == "golden" else catalogue_cases
    values = answers(engine, cases)
    wrong = []
    chosen = [item for item in calls(cases)[1] if item[0].kind == kind]
    for case, rows, top in chosen:
        got = [
            [values.get((row, column)) for column in range(1, len(line) + 1)]
            for row, line in enumerate(rows, top)
        ]
        pairs = [pair for lines in zip(got, rows, strict=True) for pair in zip(*lines, strict=True)]
        if not all(agree(one, other) for one, other in pairs):
            wrong.append(f"{case.name}: {got}, not {rows}")
    assert chosen
    assert not wrong


def wrecked(path, target, name, value):
    """A copy of a workbook with another value in the cell of a defined name."""
    package = Package.open(path)
    text = next(item.text for item in package.defined_names if item.name == name)
    sheet, _, place = text.replace("$", "").rpartition("!")
    area = parse_area(place)
    part = next(item.part for item in package.worksheets if item.name == sheet.strip("'"))
    for cell in package.tree(part).iter("{*}c"):
        if cell.get("r") == str(area):
            cell.find("{*}v").text = str(value)
            cell.attrib.pop("t", None)
    package.changed(part)
    target.write_bytes(package.to_bytes())
    return target


def told(first, second):
    return list(map(str, differences(first, second)))


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """The hedge desk with its sample, calculated."""
    path = build("hedge_desk", tmp_path_factory.mktemp("desk") / "desk.xlsx")
    recalculate(path, in_place=True)
    return path


@pytest.mark.calc
@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_the_same_in_the_embedded_engine_as_engine_and_as_calc_itself(name, tmp_path):
    path = build(name, tmp_path / "book.xlsx")
    embedded = evaluated(EmbeddedEngine(), path)
    assert not told(embedded, evaluated(calc(), path))
    recalculate(path, in_place=True)
    shown = as_calc_shows(path)
    if name == "self_test":  # it is calculated where it is opened: without the functions it fails
        assert "FAIL" in shown["Verdict"][4, 3]
        return
    wrong = [
        (sheet, place, value, shown[sheet].get(place))
        for sheet, found in embedded.sheets.items()
        for place, value in found.values.items()
        if not agree(value, shown[sheet].get(place))
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("name", "value"), [("horizon_days", -1), ("vol_decay", 0), ("confidence", 2)]
)
@pytest.mark.calc
def test_both_engines_show_the_same_errors_where_an_input_is_wrong(name, value, desk, tmp_path):
    path = wrecked(desk, tmp_path / "wrecked.xlsx", name, value)
    first = evaluated(EmbeddedEngine(), path)
    assert any(isinstance(v, CellError) for s in first.sheets.values() for _, v in s.values.items())
    assert not told(first, evaluated(calc(), path))


MOMENT = datetime(2026, 6, 1)
"""When the books are judged: two engines look at the clock at two moments."""
YEARS = {"hedge_desk": datetime(2022, 1, 1)}
"""Since when the real history goes into a template; else since 2025."""


@needs_data
@pytest.mark.calc
@pytest.mark.parametrize("name", [name for name, one in TEMPLATES.items() if one.takes_history])
def test_both_engines_agree_on_a_template_with_real_history(name, tmp_path):
    history = read_history(
        DATA / "binance_BTCUSDT_spot_perp_ohlc_8h.csv",
        DATA / "binance_BTCUSDT_funding_8h.csv",
        mapping={
            "open_time_utc": "time", "spot_close": "spot", "perp_close": "futures",
            "funding_time_utc": "time",
        },
        since=YEARS.get(name, datetime(2025, 1, 1)),
        shift_hours=8.0,
    )  # fmt: skip
    path = build(name, tmp_path / "book.xlsx", history)
    judge_at(path, MOMENT)
    both = BothEngines(EmbeddedEngine(), calc())
    recalculate(path, in_place=True, engine=both)
    # Ages are judged now, and one engine calculates after the other.
    judged = next((one.text for one in Package.open(path).defined_names
                   if one.name == "judged_at"), "").replace("$", "")  # fmt: skip
    told = [str(one) for one in both.differences if f"{one.sheet}!{one.address}" != judged]
    assert not told


REAL = {
    "funding_table": real_tables.payments,
    "margin": real_tables.coins,
    "portfolio": real_tables.portfolio,
    "volatility_target": lambda: real_tables.candles("BTC"),
}
"""What goes into the templates that take no history; the self-test has its published numbers."""


@needs_data
@pytest.mark.calc
@pytest.mark.parametrize("name", REAL)
def test_both_engines_agree_on_a_template_filled_with_real_tables(name, tmp_path):
    path = build(name, tmp_path / "book.xlsx")
    fill(path, REAL[name]())
    judge_at(path, MOMENT)
    assert not told(evaluated(EmbeddedEngine(), path), evaluated(calc(), path))


def test_every_template_that_takes_data_is_compared_on_real_data():
    with_history = {name for name, one in TEMPLATES.items() if one.takes_history}
    assert {*REAL, *with_history, "self_test"} == set(TEMPLATES)
    assert not Package.open(WORKBOOKS / "self_test.xlsx").tables


def listed(title):
    """The rows of the table below a heading of docs/engines.md."""
    section = ENGINES.read_text(encoding="utf-8").partition(f"## {title}")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line[:1] == "|"]
    return [[cell.strip("`") for cell in row] for row in rows[2:]]


def enter(sheet, cells, formula):
    """Cells such as "A1: 0.1, A2: `=NA()`" and an array formula in K1."""
    for place, value in re.findall(r"([A-Z]+\d+): `?([^,`]+)`?", cells):
        sheet.write(place, value == "TRUE" or number(value))
    if "B1:C11" in cells:
        sheet.write_dynamic_array_formula("B1:I13", "=STRESS_SCENARIOS()")
    sheet.write_dynamic_array_formula("K1", formula)


def number(text):
    try:
        return float(text)
    except ValueError:
        return text


def shown(value):
    """A value as the tables of docs/engines.md write it."""
    if isinstance(value, bool):
        return str(value).upper()
    return f"{value:.9g}" if isinstance(value, float) else str(value)


PASSED = listed("Our functions in Calc itself")


@pytest.fixture(scope="module")
def passed(tmp_path_factory):
    """Each row of the table on a sheet of its own, as call, Calc itself and the engine show it."""
    path = tmp_path_factory.mktemp("passed") / "book.xlsx"
    with xlsxwriter.Workbook(str(path), {"use_future_functions": True, "in_memory": True}) as book:
        for number, (cells, formula, *_) in enumerate(PASSED, 1):
            enter(book.add_worksheet(f"Sheet{number}"), cells, formula)
    embedded, engine = evaluated(EmbeddedEngine(), path), evaluated(calc(), path)
    itself = as_calc_shows(path)
    sheets = [f"Sheet{number}" for number in range(1, len(PASSED) + 1)]
    return [
        [
            embedded.sheets[name].values[1, 11],
            itself[name][1, 11],
            engine.sheets[name].values[1, 11],
        ]
        for name in sheets
    ]


@pytest.mark.calc
@pytest.mark.parametrize("row", range(len(PASSED)), ids=[row[1] for row in PASSED])
def test_what_calc_cannot_pass_is_as_the_manual_says(row, passed):
    assert list(map(shown, passed[row])) == PASSED[row][2:]


OWN = listed("What is LibreOffice's or formualizer's own")


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    path = tmp_path_factory.mktemp("own") / "own.xlsx"
    with xlsxwriter.Workbook(str(path), {"use_future_functions": True, "in_memory": True}) as book:
        sheet = book.add_worksheet("Sheet1")
        sheet.write_column("A1", [1, 2, 3, 4, 5, True])
        for row, (formula, *_) in enumerate(OWN):
            sheet.write_dynamic_array_formula(row, 3, row, 3, formula)
    return path


@pytest.mark.parametrize(
    ("engine", "column"),
    [("embedded", 2), pytest.param("calc", 3, marks=pytest.mark.calc)],
)
def test_what_is_an_engines_own_is_as_the_manual_says(own, engine, column):
    results = evaluated(EmbeddedEngine() if engine == "embedded" else calc(), own)
    values = results.sheets["Sheet1"].values
    got = {row[0]: as_number(values.get((place, 4), "kept")) for place, row in enumerate(OWN, 1)}
    assert got == {row[0]: as_number(row[column]) for row in OWN}


def as_number(value):
    """TRUE is 1 inside Calc's arrays."""
    return {"TRUE": "1", "FALSE": "0"}.get(shown(value), shown(value))
