"""Laws of stress tests and the hedge report."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from laws import column, near, quick, table, walk
from shared_data import needs_data, numbers, read

from xlhedge import CellError, call
from xlhedge.core.scenarios import HISTORICAL

HEADER = [
    "asset",
    "instrument",
    "quantity",
    "price",
    "contract_size",
    "entry_price",
    "beta",
    "account",
    "maintenance_rate",
    "maintenance_amount",
]
SHOCKS = [
    "scenario",
    "spot_shock",
    "basis_shock",
    "funding_rate",
    "intervals",
    "stablecoin_shock",
    "cost_rate",
    "top_up",
]
(
    SPOT,
    FUTURES,
    FUNDING,
    COLLATERAL,
    TOTAL,
    EQUITY,
    MAINTENANCE,
    RATIO,
    CALL,
    LIQUIDATED,
    AFTER,
) = range(1, 12)

shocks = st.floats(-0.8, 2)
bases = st.floats(-0.2, 0.2)
pegs = st.floats(-0.3, 0.1)
rates = st.floats(-0.003, 0.003)
quantities = st.floats(-20, 20)


def spot(quantity, price=70000, beta=1, asset="BTC"):
    return [asset, "spot", quantity, price, "", "", beta, "", "", ""]


def linear(contracts, price=70000, entry="", account="", rate="", beta=1, size=1, asset="BTC"):
    return [asset, "linear", contracts, price, size, entry, beta, account, rate, ""]


def inverse(contracts, price=70000, entry="", account="", rate="", size=100, asset="BTC"):
    return [asset, "inverse", contracts, price, size, entry, 1, account, rate, ""]


def book(*lines):
    return [HEADER, *lines]


def shock(spot_shock=0.0, basis=0.0, rate=0.0, intervals=0, peg=0.0, cost=0.0, top_up=False):
    return ["s", spot_shock, basis, rate, intervals, peg, cost, top_up]


def money(*balances):
    return [["account", "balance", "asset", "haircut"], *balances]


def stress(lines, *scenarios, accounts=None):
    """The rows of STRESS_PNL, without its header."""
    return call("STRESS_PNL", book(*lines), [SHOCKS, *scenarios], accounts)[1:]


@st.composite
def desks(draw):
    """A book with accounts: spot, linear and inverse legs of two coins."""
    q = [draw(quantities) for _ in range(5)]
    return [
        spot(q[0]),
        spot(q[1] * 20, 3500, 1.3, "ETH"),
        linear(q[2], 70100, draw(st.sampled_from(["", 65000, 75000])), "A", 0.01),
        linear(q[3] * 20, 3510, "", "A", 0.02, 1.3, 1, "ETH"),
        inverse(q[4] * 700, 70050, draw(st.sampled_from(["", 65000])), "B", 0.005),
    ]


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


ACCOUNTS = money(["A", 300000, "", ""], ["B", 3, "BTC", 0.1])


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
        ([linear(-1, account="C", rate=0.1)], money(["A", 1, "", ""]), "account C"),
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


def path(seed, count=40):
    price = walk(seed, count)
    basis = 0.002 * np.random.default_rng(seed + 1).standard_normal(count)
    rates = 0.0005 * np.random.default_rng(seed + 2).standard_normal(count)
    return price, price * np.exp(-basis), rates


@quick
@given(desks(), st.integers(0, 500))
def test_each_row_of_a_replay_is_a_scenario(lines, seed):
    price, future, _ = path(seed)
    basis = np.log(price / future)
    steps = [shock(s, b) for s, b in zip(price / price[0] - 1, basis - basis[0], strict=True)]
    want = [row[TOTAL] for row in stress(lines, *steps, accounts=ACCOUNTS)]
    args = (book(*lines), column(price), column(future), "", ACCOUNTS)
    got = table(call("STRESS_REPLAY", *args))
    assert near(got["worst_pnl"], min(want), scale=1e7)
    assert near(got["end_pnl"], want[-1], scale=1e7)
    assert near(want[int(got["worst_row"]) - 1], min(want), scale=1e7)
    falls = [max(want[: i + 1]) - x for i, x in enumerate(want)]
    assert near(got["maximum_drawdown"], max(falls), scale=1e7)
    rows = stress(lines, *steps, accounts=ACCOUNTS)
    for label, place in (("first_margin_call_row", CALL), ("first_liquidation_row", LIQUIDATED)):
        hit = [i + 1 for i, row in enumerate(rows) if row[place] > 0]
        assert got[label] == (hit[0] if hit else CellError.NA)


@quick
@given(st.integers(0, 500), st.floats(-5, 5))
def test_funding_along_a_path_is_that_of_its_rows_after_the_first(seed, contracts):
    price, future, rates = path(seed)
    args = (book(linear(contracts)), column(price), column(future))
    with_rates, without = (
        table(call("STRESS_REPLAY", *args, r))["end_pnl"] for r in (column(rates), "")
    )
    marks = column(70000 * future[1:] / future[0])
    want = call("FUNDING_PNL", contracts, marks, column(rates[1:]))
    assert near(with_rates - without, want, rel=1e-7, scale=1e6)


@quick
@given(desks(), st.integers(0, 500), st.floats(0.01, 100))
def test_a_replay_knows_only_relative_moves(lines, seed, factor):
    price, future, rates = path(seed)
    one, two = (
        table(
            call(
                "STRESS_REPLAY",
                book(*lines),
                column(price * f),
                column(future * f),
                column(rates),
                ACCOUNTS,
            )
        )
        for f in (1.0, factor)
    )
    assert near(one["worst_pnl"], two["worst_pnl"], scale=1e7)
    assert one["first_liquidation_row"] == two["first_liquidation_row"]


def test_a_replay_sees_the_call_in_the_middle_and_not_only_the_end():
    lines = book(linear(-1, account="A", rate=0.005))
    prices = column([100, 103, 111, 104, 100])
    got = table(call("STRESS_REPLAY", lines, prices, prices, "", money(["A", 7000, "", ""])))
    assert got["end_pnl"] == 0
    assert (got["first_margin_call_row"], got["first_liquidation_row"]) == (3, 3)
    assert got["worst_row"] == 3
    assert near(got["maximum_drawdown"], 7700.0)


def test_a_replay_refuses_what_is_no_path():
    lines = book(spot(1))
    assert call("STRESS_REPLAY", lines, column([1]), column([1])) == "#N/A"
    assert call("STRESS_REPLAY", lines, column([1, 2]), column([1, 2, 3])) == "#VALUE!"
    assert call("STRESS_REPLAY", lines, column([1, -2]), column([1, 2])) == "#NUM!"


@quick
@given(desks(), st.floats(1e3, 1e6))
def test_a_reverse_stress_loses_what_was_asked_and_less_before(lines, target):
    got = table(call("STRESS_REVERSE", book(*lines), target, ACCOUNTS))
    for side in ("up", "down"):
        move = got[side]
        if move is CellError.NA:
            furthest = 10.0 if side == "up" else -0.999
            row = stress(lines, shock(furthest), accounts=ACCOUNTS)[0]
            assert row[TOTAL] > -target * (1 + 1e-9)
            continue
        assert (move > 0) == (side == "up")
        at, before = (
            stress(lines, shock(x), accounts=ACCOUNTS)[0][TOTAL] for x in (move, 0.98 * move)
        )
        assert near(at, -target, rel=1e-6, scale=1e6)
        assert before > -target


@quick
@given(st.floats(0.5, 50), st.floats(1.5, 40), st.floats(0.001, 0.02), st.booleans(), st.booleans())
def test_the_move_that_liquidates_is_that_of_the_liquidation_price(
    contracts, leverage, rate, is_short, is_inverse
):
    n = (-contracts if is_short else contracts) * (100 if is_inverse else 1)
    kind = "inverse" if is_inverse else "linear"
    wallet = abs(n) * (1 / 70000 if is_inverse else 70000) / leverage
    make = inverse if is_inverse else linear
    line = make(n, account="A", rate=rate, size=1)
    accounts = money(["A", wallet, "BTC" if is_inverse else "", ""])
    got = table(call("STRESS_REVERSE", book(line), "liquidation", accounts))
    want = call("LIQ_PRICE", n, 70000, wallet, rate, 1, kind)
    side, other = ("up", "down") if is_short else ("down", "up")
    assume(want is not CellError.NA and -0.99 < want / 70000 - 1 < 9)
    assert near(got[side], want / 70000 - 1, rel=1e-8)
    assert got[other] is CellError.NA


def test_an_account_below_maintenance_is_liquidated_without_a_move():
    lines = book(linear(-1, 80000, 70000, "A", 0.005))
    got = table(call("STRESS_REVERSE", lines, "liquidation", money(["A", 7000, "", ""])))
    assert (got["up"], got["down"]) == (0, 0)


def test_a_reverse_stress_needs_a_target_and_accounts():
    lines = book(linear(-1, account="A", rate=0.005))
    assert call("STRESS_REVERSE", lines, "liquidation") is CellError.VALUE
    assert call("STRESS_REVERSE", lines, -5) is CellError.NUM
    assert call("STRESS_REVERSE", lines, "bankruptcy") is CellError.VALUE
    custody = money(["A", 7000, "", ""])
    nothing = call("STRESS_REVERSE", book(spot(1)), "liquidation", custody)
    assert [cell for _, cell in nothing] == [CellError.NA, CellError.NA]


def test_the_library_feeds_the_stress_test_and_names_its_events():
    library = call("STRESS_SCENARIOS")
    assert library[0] == SHOCKS
    names = [row[0] for row in library[1:]]
    assert names[:5] == [
        "12 March 2020",
        "19 May 2021",
        "LUNA May 2022",
        "FTX November 2022",
        "10 October 2025",
    ]
    assert len(set(names)) == len(names) >= 12
    lines = [spot(1), linear(-1, account="A", rate=0.005)]
    rows = call("STRESS_PNL", book(*lines), library, money(["A", 7000, "", ""]))[1:]
    assert [row[0] for row in rows] == names
    assert min(row[AFTER] for row in rows) < -7000


EVENTS = {
    "12 March 2020": ("2020-03-12", "2020-03-13"),
    "19 May 2021": ("2021-05-19", "2021-05-19"),
    "LUNA May 2022": ("2022-05-07", "2022-05-12"),
    "FTX November 2022": ("2022-11-06", "2022-11-09"),
    "10 October 2025": ("2025-10-10", "2025-10-10"),
}


def next_day(day):
    return str(np.datetime64(day) + 1)


@needs_data
@pytest.mark.parametrize("scenario", HISTORICAL, ids=[row.scenario for row in HISTORICAL])
def test_a_historical_scenario_is_what_the_exchange_recorded(scenario):
    first, last = EVENTS[scenario.scenario]
    hours = read("binance_BTCUSDT_spot_perp_close_1h.csv")
    times = hours["open_time_utc"]
    begin, end = times.index(f"{first}T00:00Z"), times.index(f"{next_day(last)}T00:00Z")
    spots = [float(x) for x in hours["spot_close"][begin - 1 : end]]
    basis = [
        math.log(s / float(f))
        for s, f in zip(spots, hours["perp_close"][begin - 1 : end], strict=True)
    ]
    low = min(range(1, len(spots)), key=spots.__getitem__)
    assert round(basis[low] - basis[0], 4) == scenario.basis_shock
    bars = read("binance_BTCUSDT_spot_perp_ohlc_8h.csv")
    days = [stamp[:10] for stamp in bars["open_time_utc"]]
    lows = [float(x) for x, d in zip(bars["spot_low"], days, strict=True) if first <= d <= last]
    assert round(min(lows) / spots[0] - 1, 3) == scenario.spot_shock
    funding = read("binance_BTCUSDT_funding_8h.csv")["funding_time_utc"]
    rates = numbers("binance_BTCUSDT_funding_8h.csv", "funding_rate")
    window = (f"{first}T00:01", f"{next_day(last)}T00:01")
    paid = [r for t, r in zip(funding, rates, strict=True) if window[0] < t < window[1]]
    assert len(paid) == scenario.intervals
    assert round(sum(paid) / len(paid), 6) == scenario.funding_rate


def report(lines, accounts, volatility=0.6, *rest):
    return table(call("HEDGE_REPORT", book(*lines), accounts, volatility, *rest))


MODEL = [
    ["spot_volatility", 0.6],
    ["basis_current", -0.0003],
    ["basis_theta", 1500],
    ["basis_mu", -0.0002],
    ["basis_sigma", 0.02],
    ["funding_current", 0.0001],
    ["funding_theta", 300],
    ["funding_mu", 0.0001],
    ["funding_sigma", 0.002],
    ["corr_spot_basis", -0.1],
    ["corr_spot_funding", 0.1],
    ["corr_basis_funding", -0.3],
    ["degrees_of_freedom", 4],
    ["interval_hours", 8],
]


@quick
@given(st.floats(0.01, 1), st.floats(7500, 60000), st.floats(0.1, 2))
def test_the_report_is_made_of_the_single_functions(hedge, wallet, volatility):
    n = -hedge
    lines = [spot(1), linear(n, 70100, 69000, "A", 0.005)]
    got = report(lines, money(["A", wallet, "", ""]), volatility, 7, 0.95)
    assert near(got["gross_value"], 70000 * (1 - n))
    assert near(got["net_delta"], 1 + n, scale=1)
    assert near(got["hedged_share"], -n)
    var = call("VAR_NORMAL", 70000 * (1 + n), volatility, 0.95, 7)
    assert near(got["directional_var"], var, scale=70000)
    assert got["directional_es"] >= got["directional_var"]
    price = call("LIQ_PRICE", n, 69000, wallet, 0.005)
    if price / 70100 - 1 < 9.9:
        assert near(got["liquidation_price"], price, rel=1e-8)
        assert near(got["liquidation_distance"], price / 70100 - 1, rel=1e-7)
        chance = call("LIQ_PROBABILITY", 70100, price, volatility, 7, 0, "short")
        assert near(got["liquidation_probability_7_days"], chance, rel=1e-6)
    ratio = call("MARGIN_RATIO", n, 69000, 70100, wallet, 0.005)
    assert near(got["margin_ratio"], ratio)
    assert near(got["top_up"], call("MARGIN_CALL", n, 69000, 70100, wallet, 0.005), scale=1e5)
    outcome = call(
        "STRESS_PNL", book(*lines), call("STRESS_SCENARIOS"), money(["A", wallet, "", ""])
    )
    worst = min(outcome[1:], key=lambda row: row[AFTER])
    assert (got["worst_scenario"], got["worst_scenario_pnl"]) == (worst[0], worst[AFTER])


def test_with_a_model_the_report_gives_the_joint_var():
    lines = [spot(2), linear(-20, 70000, "", "A", 0.005, 1, 0.1)]
    got = report(lines, money(["A", 20000, "", ""]), 0.6, 3, 0.99, MODEL)
    joint = table(call("VAR_JOINT", 2, 70000, -20, MODEL, 3, 0.99, 0.1))
    assert near(got["var"], joint["var"], rel=1e-7)
    assert near(got["es"], joint["es"], rel=1e-7)
    assert "directional_var" not in got


def test_a_synthetic_dollar_has_no_delta_whether_its_coin_is_spot_or_margin():
    margin = money(["B", 1, "BTC", ""])
    lines = [inverse(-50000, 70000, 50000, "B", 0.005, 1)]
    got = report(lines, margin)
    assert got["net_delta"] == 0
    assert got["liquidation_price"] is CellError.NA
    assert got["liquidation_probability_30_days"] == 0
    assert near(got["hedged_share"], (50000 / 70000) / (1 + 50000 * (1 / 70000 - 1 / 50000)))


def test_a_book_of_two_coins_is_measured_in_the_hedges_coin():
    lines = [spot(1), spot(20, 3500, 1.2, "ETH"), linear(-2.2, account="A", rate=0.005)]
    got = report(lines, money(["A", 50000, "", ""]))
    assert got["net_delta"] == 0
    assert near(got["hedged_share"], 1.0)
    assert near(got["gross_value"], 70000 * 4.2)


def test_a_report_beyond_liquidation_is_certain():
    lines = [linear(-1, 80000, 70000, "A", 0.005)]
    got = report(lines, money(["A", 7000, "", ""]))
    assert near(got["liquidation_price"], 77000 / 1.005, rel=1e-9)
    assert got["liquidation_distance"] < 0
    assert got["liquidation_distance_sigma"] < 0
    assert [got[f"liquidation_probability_{d}"] for d in ("1_day", "7_days", "30_days")] == [
        1.0
    ] * 3
    assert got["hedged_share"] is CellError.NA


def test_a_report_without_contracts_has_no_liquidation():
    got = report([spot(1)], money(["A", 7000, "", ""]))
    assert got["liquidation_price"] is CellError.NA
    assert got["margin_ratio"] == 0
    assert got["hedged_share"] == 0
    quiet = report([linear(-1, account="A", rate=0.005)], money(["A", 7000, "", ""]), 0)
    assert quiet["liquidation_distance_sigma"] is CellError.DIV0
    assert quiet["liquidation_probability_30_days"] == 0
