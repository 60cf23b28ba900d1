"""The template workbooks: their bytes, their formulas, their values."""

import math
import re
import zipfile
from functools import cache
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest
from lxml import etree
from openpyxl.formula import Tokenizer
from openpyxl.utils import FORMULAE, range_boundaries

from xlhedge import CellError, call
from xlhedge.books import TEMPLATES, build
from xlhedge.books._sample import history as sample
from xlhedge.books.hedge_desk import DASHBOARD
from xlhedge.catalog import CATALOG
from xlhedge.errors import FileError, InputError
from xlhedge.recalc import recalculate

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
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
PREFIX = re.compile(r"_xlfn\.|_xlws\.|_xlpm\.")


@pytest.fixture(scope="module", params=sorted(TEMPLATES))
def template(request, tmp_path_factory):
    """A template, not calculated."""
    return build(request.param, tmp_path_factory.mktemp("books") / f"{request.param}.xlsx")


@pytest.fixture(scope="module")
def calculated(template):
    """The template with its values, and what the recalculation reported."""
    target = template.with_name(f"calculated_{template.name}")
    return target, recalculate(template, target)


@cache
def formula_cells(path):
    """Sheet, cell and XML element of every formula."""
    return list(_formula_cells(path))


def _formula_cells(path):
    with zipfile.ZipFile(path) as package:
        book = etree.fromstring(package.read("xl/workbook.xml"))
        names = [sheet.get("name") for sheet in book.find(f"{MAIN}sheets")]
        for number, name in enumerate(names, 1):
            sheet = etree.fromstring(package.read(f"xl/worksheets/sheet{number}.xml"))
            for cell in sheet.iter(f"{MAIN}c"):
                formula = cell.find(f"{MAIN}f")
                if formula is not None:
                    yield name, cell, formula


def tables(path):
    """Sheet to the ranges of its tables."""
    book = openpyxl.load_workbook(path)
    return {
        sheet.title: [range_boundaries(table.ref) for table in sheet.tables.values()]
        for sheet in book
    }


def in_table(places, sheet, address):
    column, row, *_ = range_boundaries(address)
    return any(
        left <= column <= right and top < row <= bottom
        for left, top, right, bottom in places[sheet]
    )


@cache
def walk(text):
    """Calls with their number of arguments, and the other operands, by openpyxl's tokenizer."""
    calls, operands, stack = [], [], []
    for token in Tokenizer("=" + text.removeprefix("=")).items:
        if token.type == "FUNC" and token.subtype == "OPEN":
            stack.append([PREFIX.sub("", token.value[:-1]), 0, True])
        elif token.type == "FUNC":
            name, separators, empty = stack.pop()
            calls.append((name, 0 if empty and not separators else separators + 1))
        elif token.type == "SEP" and stack:
            stack[-1][1] += 1
        else:
            if token.type == "OPERAND":
                operands.append((token.subtype, token.value))
            if stack:
                stack[-1][2] = False
        if token.type == "FUNC" and token.subtype == "CLOSE" and stack:
            stack[-1][2] = False
    return calls, operands


def conditional_formulas(path):
    """The formulas of conditional formats and data validations."""
    for sheet in openpyxl.load_workbook(path):
        for ranges in sheet.conditional_formatting:
            for rule in ranges.rules:
                yield from rule.formula
        for rule in sheet.data_validations.dataValidation:
            yield from filter(None, (rule.formula1, rule.formula2))


def test_two_builds_give_the_same_bytes(template, tmp_path):
    again = build(template.stem, tmp_path / "again.xlsx")
    assert again.read_bytes() == template.read_bytes()


def test_every_formula_calls_known_functions_with_the_right_number_of_arguments(template):
    ours = 0
    for sheet, cell, formula in formula_cells(template):
        for name, count in walk(formula.text)[0]:
            place = f"{sheet}!{cell.get('r')}: {formula.text}"
            assert name not in VOLATILE, place
            if name not in CATALOG:
                assert name in FORMULAE, place
                continue
            parameters = CATALOG[name].parameters
            required = sum(not (p.optional or p.variadic) for p in parameters)
            assert required <= count, place
            assert count <= len(parameters) or parameters[-1].variadic, place
            ours += 1
    assert ours > 20


