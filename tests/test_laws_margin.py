"""Laws of margin and liquidation."""

import json
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from laws import factors, kinds, near, quick, slow
from shared_data import DATA, needs_data

from xlhedge import CellError, call
from xlhedge.core import liquidation, passage
from xlhedge.core.tables import Tiers

prices = st.floats(0.01, 1e5)
counts = st.floats(0.01, 1e4).flatmap(lambda n: st.sampled_from([n, -n]))
rates = st.floats(0, 0.2)
leverages = st.floats(1.5, 50)
conventions = st.sampled_from(["mark", "entry"])
sides = st.sampled_from(["short", "long"])


@st.composite
def brackets(draw, scale=1.0, most=8):
    count = draw(st.integers(1, most))
    gaps = draw(st.lists(st.floats(0.05, 3), min_size=count, max_size=count))
    steps = draw(st.lists(st.floats(0, 0.05), min_size=count, max_size=count))
    floors = scale * np.concatenate([[0.0], np.cumsum(gaps)[:-1]])
    return [["floor", "rate"], *([f, r] for f, r in zip(floors, np.cumsum(steps), strict=True))]


def notional(n, price, size, kind):
    return abs(n) * size * price if kind == "linear" else abs(n) * size / price


def margin_unit(n, price, size, kind):
    """Wallets are drawn as shares of the entry value."""
    return notional(n, price, size, kind)


def liq(
    n, entry, wallet, rate="", size=1.0, kind="linear", amount="", fee=0.0, by="mark", tiers=""
):
    return call("LIQ_PRICE", n, entry, wallet, rate, size, kind, amount, fee, by, tiers)


@quick
@given(counts, prices, leverages, rates, st.floats(0, 0.01), kinds)
def test_at_the_liquidation_price_equity_is_maintenance_and_fee(
    n, entry, leverage, rate, fee, kind
):
    unit = margin_unit(n, entry, 1, kind)
    price = liq(n, entry, unit / leverage, rate, 1, kind, 0, fee)
    assume(isinstance(price, float) and 1e-6 * entry < price < 1e6 * entry)
    equity = unit / leverage + call("CONTRACT_PNL", n, entry, price, 1, kind)
    required = call("MAINTENANCE_MARGIN", n, price, rate + fee, 1, kind)
    assert near(equity, required, scale=unit + required)


@quick
@given(counts, prices, st.floats(-0.3, 0.9), brackets(), kinds)
def test_tiers_at_the_liquidation_price_itself_hold(n, entry, share, rows, kind):
    unit = margin_unit(n, entry, 1, kind)
    tiers = [rows[0], *([f * unit, r] for f, r in rows[1:])]
    price = liq(n, entry, share * unit, "", 1, kind, tiers=tiers)
    assume(isinstance(price, float))
    x = notional(n, price, 1, kind)
    equity = share * unit + call("CONTRACT_PNL", n, entry, price, 1, kind)
    assert near(equity, call("MARGIN_TIER", x, tiers, "margin"), scale=unit + x)
    rate, amount = (call("MARGIN_TIER", x, tiers, what) for what in ("rate", "amount"))
    again = liq(n, entry, share * unit, rate, 1, kind, amount)
    if isinstance(again, float):
        assert near(again, price, rel=1e-8)


@quick
@given(counts, prices, leverages, rates, kinds, conventions)
def test_tiers_with_one_row_are_a_plain_rate(n, entry, leverage, rate, kind, by):
    wallet = margin_unit(n, entry, 1, kind) / leverage
    tiers = [["floor", "rate"], [0, rate]]
    assert liq(n, entry, wallet, "", 1, kind, by=by, tiers=tiers) == liq(
        n, entry, wallet, rate, 1, kind, by=by
    )


