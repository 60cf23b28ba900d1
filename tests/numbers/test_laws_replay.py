"""Laws of histories replayed and of stress in reverse."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from laws import column, near, quick, table, walk
from stress_books import (
    ACCOUNTS,
    CALL,
    LIQUIDATED,
    TOTAL,
    book,
    desks,
    inverse,
    linear,
    money,
    reverse,
    shock,
    spot,
    stress,
)

from xlhedge import CellError, call


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
    got = reverse(book(*lines), target, ACCOUNTS)
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
    got = reverse(book(line), "liquidation", accounts)
    want = call("LIQ_PRICE", n, 70000, wallet, rate, 1, kind)
    side, other = ("up", "down") if is_short else ("down", "up")
    assume(want is not CellError.NA and -0.99 < want / 70000 - 1 < 9)
    assert near(got[side], want / 70000 - 1, rel=1e-8)
    assert got[other] is CellError.NA


def test_an_account_below_maintenance_is_liquidated_without_a_move():
    lines = book(linear(-1, 80000, 70000, "A", 0.005))
    got = reverse(lines, "liquidation", money(["A", 7000, "", ""]))
    assert (got["up"], got["down"]) == (0, 0)


def test_a_reverse_stress_needs_a_target_and_accounts():
    lines = book(linear(-1, account="A", rate=0.005))
    assert call("STRESS_REVERSE", lines, "liquidation") is CellError.VALUE
    assert call("STRESS_REVERSE", lines, -5) is CellError.NUM
    assert call("STRESS_REVERSE", lines, "bankruptcy") is CellError.VALUE
    custody = money(["A", 7000, "", ""])
    nothing = reverse(book(spot(1)), "liquidation", custody)
    assert list(nothing.values()) == [CellError.NA, CellError.NA]