def test_no_formula_holds_a_number_other_than_0_and_1(template):
    texts = {formula.text for _, _, formula in formula_cells(template)}
    for text in texts:
        numbers = {value for kind, value in walk(text)[1] if kind == "NUMBER"}
        assert numbers <= {"0", "1"}, text


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


def test_every_name_used_is_defined_and_every_name_defined_is_used(template):
    book = openpyxl.load_workbook(template)
    defined = set(book.defined_names)
    known = defined | {table for sheet in book for table in sheet.tables}
    texts = {formula.text for _, _, formula in formula_cells(template)}
    used = set()
    for text in texts | set(conditional_formulas(template)):
        for kind, value in walk(text)[1]:
            if kind == "RANGE" and re.fullmatch(r"[A-Za-z_]\w*(\[.*)?", value):
                name = value.partition("[")[0]
                if not re.fullmatch(r"\$?[A-Z]{1,3}\$?\d+", value):
                    used.add(name)
    assert used <= known
    # A name that no formula uses names a result, for readers; an input without a use is dead.
    results = {(sheet, cell.get("r")) for sheet, cell, _ in formula_cells(template)}
    for name in defined - used:
        sheet, address = next(book.defined_names[name].destinations)
        assert name.startswith("ou_") or (sheet, address.replace("$", "")) in results, name


def test_no_formula_reads_an_empty_input_by_name(template):
    book = openpyxl.load_workbook(template)
    for name, item in book.defined_names.items():
        for sheet, address in item.destinations:
            if ":" not in address and not name.startswith("ou_"):
                assert book[sheet][address.replace("$", "")].value is not None, name


def test_no_workbook_reaches_outside_or_merges_cells(template):
    with zipfile.ZipFile(template) as package:
        assert not [name for name in package.namelist() if "external" in name.lower()]
        for name in package.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert b"<mergeCell" not in package.read(name)


def test_every_sheet_is_ready_to_print_and_hides_nothing(template):
    for sheet in openpyxl.load_workbook(template):
        assert sheet.sheet_state == "visible"
        assert sheet.print_area
        assert sheet.page_setup.fitToWidth in (None, 1)
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


def test_a_second_recalculation_changes_nothing(calculated, tmp_path):
    path, _ = calculated
    again = tmp_path / "again.xlsx"
    assert not recalculate(path, again).changed


def named_values(path):
    """Name to the value of its cell."""
    book = openpyxl.load_workbook(path, data_only=True)
    values = {}
    for name, item in book.defined_names.items():
        for sheet, address in item.destinations:
            values[name] = book[sheet][address.replace("$", "")].value
    return values


def table_values(path):
    """Table to its columns, and to all its rows with the header."""
    book = openpyxl.load_workbook(path, data_only=True)
    found = {}
    for sheet in book:
        for name, table in sheet.tables.items():
            rows = [[cell.value for cell in row] for row in sheet[table]]
            found[name] = {header: column for header, *column in zip(*rows, strict=True)}
            found[f"{name}[#All]"] = rows
    return found