@quick
@given(counts, prices, leverages, brackets(), kinds, conventions)
def test_a_tier_cut_in_two_changes_nothing(n, entry, leverage, rows, kind, by):
    unit = margin_unit(n, entry, 1, kind)
    tiers = [rows[0], *([f * unit, r] for f, r in rows[1:])]
    last = tiers[-1]
    cut = [*tiers, [last[0] + unit / 3, last[1]]]
    one, two = (liq(n, entry, unit / leverage, "", 1, kind, by=by, tiers=t) for t in (tiers, cut))
    assert one == two or near(one, two)


@quick
@given(counts, prices, brackets(most=5), kinds, st.integers(1, 4))
def test_the_liquidation_price_is_continuous_where_its_notional_crosses_a_floor(
    n, entry, rows, kind, index
):
    unit = margin_unit(n, entry, 1, kind)
    tiers = [rows[0], *([f * unit, r] for f, r in rows[1:])]
    assume(index < len(tiers) - 1)
    floor = tiers[index + 1][0]
    rises = (n > 0) == (kind == "linear")
    margin = call("MARGIN_TIER", floor, tiers, "margin")
    wallet = margin - (1 if rises else -1) * (floor - unit)
    around = [
        liq(n, entry, wallet + shift * unit, "", 1, kind, tiers=tiers)
        for shift in (-1e-9, 0.0, 1e-9)
    ]
    assert all(near(price, around[1], rel=1e-7) for price in around)
    assert near(notional(n, around[1], 1, kind), floor)


@quick
@given(counts, prices, leverages, kinds, conventions)
def test_without_maintenance_it_is_the_bankruptcy_price(n, entry, leverage, kind, by):
    wallet = margin_unit(n, entry, 1, kind) / leverage
    bankrupt = call("BANKRUPTCY_PRICE", n, entry, wallet, 1, kind)
    assert liq(n, entry, wallet, 0, 1, kind, by=by) == bankrupt
    assert near(liq(n, entry, wallet, 1e-12, 1, kind, by=by), bankrupt, rel=1e-8)
    equity = wallet + call("CONTRACT_PNL", n, entry, bankrupt, 1, kind)
    assert abs(equity) < 1e-9 * wallet * leverage


@quick
@given(counts, prices, leverages, st.floats(0.0001, 0.5), kinds, conventions)
def test_liquidation_lies_between_entry_and_bankruptcy(n, entry, leverage, share, kind, by):
    wallet = margin_unit(n, entry, 1, kind) / leverage
    rate = share / leverage
    price = liq(n, entry, wallet, rate, 1, kind, by=by)
    bankrupt = call("BANKRUPTCY_PRICE", n, entry, wallet, 1, kind)
    assert entry < price < bankrupt if n < 0 else bankrupt < price < entry


@quick
@given(counts, prices, leverages, rates, kinds, conventions)
def test_more_wallet_moves_liquidation_away_and_more_maintenance_nearer(
    n, entry, leverage, rate, kind, by
):
    wallet = margin_unit(n, entry, 1, kind) / leverage
    away = 1 if n < 0 else -1
    base = liq(n, entry, wallet, rate, 1, kind, by=by)
    assume(isinstance(base, float))
    richer = liq(n, entry, wallet * 1.1, rate, 1, kind, by=by)
    stricter = liq(n, entry, wallet, rate + 0.01, 1, kind, by=by)
    assert richer is CellError.NA or away * (richer - base) > 0
    if isinstance(stricter, float):
        assert away * (stricter - base) < 0


@quick
@given(counts, prices, leverages, rates, factors, kinds, conventions)
def test_the_liquidation_price_scales_with_price_and_not_with_size(
    n, entry, leverage, rate, factor, kind, by
):
    wallet = margin_unit(n, entry, 1, kind) / leverage
    base = liq(n, entry, wallet, rate, 1, kind, by=by)
    assume(isinstance(base, float))
    assert near(liq(n * factor, entry, wallet * factor, rate, 1, kind, by=by), base)
    assert near(liq(n, entry, wallet * factor, rate, factor, kind, by=by), base)
    moved = wallet * factor if kind == "linear" else wallet / factor
    assert near(liq(n, entry * factor, moved, rate, 1, kind, by=by), base * factor)


