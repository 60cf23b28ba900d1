"""funding_table, portfolio and volatility_target: every cell of ours against the core."""

import re

import pytest
from book_helpers import formula_cells, named_values, opened, table_values
from book_values import assert_shows, column, ours, place

from xlhedge import call

VENUES = "ABC"


def anchors(path, function):
    """The cells whose formula calls a function, in order of the sheet."""
    mine = {where for where, _ in ours(path)}
    return [
        (sheet, cell.get("r"))
        for sheet, cell, formula in formula_cells(path)
        if re.search(rf"\b{function}\(", formula.text) and (sheet, cell.get("r")) in mine
    ]


def expected_funding(path):
    """Place of an anchor to the scalar or rectangle that belongs there, from inputs alone."""
    book = opened(path, values=True)
    cell, table = named_values(path), table_values(path)
    stats, stress = anchors(path, "FUNDING_STATS"), anchors(path, "STRESS_PNL")
    wanted = {}
    for number, venue in enumerate(VENUES):
        rows = table[f"Funding_{venue}"]
        rates, marks = column(rows["rate"]), column(rows["mark_price"])
        hours, held = cell[f"interval_{venue}"], cell[f"contracts_{venue}"]
        size, last = cell[f"contract_size_{venue}"], marks[-1][0]
        need = call("FUNDING_BREAKEVEN", cell[f"entry_premium_{venue}"],
                    cell[f"exit_premium_{venue}"], cell[f"costs_{venue}"],
                    cell["financing_rate"], cell["holding_days"], hours)  # fmt: skip
        side = "long" if held > 0 else "short"
        risk = [call("FUNDING_VAR", rates, abs(held * size * last), cell["horizon_days"], hours,
                     cell["confidence"], side, measure) for measure in ("var", "es")]  # fmt: skip
        named = {
            "annual": call("FUNDING_ANNUAL", rates, hours),
            "compound": call("FUNDING_ANNUAL", rates, hours, "compound"),
            "annual_now": call("FUNDING_ANNUAL", rates[-1][0], hours),
            "cash": call("FUNDING_PNL", held, marks, rates, size),
            "breakeven": need,
            "breakeven_annual": call("FUNDING_ANNUAL", need, hours),
            "funding_var": risk[0],
            "funding_es": risk[1],
        }
        wanted |= {place(book, f"{name}_{venue}"): value for name, value in named.items()}
        wanted[stats[number]] = call("FUNDING_STATS", rates, hours)
        position = [["asset", "instrument", "quantity", "price", "contract_size"],
                    ["perpetual", "linear", held, last, size]]  # fmt: skip
        days = [7, 14, 30, 60, 90, cell["stress_days"]]
        scenarios = [["scenario", "spot_shock", "funding_rate", "intervals"]] + [
            [f"{day} days", 0, cell["stress_rate"] * hours / 8, round(day * 24 / hours)]
            for day in days
        ]
        wanted[stress[number]] = call("STRESS_PNL", position, scenarios)
    return wanted


EXPECTED = {"funding_table": expected_funding}


@pytest.mark.parametrize("name", EXPECTED)
def test_every_cell_that_calls_us_shows_what_the_core_gives(calculated_templates, name):
    path, _ = calculated_templates(name)
    assert_shows(path, EXPECTED[name](path))


def test_the_daily_cash_ends_at_what_funding_pnl_gives(calculated_templates):
    path, _ = calculated_templates("funding_table")
    sheet = opened(path, values=True)["Workings"]
    totals = [[cell.value for cell in row][3:6] for row in sheet.iter_rows() if row[1].value == 45]
    shown = named_values(path)
    assert totals[-1] == pytest.approx([shown[f"cash_{venue}"] for venue in VENUES])