def expected_desk(path):
    """The dashboard from the inputs alone, by a way that reads no result of the workbook."""
    cell, table = named_values(path), table_values(path)
    history, holdings, tiers = table["History"], table["Holdings"], table["Tiers[#All]"]

    def column(values):
        return [[value] for value in values]

    spot, futures = column(history["spot"]), column(history["futures"])
    price, size = cell["futures_price"], cell["contract_size"]
    worth = [q * p for q, p in zip(holdings["Quantity"], holdings["Price"], strict=True)]
    betas = holdings["Beta"]
    exposure = sum(value * beta for value, beta in zip(worth, betas, strict=True))
    target = call("BETA_CONTRACTS", column(worth), column(betas), price, size,
                  cell["hedge_fraction"], cell["target_beta"], cell["lot"])  # fmt: skip
    trade = call("HEDGE_TRADE", cell["current_contracts"], target, cell["rebalance_band"],
                 cell["lot"])  # fmt: skip
    position = cell["current_contracts"] + trade
    hedged = -position * size * price
    interval = cell["interval_hours"]
    year = 365 * 24 / interval
    basis = [[math.log(s / f)] for (s,), (f,) in zip(spot, futures, strict=True)]
    fit = dict(call("OU_FIT", basis, interval / 24))
    periods = round(cell["horizon_days"] * 24 / interval)
    volatility = call("VOL_EWMA", spot, cell["vol_decay"], year)
    share = call("VOL_TARGET_HEDGE", cell["target_volatility"], volatility, fit["sigma"])
    liquidation = call("LIQ_PRICE", position, cell["entry_price"], cell["wallet_balance"], None,
                       size, "linear", None, cell["liquidation_fee"],
                       cell["margin_convention"], tiers)  # fmt: skip
    side = "short" if position < 0 else "long"
    returns = [[b / a - 1] for (a,), (b,) in pairwise(spot)]
    positions = [["asset", "instrument", "quantity", "price", "beta", "contract_size",
                  "entry_price", "account", "maintenance_rate", "maintenance_amount"],
                 [cell["hedge_asset"], "linear", position, price, 1, size, cell["entry_price"],
                  "Futures account", call("MARGIN_TIER", abs(hedged), tiers, "rate"),
                  call("MARGIN_TIER", abs(hedged), tiers, "amount")],
                 *([asset, "spot", quantity, spot_price, beta, None, None, None, None, None]
                   for asset, quantity, spot_price, beta in zip(
                       holdings["Asset"], holdings["Quantity"], holdings["Price"], betas,
                       strict=True))]  # fmt: skip
    accounts = [["account", "balance"], ["Futures account", cell["wallet_balance"]]]
    header, *stressed = call("STRESS_PNL", positions, call("STRESS_SCENARIOS"), accounts)
    report = [dict(zip(header, row, strict=True)) for row in stressed]
    worst = min(report, key=lambda row: row["pnl_after_liquidation"])
    return {
        "dash_contracts": trade,
        "dash_hedge_ratio": call("HEDGE_RATIO", spot, futures),
        "dash_liq_price": liquidation,
        "dash_liq_distance": (liquidation / price - 1) * (1 if side == "short" else -1),
        "dash_liq_probability": call("LIQ_PROBABILITY", price, liquidation, volatility,
                                     cell["liquidation_days"], None, side),
        "dash_worst_scenario": worst["scenario"],
        "dash_worst_loss": -worst["pnl_after_liquidation"],
        "dash_worst_call": max(row["margin_call"] for row in report),
        "dash_liquidations": sum(row["liquidated"] > 0 for row in report),
        "dash_basis_bp": call("BASIS", spot[-1][0], futures[-1][0], "bp"),
        "dash_half_life": fit["half_life_days"],
        "dash_basis_var": call("BASIS_VAR", spot, futures, hedged, cell["confidence"], periods,
                               cell["basis_scaling"], cell["risk_measure"]),
        "dash_funding": call("FUNDING_ANNUAL", column(history["funding_rate"]), interval),
        "dash_market_var": call("VAR_HISTORICAL", returns, exposure - hedged,
                                cell["confidence"], cell["risk_measure"]),
        "dash_volatility": volatility,
        "dash_exposure": call("VOL_TARGET_EXPOSURE", cell["target_volatility"], volatility, 1,
                              cell["max_leverage"]),
        "dash_hedge_share": share,
        "dash_hedge_surplus": hedged / exposure - share,
    }  # fmt: skip


def assert_desk_is_right(path):
    shown, expected = named_values(path), expected_desk(path)
    assert set(expected) == {figure.name for figure in DASHBOARD} - {
        "dash_status",
        "dash_action",
        "dash_as_of",
    }
    assert shown["dash_as_of"] == table_values(path)["History"]["time"][-1]
    for name, want in expected.items():
        got = shown[name]
        if isinstance(want, str):
            assert got == want, name
        else:
            assert got == pytest.approx(want, rel=1e-12, abs=1e-15), name


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("desk")
    plain = build("hedge_desk", folder / "plain.xlsx")
    recalculate(plain, folder / "desk.xlsx")
    return folder / "desk.xlsx"


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