@quick
@given(counts, prices, leverages, rates, st.floats(0, 0.01), kinds, conventions)
def test_a_fee_counts_as_maintenance(n, entry, leverage, rate, fee, kind, by):
    wallet = margin_unit(n, entry, 1, kind) / leverage
    one = liq(n, entry, wallet, rate, 1, kind, 0, fee, by)
    two = liq(n, entry, wallet, rate + fee, 1, kind, by=by)
    assert one == two or near(one, two)


@quick
@given(st.floats(0.1, 100), prices, leverages, rates)
def test_an_inverse_short_mirrors_a_linear_long_in_one_over_the_price(n, entry, leverage, rate):
    long = liq(n, entry, n * entry / leverage, rate)
    short = liq(-n, 1 / entry, n * entry / leverage, rate, 1, "inverse")
    assert near(short, 1 / long)


@quick
@given(prices, leverages, st.floats(0, 0.02), sides)
def test_the_rule_of_thumb_is_the_entry_convention(entry, leverage, rate, side):
    n = -1.0 if side == "short" else 1.0
    exact = liq(n, entry, entry / leverage, rate, by="entry")
    assert near(call("LIQ_PRICE_APPROX", entry, 1 / leverage, rate, side), exact)


@quick
@given(st.integers(0, 1000), kinds, conventions, st.booleans())
def test_a_column_is_its_cells_one_by_one(seed, kind, by, with_tiers):
    rng = np.random.default_rng(seed)
    n = rng.choice([-1.0, 1.0], 20) * rng.uniform(0.1, 50, 20)
    entry = rng.uniform(100, 1e4, 20)
    wallet = rng.uniform(-0.05, 1.2, 20) * notional(n, entry, 1, kind)
    n[3] = 0.0
    tiers = [["floor", "rate"], [0, 0.004], [5, 0.01], [1000, 0.03], [1e5, 0.1]]
    rest = ("", 1, kind, "", 0.0005, by, tiers) if with_tiers else (0.01, 1, kind, "", 0, by)
    columns = [[[x] for x in values.tolist()] for values in (n, entry, wallet)]
    got = call("LIQ_PRICE", *columns, *rest)
    for i in range(20):
        alone = call("LIQ_PRICE", n[i], entry[i], wallet[i], *rest)
        assert got[i][0] == alone or near(got[i][0], alone, rel=1e-13)


@needs_data
def test_a_real_venues_brackets_follow_the_recursion_and_liquidate_consistently():
    text = (DATA / "binance_leverage_tiers_majors.json").read_text(encoding="utf-8")
    for name, rows in json.loads(text).items():
        tiers = Tiers(
            floor=np.array([row["minNotional"] for row in rows]),
            rate=np.array([row["mmr"] for row in rows]),
            amount=np.array([row["cum"] for row in rows]),
        )
        published = np.array([row["cum"] for row in rows])
        assert np.allclose(tiers.amounts, published, rtol=1e-9, atol=1e-6), name
        rng = np.random.default_rng(1)
        n = rng.choice([-1.0, 1.0], 500)
        entry = 10 ** rng.uniform(3, 8, 500)
        wallet = entry * rng.uniform(0.01, 0.9, 500)
        price = liquidation.liquidation_price(n, entry, wallet, None, tiers=tiers)
        index = np.searchsorted(tiers.floor[1:], price)
        equity = wallet + n * (price - entry)
        required = tiers.rate[index] * price - tiers.amounts[index]
        assert np.allclose(equity, required, rtol=0, atol=1e-9 * entry.max())
        assert (np.abs(equity - required) <= 1e-11 * (entry + price)).all()


@quick
@given(brackets(scale=1e4), st.floats(0, 1e5), st.floats(1e-6, 1e3))
def test_the_margin_of_a_bracket_is_continuous_and_rises(rows, x, step):
    low, high = (call("MARGIN_TIER", value, rows, "margin") for value in (x, x + step))
    top = call("MARGIN_TIER", x + step, rows, "rate")
    assert -1e-9 * (x + step) <= high - low <= top * step + 1e-9 * (x + step)


