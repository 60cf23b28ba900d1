"""Laws of stress tests: scenarios and grids."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from laws import column, near, quick
from stress_books import (
    ACCOUNTS,
    AFTER,
    CALL,
    COLLATERAL,
    EQUITY,
    FUNDING,
    LIQUIDATED,
    MAINTENANCE,
    RATIO,
    SHOCKS,
    SPOT,
    TOTAL,
    book,
    desks,
    inverse,
    linear,
    money,
    rates,
    shock,
    spot,
    stress,
)

from xlhedge import CellError, call

shocks = st.floats(-0.8, 2)
bases = st.floats(-0.2, 0.2)
pegs = st.floats(-0.3, 0.1)


@st.composite
def worlds(draw):
    return shock(
        draw(shocks),
        draw(bases),
        draw(rates),
        draw(st.integers(0, 90)),
        draw(pegs),
        draw(st.floats(0, 0.02)),
    )


@quick
@given(desks(), worlds())
def test_the_parts_of_a_scenario_add_up(lines, world):
    row = stress(lines, world, accounts=ACCOUNTS)[0]
    parts = row[SPOT : COLLATERAL + 1]
    assert near(row[TOTAL], sum(parts), scale=sum(map(abs, parts)))


@quick
@given(desks(), worlds())
def test_the_total_is_the_change_of_the_dollar_value_of_everything(lines, world):
    _, s, b, rate, count, d, _, _ = world

    def value(growth_of, basis, peg, paid):
        total = 300000 * (1 + peg) + 3 * 70000 * growth_of(1)
        for _, kind, n, price, given_size, given_entry, beta, *_ in lines:
            growth, size, entry = growth_of(beta), given_size or 1, given_entry or price
            future = price * growth * math.exp(-basis)
            if kind == "spot":
                total += n * price * growth
            elif kind == "linear":
                total += n * size * (future - entry * (1 + peg)) - paid * n * size * future
            else:
                coins = n * size * (1 / entry - 1 / future)
                total += coins * 70000 * growth - paid * n * size
        return total

    before = value(lambda beta: 1.0, 0.0, 0.0, 0.0)
    after = value(lambda beta: (1 + s) ** beta, b, d, rate * count)
    row = stress(lines, world, accounts=ACCOUNTS)[0]
    assert near(row[TOTAL], after - before, rel=1e-8, scale=abs(after) + abs(before) + 1e7)


@quick
@given(desks())
def test_without_a_shock_nothing_changes(lines):
    row = stress(lines, shock(), accounts=ACCOUNTS)[0]
    assert all(abs(row[i]) < 1e-6 for i in range(SPOT, TOTAL + 1))


@quick
@given(st.floats(0.01, 100), shocks, st.floats(1e3, 1e5))
def test_a_coin_and_its_short_do_not_care_about_spot(quantity, move, price):
    row = stress([spot(quantity, price), linear(-quantity, price)], shock(move))[0]
    assert abs(row[TOTAL]) <= 1e-10 * quantity * price
    dollar = [spot(quantity, price), inverse(-quantity * price, price, size=1)]
    assert abs(stress(dollar, shock(move))[0][TOTAL]) <= 1e-10 * quantity * price * (1 + move)


@quick
@given(shocks, st.floats(0.001, 0.2))
def test_a_short_hedge_gains_when_the_basis_widens_and_loses_when_it_narrows(move, change):
    lines = [spot(1), linear(-1)]
    wide, narrow = (stress(lines, shock(move, b))[0][TOTAL] for b in (change, -change))
    assert wide > 0 > narrow
    assert near(wide, 70000 * (1 + move) * -math.expm1(-change), scale=1e5)


@quick
@given(st.floats(-50, 50), st.floats(1e-5, 0.003), st.integers(1, 90), st.booleans())
def test_positive_funding_is_paid_by_longs_to_shorts(contracts, rate, count, is_inverse):
    assume(abs(contracts) > 0.01)
    line = inverse(contracts) if is_inverse else linear(contracts)
    paid = stress([line], shock(0, 0, rate, count))[0][FUNDING]
    face = 100 if is_inverse else 70000
    assert near(paid, -contracts * face * rate * count)


@quick
@given(desks(), shocks, bases, st.floats(0.1, 10))
def test_profit_and_loss_scale_with_the_book(lines, move, basis, factor):
    larger = [[*line[:2], line[2] * factor, *line[3:]] for line in lines]
    one, two = (stress(item, shock(move, basis))[0][TOTAL] for item in (lines, larger))
    assert near(two, one * factor, rel=1e-8, scale=1e7 * factor)


@quick
@given(desks(), desks(), worlds())
def test_books_add_up(first, second, world):
    joined, one, two = (stress(item, world)[0] for item in (first + second, first, second))
    for place in range(SPOT, TOTAL + 1):
        assert near(joined[place], one[place] + two[place], rel=1e-8, scale=1e7)


@quick
@given(st.floats(-0.5, 0.5), st.floats(0.2, 2.5))
def test_beta_is_a_slope_of_log_returns(move, beta):
    row = stress([spot(1, 100, beta)], shock(move))[0]
    assert near(row[SPOT], 100 * math.expm1(beta * math.log1p(move)), scale=100)


@quick
@given(desks(), st.lists(shocks, min_size=1, max_size=4), st.lists(bases, min_size=1, max_size=4))
def test_a_grid_is_made_of_scenarios(lines, moves, changes):
    got = call("STRESS_GRID", book(*lines), column(moves), [[float(x) for x in changes]])
    got = got if isinstance(got, list) else [[got]]
    assert (len(got), len(got[0])) == (len(moves), len(changes))
    for i, move in enumerate(moves):
        rows = stress(lines, *(shock(move, basis) for basis in changes))
        for j, row in enumerate(rows):
            assert near(got[i][j], row[TOTAL], scale=1e7)


@quick
@given(desks(), worlds())
def test_the_margin_account_is_that_of_the_single_functions(lines, world):
    short = linear(-3, 70100, 66000, "A", 0.01)
    world[5] = 0.0
    row = stress([spot(3), short], world, accounts=money(["A", 50000, "", ""]))[0]
    mark = 70100 * (1 + world[1]) * math.exp(-world[2])
    wallet = 50000 + row[FUNDING]
    assert near(row[EQUITY], wallet - 3 * (mark - 66000), scale=1e6)
    assert near(row[MAINTENANCE], call("MAINTENANCE_MARGIN", -3, mark, 0.01))
    alone = call("MARGIN_RATIO", -3, 66000, mark, wallet, 0.01)
    assert row[RATIO] == alone or near(row[RATIO], alone, rel=1e-7)
    assert near(row[CALL], call("MARGIN_CALL", -3, 66000, mark, wallet, 0.01), scale=1e6)
    assert row[LIQUIDATED] == (0 if row[EQUITY] > row[MAINTENANCE] else 1)


@quick
@given(desks(), worlds())
def test_a_call_that_can_be_paid_liquidates_nothing(lines, world):
    free, paid = (
        stress(lines, [*world[:-1], flag], accounts=ACCOUNTS)[0] for flag in (False, True)
    )
    assert paid[LIQUIDATED] == 0
    assert near(paid[AFTER], paid[TOTAL])
    assert paid[:LIQUIDATED] == free[:LIQUIDATED]
    if free[LIQUIDATED] == 0:
        assert free[AFTER] == free[TOTAL]


@quick
@given(st.floats(0.05, 2), st.floats(500, 20000), st.floats(0, 0.02))
def test_being_liquidated_is_never_a_reward(move, wallet, cost):
    """A hedged coin is worth no more after its hedge was closed than with it."""
    lines = [spot(1), linear(-1, account="A", rate=0.005)]
    row = stress(lines, shock(move, cost=cost), accounts=money(["A", wallet, "", ""]))[0]
    if row[LIQUIDATED]:
        assert row[AFTER] <= row[TOTAL]
        assert near(row[AFTER], -wallet - cost * 70000 * (1 + move), scale=1e5)
    else:
        assert abs(row[AFTER]) < 1e-6


@quick
@given(desks(), worlds(), st.floats(0, 0.05))
def test_costs_and_haircuts_only_hurt(lines, world, cost):
    dear = [*world[:6], world[6] + cost, world[7]]
    one, two = (stress(lines, item, accounts=ACCOUNTS)[0] for item in (world, dear))
    assert two[AFTER] <= one[AFTER]
    cut = money(["A", 300000, "", 0.3], ["B", 3, "BTC", 0.4])
    three = stress(lines, world, accounts=cut)[0]
    assert three[EQUITY] < one[EQUITY]
    assert three[CALL] >= one[CALL]
    assert three[TOTAL] == one[TOTAL]


def test_after_a_liquidation_the_worse_of_two_worlds_counts():
    margin = money(["A", 7000, "", ""])
    hedged = [spot(1), linear(-1, account="A", rate=0.005)]
    up = stress(hedged, shock(0.2, cost=0.01), accounts=margin)[0]
    assert near(up[AFTER], -7000 - 0.01 * 84000)
    falling = [spot(2), linear(1, account="A", rate=0.005)]
    down = stress(falling, shock(-0.2), accounts=margin)[0]
    assert near(down[AFTER], -28000 - 7000.0)


def test_other_accounts_survive_a_liquidation():
    lines = [linear(-1, account="A", rate=0.005), linear(1, account="B", rate=0.005), spot(1)]
    accounts = money(["A", 7000, "", ""], ["B", 20000, "", ""])
    row = stress(lines, shock(0.2), accounts=accounts)[0]
    assert row[LIQUIDATED] == 1
    assert near(row[AFTER], -7000.0)
    assert near(row[TOTAL], 14000.0, scale=1e5)


def test_an_account_in_debt_cannot_gain_by_its_own_end():
    lines = [linear(-1, 80000, 70000, "A", 0.005)]
    row = stress(lines, shock(0.01), accounts=money(["A", 7000, "", ""]))[0]
    assert row[LIQUIDATED] == 1
    assert row[AFTER] == 0


def test_a_maintenance_amount_is_subtracted_and_equality_is_liquidation():
    short = [*linear(-64, 1000, account="A", rate=0.125)[:9], 1000]
    row = stress([short], shock(0.25), accounts=money(["A", 25000, "", ""]))[0]
    assert near(row[MAINTENANCE], 0.125 * 80000 - 1000)
    assert (row[EQUITY], row[MAINTENANCE], row[LIQUIDATED]) == (9000, 9000, 1)
    richer = stress([short], shock(0.25), accounts=money(["A", 25001, "", ""]))[0]
    assert richer[LIQUIDATED] == 0


def test_a_stablecoin_that_breaks_liquidates_a_linear_short_and_not_an_inverse_one():
    depeg = shock(peg=-0.1)
    row = stress([linear(-1, account="A", rate=0.005)], depeg, accounts=money(["A", 7000, "", ""]))[
        0
    ]
    assert (row[LIQUIDATED], row[RATIO]) == (1, CellError.NUM)
    assert near(row[AFTER], -7000.0)
    coin = money(["A", 0.1, "BTC", ""])
    row = stress([inverse(-700, account="A", rate=0.005)], depeg, accounts=coin)[0]
    assert row[LIQUIDATED] == 0
    assert row[TOTAL] == 0


def test_a_coin_balance_moves_with_its_coin():
    row = stress([spot(0)], shock(-0.25), accounts=money(["B", 2, "BTC", ""]))[0]
    assert near(row[COLLATERAL], -35000.0)
    assert near(row[TOTAL], -35000.0)


def test_several_balances_may_share_an_account():
    both = money(["A", 5000, "", ""], ["A", 0.1, "BTC", 0.5])
    row = stress([linear(-1, account="A", rate=0.005)], shock(), accounts=both)[0]
    assert near(row[EQUITY], 5000 + 0.1 * 70000 * 0.5)


def test_without_accounts_margin_is_blank():
    row = stress([spot(1), linear(-1)], shock(0.5))[0]
    assert row[EQUITY:AFTER] == [None] * 5
    assert row[AFTER] == row[TOTAL]
    named = stress([spot(1), linear(-1, account="A", rate=0.005)], shock(0.5))[0]
    assert named[EQUITY:] == [None] * 6


@pytest.mark.parametrize(
    ("lines", "accounts", "word"),
    [
        ([linear(-1, account="A")], money(["A", 1, "", ""]), "maintenance_rate"),
        ([linear(-1, account="C", rate=0.1)], money(["A", 1, "", ""]), "got C"),
        ([[*spot(1)[:7], "A", "", ""]], money(["A", 1, "", ""]), "spot"),
        ([linear(-1, account="A", rate=0.1)], money(["A", 1, "ETH", ""]), "ETH"),
        ([["BTC", "swap", *spot(1)[2:]]], None, "linear"),
    ],
)
def test_accounts_that_do_not_fit_the_positions_are_refused(lines, accounts, word):
    args = (book(*lines), [SHOCKS, shock()], accounts)
    assert call("STRESS_PNL", *args) is CellError.VALUE
    assert word in call("XLHEDGE_WHY", "STRESS_PNL", *args)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({1: -1.0}, "spot_shock"),
        ({5: -1.5}, "stablecoin_shock"),
        ({4: -1}, "intervals"),
        ({6: -0.1}, "cost_rate"),
    ],
)
def test_shocks_that_leave_no_price_are_refused_with_their_row(change, word):
    bad = [change.get(i, cell) for i, cell in enumerate(shock())]
    args = (book(spot(1)), [SHOCKS, shock(), bad])
    assert call("STRESS_PNL", *args) is CellError.NUM
    assert word in call("XLHEDGE_WHY", "STRESS_PNL", *args)
    assert "row 3" in call("XLHEDGE_WHY", "STRESS_PNL", *args)


def test_a_funding_rate_without_intervals_is_one_interval():
    plain = [["scenario", "spot_shock", "funding_rate"], ["s", 0, 0.001]]
    row = call("STRESS_PNL", book(linear(-1)), plain)[1]
    assert near(row[FUNDING], 70.0)


def test_a_large_grid_is_the_small_ones_side_by_side():
    lines = book(spot(1), linear(-2, 70100))
    moves, changes = np.linspace(-0.5, 1, 300), np.linspace(-0.1, 0.1, 150)
    got = call("STRESS_GRID", lines, column(moves), [changes.tolist()])
    assert (len(got), len(got[0])) == (300, 150)
    for i in (0, 149, 150, 299):
        assert got[i] == call("STRESS_GRID", lines, float(moves[i]), [changes.tolist()])[0]
