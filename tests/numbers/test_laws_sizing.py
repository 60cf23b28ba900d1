"""Laws that hedge sizes obey, whatever the numbers."""

import math

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from laws import (
    column,
    factors,
    kinds,
    lots,
    near,
    prices,
    quantities,
    quick,
    seeds,
    sizes,
)

from xlhedge import CellError, call


def contracts(quantity, spot, size=1.0, ratio=1.0, futures=None, kind="linear", lot=0.0, delta=1.0):
    return call("HEDGE_CONTRACTS", quantity, spot, size, ratio, futures, kind, lot, delta)


class TestHedgeContracts:
    @quick
    @given(quantities, prices, sizes, st.floats(0.1, 2), kinds)
    def test_the_hedge_takes_away_its_share_of_the_exposure(self, q, spot, size, ratio, kind):
        hedge = contracts(q, spot, size, ratio, None, kind)
        assert near(call("CONTRACT_DELTA", hedge, spot, size, kind), -ratio * q)

    @quick
    @given(quantities, prices, sizes, kinds, lots)
    def test_long_spot_is_sold_and_short_spot_is_bought_in_equal_number(
        self, q, s, size, kind, lot
    ):
        hedge = contracts(q, s, size, 1, None, kind, lot)
        assert hedge == -contracts(-q, s, size, 1, None, kind, lot)
        assert hedge * q <= 0
        assert str(hedge) != "-0.0"

    @quick
    @given(quantities, prices, sizes, lots)
    def test_rounding_gives_the_nearest_whole_number_of_lots(self, q, spot, size, lot):
        exact, rounded = contracts(q, spot, size), contracts(q, spot, size, lot=lot)
        assert abs(rounded - exact) <= lot * (0.5 + 2e-9) + 1e-12 * abs(exact)
        lots_held = rounded / lot
        assert abs(lots_held - round(lots_held)) <= 1e-6 + 2.0**-51 * abs(lots_held)

    @quick
    @given(st.integers(0, 10**6), lots, st.sampled_from([1, -1]))
    def test_halves_go_away_from_zero_however_the_quotient_rounds(self, whole, lot, sign):
        rounded = contracts(sign * (whole + 0.5) * lot, 100.0, lot=lot)
        assert near(rounded, -sign * (whole + 1) * lot, 1e-12)

    @quick
    @given(st.integers(1, 10**6), lots)
    def test_a_multiple_of_the_lot_stays_as_it_is(self, whole, lot):
        assert near(contracts(whole * lot, 3.0, lot=lot), -whole * lot, 1e-12)

    @quick
    @given(quantities, prices, factors, sizes)
    def test_a_ratio_of_returns_hedges_value_for_value(self, q, spot, factor, size):
        futures = spot * factor
        hedge = contracts(q, spot, size, 0.9, futures)
        assert near(hedge * size * futures, -0.9 * q * spot)

    @quick
    @given(quantities, prices, st.floats(0.5, 2))
    def test_a_future_that_moves_more_needs_fewer_contracts(self, q, spot, delta):
        assert near(contracts(q, spot, delta=delta) * delta, contracts(q, spot))

    def test_a_huge_holding_keeps_every_digit(self):
        assert contracts(2.0**53 - 1, 1.0, lot=1.0) == -(2.0**53 - 1)
        assert contracts(1e300, 1.0, lot=1.0) == -1e300


class TestBetaContracts:
    @quick
    @given(seeds, prices, sizes, st.floats(-1, 2))
    def test_the_hedged_portfolio_has_the_target_beta(self, seed, futures, size, target):
        values, betas = np.random.default_rng(seed).uniform(0.1, 3, (2, 5))
        hedge = call("BETA_CONTRACTS", column(values), column(betas), futures, size, 1, target, 0)
        total = values @ betas + hedge * futures * size
        assert near(float(total), target * float(values.sum()), scale=20)

    @quick
    @given(seeds, st.floats(0, 1))
    def test_a_part_of_the_way_is_that_part_of_the_contracts(self, seed, part):
        values = column(np.random.default_rng(seed).uniform(-1e6, 1e6, 4))
        whole = call("BETA_CONTRACTS", values, 1.3, 70000, 1, 1, 0.2, 0)
        assert near(call("BETA_CONTRACTS", values, 1.3, 70000, 1, part, 0.2, 0), part * whole, 1e-8)

    @quick
    @given(seeds)
    def test_two_portfolios_need_the_sum_of_their_hedges(self, seed):
        values = np.random.default_rng(seed).uniform(1, 1e6, 6)
        parts = [
            call("BETA_CONTRACTS", column(part), 1.2, 70000, 0.01, 1, 0, 0)
            for part in (values[:2], values[2:], values)
        ]
        assert near(parts[0] + parts[1], parts[2])

    def test_lengths_that_differ_are_refused(self):
        assert call("BETA_CONTRACTS", [[1], [2]], [[1], [2], [3]], 100) is CellError.VALUE