def test_a_floor_belongs_to_the_bracket_below_it():
    tiers = [["floor", "rate", "max_leverage"], [0, 0.004, 125], [50000, 0.005, 100]]
    assert call("MARGIN_TIER", 50000, tiers) == 0.004
    assert call("MARGIN_TIER", 50000.01, tiers, "max_leverage") == 100
    assert call("MARGIN_TIER", 0, tiers) == 0.004
    assert call("MARGIN_TIER", 50000.01, [line[:2] for line in tiers], "max_leverage") == "#N/A"


@pytest.mark.parametrize(
    ("tiers", "error", "word"),
    [
        ([["floor", "rate"], [10, 0.01]], "#VALUE!", "floor 0"),
        ([["floor", "rate"], [0, 0.01], [5, 0.02], [5, 0.03]], "#VALUE!", "row 4"),
        ([["floor", "rate"], [0, 0.02], [5, 0.01]], "#NUM!", "row 3"),
        ([["floor", "rate"], [0, 1]], "#NUM!", "rate"),
        ([["floor", "rate", "amount"], [0, 0.01, 0], [5, 0.02, 0.06]], "#VALUE!", "0.05"),
        ([["floor", "rate", "amount"], [0, 0.01, 1]], "#VALUE!", "amount"),
        ([["floor", "rate", "max_leverage"], [0, 0.01, 0]], "#NUM!", "max_leverage"),
    ],
)
def test_brackets_that_cannot_be_are_refused_with_their_row(tiers, error, word):
    assert call("MARGIN_TIER", 7, tiers) == error
    assert word in call("XLHEDGE_WHY", "MARGIN_TIER", 7, tiers)


def test_an_amount_may_be_blank_row_by_row():
    tiers = [["floor", "rate", "amount"], [0, 0.01, ""], [5, 0.02, 0.05], [9, 0.04, None]]
    assert near(call("MARGIN_TIER", 10, tiers, "amount"), 0.05 + 9 * 0.02)


def test_sentences_say_what_is_wrong_with_a_liquidation():
    def why(*args):
        return call("XLHEDGE_WHY", "LIQ_PRICE", *args)

    assert "cannot be liquidated" in why(1, 70000, 70000, 0.005)
    assert "nothing to liquidate" in why(0, 70000, 7000, 0.005)
    assert "every price" in why(-1, 70000, -80000, 0.005)
    assert "tier" in why(-1, 70000, 7000, 0.004, 1, "linear", 1e6)
    assert "below 1" in why(1, 70000, 700, 0.6, 1, "linear", 0, 0.5)


def test_rows_without_a_rate_take_the_tiers_and_rows_with_one_are_refused():
    tiers = [["floor", "rate"], [0, 0.005]]
    got = liq([[-1], [-1]], 70000, 7000, [[""], [0.005]], tiers=tiers)
    assert near(got[0][0], 77000 / 1.005)
    assert got[1][0] is CellError.VALUE


def test_the_published_errors_are_not_repeated():
    price = liq(-1, 70000, 7000, 0.005)
    assert near(price, 76616.91542288557)
    assert price < call("BANKRUPTCY_PRICE", -1, 70000, 7000)
    assert price not in (63350.0, 77000 / 0.995)


@quick
@given(counts, prices, factors, st.floats(1, 125), kinds)
def test_margins_are_positive_and_grow_with_the_position(n, price, factor, leverage, kind):
    initial = call("INITIAL_MARGIN", n, price, leverage, 1, kind)
    assert initial > 0
    assert near(initial, call("INITIAL_MARGIN", -n, price, leverage, 1, kind))
    assert near(call("INITIAL_MARGIN", n * factor, price, leverage, 1, kind), initial * factor)
    assert near(call("INITIAL_MARGIN", n, price, leverage * 2, 1, kind), initial / 2)
    required = call("MAINTENANCE_MARGIN", n, price, 0.01, 1, kind)
    assert near(required, 0.01 * initial * leverage)
    assert near(call("MAINTENANCE_MARGIN", -n, price, 0.01, factor, kind), required * factor)