def emptied(source, target, names, ranges=()):
    """A copy of a workbook in which named cells, and constants in ranges, have been cleared."""
    book = openpyxl.load_workbook(source)
    wanted = {name: set() for name in book.sheetnames}
    for name in names:
        sheet, address = next(book.defined_names[name].destinations)
        wanted[sheet].add(address.replace("$", ""))
    for sheet, area in ranges:
        cells = [cell for row in book[sheet][area] for cell in row]
        wanted[sheet] |= {c.coordinate for c in cells if c.data_type != "f"}
    parts = {f"xl/worksheets/sheet{i}.xml": name for i, name in enumerate(book.sheetnames, 1)}
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            if part in parts:
                root = etree.fromstring(content)
                for cell in root.iter(f"{MAIN}c"):
                    if cell.get("r") in wanted[parts[part]]:
                        cell[:] = []
                        cell.attrib.pop("t", None)
                content = etree.tostring(root)
            new.writestr(part, content)
    return target


def inputs(path):
    """The names of the cells that a user fills, the unit constants aside."""
    book = openpyxl.load_workbook(path)
    calculated = {(sheet, cell.get("r")) for sheet, cell, _ in formula_cells(path)}
    units = {"hours_per_day", "days_per_year", "bp_per_unit", "gap_tolerance"}
    for name, item in book.defined_names.items():
        for sheet, address in item.destinations:
            spilled = name.startswith("ou_") or name in units
            single = ":" not in address
            if single and not spilled and (sheet, address.replace("$", "")) not in calculated:
                yield name


def test_a_desk_that_is_empty_shows_hints_and_no_error(small_desk, tmp_path):
    book = openpyxl.load_workbook(small_desk)
    bodies = []
    for sheet in book:
        for area in sheet.tables.values():
            left, top, right, bottom = range_boundaries(area.ref)
            first, last = sheet.cell(top + 1, left), sheet.cell(bottom, right)
            bodies.append((sheet.title, f"{first.coordinate}:{last.coordinate}"))
    names = list(inputs(small_desk))
    assert len(names) > 20
    target = tmp_path / "calculated.xlsx"
    report = recalculate(emptied(small_desk, tmp_path / "empty.xlsx", names, bodies), target)
    assert report.errors == []
    shown = named_values(target)
    assert shown["dash_contracts"] == "complete the holdings"
    assert shown["dash_hedge_ratio"] == "paste a history"
    assert shown["dash_action"] == "Complete the sheet Portfolio"
    assert shown["dash_status"].startswith("CHECK: ")


@pytest.mark.slow
def test_each_input_may_be_empty_without_an_error(small_desk, tmp_path):
    for name in inputs(small_desk):
        half = emptied(small_desk, tmp_path / f"{name}.xlsx", [name])
        assert recalculate(half, tmp_path / f"{name}_calculated.xlsx").errors == [], name


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


def test_an_unknown_template_is_refused(tmp_path):
    with pytest.raises(InputError, match="there is no template 'x': there are hedge_desk"):
        build("x", tmp_path / "x.xlsx")


def test_a_folder_that_does_not_exist_is_one_clear_line(tmp_path):
    with pytest.raises(FileError, match="cannot be written: No such file"):
        build("hedge_desk", tmp_path / "nowhere" / "x.xlsx")
    assert not list(tmp_path.rglob("*"))


@pytest.mark.pictures
def test_every_sheet_can_be_drawn(desk, tmp_path):
    import pictures

    if not pictures.available():
        pytest.skip("soffice and pdftoppm are not installed")
    assert len(pictures.draw(desk, tmp_path)) == 4


def test_a_path_may_be_text(tmp_path):
    assert build("hedge_desk", str(tmp_path / "a.xlsx")) == Path(tmp_path / "a.xlsx")
