"""Laws of liquidation and bankruptcy prices."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from laws import factors, kinds, near, quick
from margin_cases import brackets, counts, leverages, liq, margin_unit, notional, prices

from xlhedge import CellError, call

rates = st.floats(0, 0.2)
conventions = st.sampled_from(["mark", "entry"])
sides = st.sampled_from(["short", "long"])


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