@quick
@given(counts, prices, leverages, st.floats(0.001, 0.02), kinds)
def test_the_margin_ratio_is_1_at_liquidation_and_falls_inside(n, entry, leverage, rate, kind):
    wallet = margin_unit(n, entry, 1, kind) / leverage
    price = liq(n, entry, wallet, rate, 1, kind)
    assume(isinstance(price, float) and 1e-4 * entry < price < 1e4 * entry)
    at = call("MARGIN_RATIO", n, entry, price, wallet, rate, 1, kind)
    assert near(at, 1.0, rel=1e-6)
    half = (entry + price) / 2
    middle = call("MARGIN_RATIO", n, entry, half, wallet, rate, 1, kind)
    start = call("MARGIN_RATIO", n, entry, entry, wallet, rate, 1, kind)
    if start < 1:
        assert start < middle < at


@quick
@given(counts, prices, st.floats(0.7, 1.4), leverages, st.floats(0.001, 0.05), kinds)
def test_a_paid_margin_call_brings_the_ratio_to_its_target(n, entry, move, leverage, rate, kind):
    wallet = margin_unit(n, entry, 1, kind) / leverage
    args = (n, entry, entry * move)
    top_up = call("MARGIN_CALL", *args, wallet, rate, 1, kind, "", 0.4)
    after = call("MARGIN_RATIO", *args, wallet + top_up, rate, 1, kind)
    assert top_up >= 0
    assert near(after, 0.4, rel=1e-7) if top_up > 1e-9 * wallet else after <= 0.4 + 1e-7


@quick
@given(counts, prices, leverages, st.floats(0.001, 0.05), kinds)
def test_the_ladder_is_made_of_the_single_functions(n, entry, leverage, rate, kind):
    wallet = margin_unit(n, entry, 1, kind) / leverage
    header, *rows = call("MARGIN_LADDER", n, entry, wallet, rate, "", 1, kind)
    assert header[0] == "move"
    assert [row[0] for row in rows] == [(1 if n < 0 else -1) * i / 20 + 0.0 for i in range(11)]
    seen = ""
    order = ["ok", "warn", "call", "liquidated"]
    for move, price, pnl, equity, required, ratio, top_up, status in rows:
        assert near(price, entry * (1 + move))
        assert near(pnl, call("CONTRACT_PNL", n, entry, price, 1, kind), scale=wallet)
        assert near(required, call("MAINTENANCE_MARGIN", n, price, rate, 1, kind))
        args = (n, entry, price, wallet, rate, 1, kind)
        alone = call("MARGIN_RATIO", *args)
        assert ratio == alone or near(ratio, alone)
        assert near(top_up, call("MARGIN_CALL", *args), scale=wallet)
        if not math.isclose(equity, required, rel_tol=1e-9):
            assert (status == "liquidated") == (equity < required)
        assert not seen or order.index(status) >= order.index(seen)
        seen = status


def test_a_ladder_takes_signed_moves_and_refuses_a_price_of_0():
    rows = call("MARGIN_LADDER", 1, 100, 10, 0.01, [[-0.05, 0.0, 0.05]])[1:]
    assert [row[2] for row in rows] == [-5.0, 0.0, 5.0]
    assert call("MARGIN_LADDER", 1, 100, 10, 0.01, -1) == "#NUM!"
    assert call("MARGIN_LADDER", 1, 100, 10, "", 0.1) == "#VALUE!"


def book(*lines):
    header = ["asset", "instrument", "quantity", "price", "entry_price", "maintenance_rate"]
    return [header, *lines]