class TestContracts:
    @quick
    @given(quantities, prices, prices, prices, sizes, kinds)
    def test_profits_add_up_over_time_and_flip_with_the_side(self, n, a, b, c, size, kind):
        def pnl(contracts, entry, leave):
            return call("CONTRACT_PNL", contracts, entry, leave, size, kind)

        scale = abs(pnl(n, a, b)) + abs(pnl(n, b, c))
        assert near(pnl(n, a, b) + pnl(n, b, c), pnl(n, a, c), scale=scale)
        assert pnl(-n, a, b) == -pnl(n, a, b) == pnl(n, b, a)

    @quick
    @given(quantities, prices, prices, kinds)
    def test_a_long_gains_when_the_price_rises(self, n, entry, leave, kind):
        pnl = call("CONTRACT_PNL", n, entry, leave, 1, kind)
        assert pnl * n * (leave - entry) >= 0

    @quick
    @given(quantities, prices, prices)
    def test_coin_profit_at_the_exit_is_that_of_the_coins_bought_at_the_entry(self, n, e, x):
        coins = call("CONTRACT_PNL", n, e, x, 1, "inverse")
        linear = call("CONTRACT_PNL", n / e, e, x)
        assert near(coins * x, linear, scale=abs(n) * (1 + x / e))

    @quick
    @given(quantities, prices, sizes)
    def test_delta_is_the_slope_of_the_profit(self, n, price, size):
        up, down = price * (1 + 1e-5), price * (1 - 1e-5)
        for kind, scale in (("linear", 1.0), ("inverse", price)):
            slope = call("CONTRACT_PNL", n, down, up, size, kind) / (up - down)
            assert near(call("CONTRACT_DELTA", n, price, size, kind), slope * scale, 1e-8)

    @quick
    @given(quantities, st.floats(-0.5, 0.5), st.floats(0, 1000))
    def test_a_dated_future_grows_with_its_carry_and_has_one_delta_at_expiry(self, n, carry, days):
        delta = call("CONTRACT_DELTA", n, 70000, 1, "linear", carry, days)
        assert near(math.log(delta / n), carry * days / 365, 1e-9)
        assert call("CONTRACT_DELTA", n, 70000, 1, "linear", carry, 0) == n


HEADER = ["asset", "instrument", "quantity", "price", "contract_size", "entry_price"]


def book(seed, rows=8):
    rng = np.random.default_rng(seed)
    lines = []
    for _ in range(rows):
        asset = ["BTC", "ETH"][rng.integers(2)]
        price = 70000.0 if asset == "BTC" else 3500.0
        kind = ["spot", "linear", "inverse"][rng.integers(3)]
        size = 1.0 if kind == "spot" else [0.1, 10.0][rng.integers(2)]
        entry = None if rng.integers(2) else price * float(rng.uniform(0.5, 2))
        lines.append([asset, kind, float(rng.normal(0, 100)), price, size, entry])
    return [
        *lines,
        ["BTC", "spot", 5.0, 70000.0, 1.0, None],
        ["ETH", "spot", 9.0, 3500.0, 1.0, None],
    ]


def worth(lines, asset, price):
    """Value of an asset's rows in quote currency when spot and futures are at `price`."""
    total = 0.0
    for name, kind, quantity, today, size, entry in lines:
        if name == asset:
            start = entry or today
            if kind == "spot":
                total += quantity * price
            elif kind == "linear":
                total += quantity * size * (price - start)
            else:
                total += quantity * size * (1 / start - 1 / price) * price
    return total


class TestPortfolioDelta:
    @quick
    @given(seeds)
    def test_net_is_the_slope_of_the_books_value(self, seed):
        lines = book(seed)
        for row in call("PORTFOLIO_DELTA", [HEADER, *lines])[1:-1]:
            asset, spot, futures, net, value, _ = row
            today = 70000.0 if asset == "BTC" else 3500.0
            slope = (worth(lines, asset, today + 1) - worth(lines, asset, today - 1)) / 2
            scale = 1 + sum(abs(line[2] * line[4]) for line in lines)
            assert near(net, slope, 1e-8, scale)
            assert near(net, spot + futures, scale=scale)
            assert near(value, net * today, scale=scale)

    @quick
    @given(seeds)
    def test_the_order_of_the_rows_does_not_matter(self, seed):
        lines = book(seed)
        shuffled = [lines[i] for i in np.random.default_rng(seed).permutation(len(lines))]
        one = {row[0]: row[1:] for row in call("PORTFOLIO_DELTA", [HEADER, *lines])}
        two = {row[0]: row[1:] for row in call("PORTFOLIO_DELTA", [HEADER, *shuffled])}
        for asset in ("BTC", "ETH"):
            assert np.allclose(one[asset], two[asset], rtol=1e-9, atol=1e-6)

    @quick
    @given(seeds)
    def test_the_last_row_adds_up_the_values(self, seed):
        *_, first, second, total = call("PORTFOLIO_DELTA", [HEADER, *book(seed)])
        assert near(total[4], first[4] + second[4], scale=1e9)
        assert total[0] == "TOTAL"
        assert total[1:4] == [None, None, None]

    @quick
    @given(quantities, prices, sizes)
    def test_the_contracts_of_hedge_contracts_leave_nothing_open(self, quantity, price, size):
        assume(quantity > 0)
        hedge = contracts(quantity, price, size)
        lines = [["X", "spot", quantity, price], ["X", "linear", hedge, price, size]]
        lines[0] += [None]
        row = call("PORTFOLIO_DELTA", [HEADER[:5], *lines])[1]
        assert near(row[5], 1.0)
        assert abs(row[3]) <= 1e-9 * quantity

    def test_a_book_without_spot_has_no_hedged_share(self):
        row = call("PORTFOLIO_DELTA", [HEADER[:4], ["BTC", "linear", -1, 70000]])[1]
        assert row[1:5] == [0.0, -1.0, -1.0, -70000.0]
        assert row[5] is CellError.NA

    def test_a_negative_price_names_its_row(self):
        bad = [HEADER[:4], ["BTC", "spot", 1, 70000], ["ETH", "spot", 1, -1]]
        assert call("PORTFOLIO_DELTA", bad) is CellError.NUM
        assert "row 3" in call("XLHEDGE_WHY", "PORTFOLIO_DELTA", bad)