@quick
@given(counts, prices, leverages, st.floats(0.001, 0.02))
def test_one_position_alone_is_liquidated_at_its_own_price(n, entry, leverage, rate):
    wallet = abs(n) * entry / leverage
    lines = book(["BTC", "linear", n, entry, entry, rate], ["BTC", "spot", 5, entry, "", ""])
    cross, own = call("LIQ_PRICE_CROSS", lines, wallet, "BTC"), liq(n, entry, wallet, rate)
    assert cross == own or near(cross, own, rel=1e-8)


@quick
@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(50, 200), st.floats(50, 200), brackets(400))
def test_a_cross_root_is_where_the_account_meets_its_maintenance(a, b, wallet, other, rows):
    assume(abs(a) > 1e-3 and abs(b) > 1e-3)
    lines = book(["X", "linear", a, 100, 90, ""], ["X", "linear", b, 100, 105, ""])
    lines.append(["Y", "linear", 2, other, 100, ""])
    tiers = [["asset", *rows[0]], *([name, *row] for name in "XY" for row in rows[1:])]
    price = call("LIQ_PRICE_CROSS", lines, wallet, "X", tiers)
    assume(isinstance(price, float))
    margin = sum(
        call("MARGIN_TIER", x, rows, "margin") for x in (abs(a) * price, abs(b) * price, 2 * other)
    )
    equity = wallet + a * (price - 90) + b * (price - 105) + 2 * (other - 100)
    assert near(equity, margin, scale=wallet + (abs(a) + abs(b)) * (price + 105) + 2 * other)


def test_of_two_cross_roots_the_nearest_is_given():
    lines = book(["X", "linear", 100, 100, 100, ""], ["X", "linear", -99, 100, 100, ""])
    rows = [["X", 0, 0.0], ["X", 11000, 0.2]]
    tiers = [["asset", "floor", "rate"], *rows]
    # Up: 30 + (P − 100) = 0.2·(100P − 11000) + 0.2·(99P − 11000); down: 30 + P − 100 = 0.
    up = (30 - 100 + 4400) / (0.2 * 199 - 1)
    assert near(call("LIQ_PRICE_CROSS", lines, 30, "X", tiers), up)
    assert near(call("LIQ_PRICE_CROSS", lines, 3, "X", tiers), 97.0)


@pytest.mark.parametrize(
    ("lines", "asset", "error"),
    [
        (book(["X", "inverse", 1, 100, 90, 0.01]), "X", "#VALUE!"),
        (book(["X", "linear", 1, 100, 90, 0.01]), "Y", "#VALUE!"),
        (book(["X", "linear", 1, 100, 90, ""]), "X", "#VALUE!"),
        (book(["X", "spot", 1, 100, "", ""]), "X", "#N/A"),
        (book(["X", "linear", 0, 100, 90, 0.01]), "X", "#N/A"),
        (book(["X", "linear", 1, 100, 90, 0.01]), "X", "#N/A"),
    ],
)
def test_a_cross_account_that_has_no_such_price_says_so(lines, asset, error):
    assert call("LIQ_PRICE_CROSS", lines, 1000, asset) == error


@pytest.mark.parametrize("asset", ["X", "Y"])
def test_an_amount_of_another_tier_is_refused_for_any_position(asset):
    header = [*book()[0], "maintenance_amount"]
    lines = [header, ["X", "linear", -1, 100, 100, 0.01, 50], ["Y", "linear", 2, 10, 10, 0.01, ""]]
    assert call("LIQ_PRICE_CROSS", lines, 19.5, asset) == "#NUM!"
    assert "maintenance_amount" in call("XLHEDGE_WHY", "LIQ_PRICE_CROSS", lines, 19.5, asset)


def test_one_cross_wallet_is_one_account():
    header = ["asset", "instrument", "quantity", "price", "maintenance_rate", "account"]
    lines = [header, ["X", "linear", -1, 100, 0.01, "A"], ["Y", "linear", -1, 100, 0.01, "B"]]
    assert call("LIQ_PRICE_CROSS", lines, 50, "X") == "#VALUE!"
    assert "one account" in call("XLHEDGE_WHY", "LIQ_PRICE_CROSS", lines, 50, "X")


distances = st.floats(0.001, 3).flatmap(lambda b: st.sampled_from([b, -b]))
volatilities = st.floats(0.01, 3)
horizons = st.floats(0.01, 400)


@quick
@given(prices, distances, volatilities, horizons, st.floats(-2, 2))
def test_a_probability_is_one_and_grows_with_time(price, b, volatility, days, drift):
    level = price * math.exp(b)
    short, long = (
        call("LIQ_PROBABILITY", price, level, volatility, t, drift) for t in (days, days * 1.5)
    )
    assert 0 <= short <= long + 1e-15 <= 1 + 1e-15
    nearer = call("LIQ_PROBABILITY", price, price * math.exp(b * 0.9), volatility, days, drift)
    assert nearer >= short - 1e-15


@quick
@given(prices, distances, volatilities, horizons, st.floats(-2, 2), factors)
def test_a_probability_knows_only_ratios_of_prices(price, b, volatility, days, drift, factor):
    level = price * math.exp(b)
    base = call("LIQ_PROBABILITY", price, level, volatility, days, drift)
    scaled = call("LIQ_PROBABILITY", price * factor, level * factor, volatility, days, drift)
    assert near(scaled, base, rel=1e-7)
    faster = call("LIQ_PROBABILITY", price, level, volatility * 2, days / 4, drift * 4)
    assert near(faster, base, rel=1e-7)


@quick
@given(prices, st.floats(0.001, 2), volatilities, horizons)
def test_with_no_log_drift_touching_is_twice_ending_beyond(price, b, volatility, days):
    from scipy.stats import norm

    drift = volatility**2 / 2
    got = call("LIQ_PROBABILITY", price, price * math.exp(b), volatility, days, drift)
    down = call("LIQ_PROBABILITY", price, price * math.exp(-b), volatility, days, drift)
    spread = volatility * math.sqrt(days / 365)
    assert near(got, float(2 * norm.sf(b / spread)), rel=1e-7)
    assert near(down, got, rel=1e-7)


@quick
@given(prices, st.floats(0.01, 2), volatilities, horizons)
def test_a_martingale_that_gets_there_pays_for_it(price, b, volatility, days):
    """E[price at the first touch or at the end] = price bounds the touch from above by e^−b."""
    up = call("LIQ_PROBABILITY", price, price * math.exp(b), volatility, days)
    assert up <= math.exp(-b) + 1e-12


def test_a_position_beyond_its_liquidation_price_is_liquidated_if_its_side_is_told():
    assert call("LIQ_PROBABILITY", 80000, 76617, 0.6, 7, 0, "short") == 1
    assert round(call("LIQ_PROBABILITY", 80000, 76617, 0.6, 7, 0, "long"), 2) == 0.62
    assert round(call("LIQ_PROBABILITY", 80000, 76617, 0.6, 7), 2) == 0.62
    assert call("LIQ_PROBABILITY", 76617, 76617, 0.6, 0) == 1
    both = call("LIQ_PROBABILITY", 80000, 76617, 0.6, 7, 0, [["short"], ["long"], [""]])
    assert both[0][0] == 1
    assert both[1] == both[2]


def simulated(level, volatility, days, steps, paths, drift=0.0, seed=7):
    """Share of paths that touch, watched `steps` times, at the level shifted for continuity."""
    rng = np.random.default_rng(seed)
    dt = days / 365 / steps
    position, top = np.zeros(paths), np.zeros(paths)
    sign = 1 if level > 1 else -1
    for _ in range(steps):
        position += (drift - volatility**2 / 2) * dt
        position += volatility * math.sqrt(dt) * rng.standard_normal(paths)
        np.maximum(top, sign * position, out=top)
    shifted = abs(math.log(level)) - 0.5826 * volatility * math.sqrt(dt)
    return float((top >= shifted).mean())


@pytest.mark.parametrize(("level", "drift"), [(1.1, 0.0), (0.9, 0.0), (1.1, 1.5), (0.85, -2.0)])
def test_the_probability_agrees_with_simulation(level, drift):
    got = call("LIQ_PROBABILITY", 1, level, 0.6, 7, drift)
    found = simulated(level, 0.6, 7, 168, 20_000, drift)
    assert abs(found - got) < 4 * math.sqrt(got * (1 - got) / 20_000) + 0.002


@pytest.mark.slow
@pytest.mark.parametrize(("level", "drift"), [(1.1, 0.0), (0.9, 0.0), (1.3, 1.5), (0.85, -2.0)])
def test_the_probability_agrees_with_a_long_simulation(level, drift):
    got = call("LIQ_PROBABILITY", 1, level, 0.6, 7, drift)
    found = simulated(level, 0.6, 7, 2016, 400_000, drift)
    assert abs(found - got) < 4 * math.sqrt(got * (1 - got) / 400_000) + 3e-4


@pytest.mark.slow
@pytest.mark.parametrize("n", [-1, 1])
def test_a_buffer_is_lost_as_often_as_it_says(n):
    wallet = call("MARGIN_BUFFER", n, 1, 0.6, 7, 0.005, 0.95)
    level = liq(n, 1, wallet, 0.005)
    assert abs(simulated(level, 0.6, 7, 2016, 400_000) - 0.05) < 0.0015


@slow
@given(
    counts, prices, volatilities, horizons, st.floats(0.5, 0.9999), brackets(), kinds, st.booleans()
)
def test_a_buffer_gives_the_probability_that_was_asked_for(
    n, price, volatility, days, confidence, rows, kind, with_tiers
):
    unit = margin_unit(n, price, 1, kind)
    tiers = [rows[0], *([f * unit, r] for f, r in rows[1:])] if with_tiers else ""
    rate = "" if with_tiers else 0.01
    wallet = call("MARGIN_BUFFER", n, price, volatility, days, rate, confidence, 1, kind, tiers)
    assume(isinstance(wallet, float) and wallet < 0.999 * unit)
    liq_price = liq(n, price, wallet, rate, 1, kind, tiers=tiers)
    side = "short" if n < 0 else "long"
    got = call("LIQ_PROBABILITY", price, liq_price, volatility, days, 0, side)
    assert near(got, 1 - confidence, rel=1e-5)


@quick
@given(counts, prices, st.floats(0.05, 1.5), st.floats(0.5, 60), st.floats(0.6, 0.99), kinds)
def test_more_volatility_time_and_confidence_need_a_larger_buffer(
    n, price, volatility, days, confidence, kind
):
    def buffer(v, d, c):
        return call("MARGIN_BUFFER", n, price, v, d, 0.01, c, 1, kind)

    base = buffer(volatility, days, confidence)
    for more in ((1.2, 1, 1), (1, 1.2, 1), (1, 1, 1.005)):
        v, d, c = more
        assert buffer(volatility * v, days * d, confidence * c) > base
    assert near(
        call("MARGIN_BUFFER", n * 3, price, volatility, days, 0.01, confidence, 1, kind), 3 * base
    )


def test_without_time_or_volatility_the_buffer_is_the_maintenance_margin():
    for volatility, days in ((0, 7), (0.6, 0)):
        assert near(call("MARGIN_BUFFER", -1, 70000, volatility, days, 0.005), 350.0)
    assert call("MARGIN_BUFFER", 0, 70000, 0.6, 7, 0.005) == 0


def test_distances_are_found_for_any_spread_and_chance():
    rng = np.random.default_rng(3)
    spread = 10 ** rng.uniform(-6, 1.5, 2000)
    chance = np.where(rng.random(2000) < 0.5, 10 ** rng.uniform(-12, 0, 2000), rng.random(2000))
    with np.errstate(all="ignore"):
        for side in (1, -1):
            ahead = -side * spread**2 / 2
            found = passage.level(spread, ahead, chance)
            assert np.allclose(passage.touch(found, ahead, spread), chance, rtol=1e-9)
