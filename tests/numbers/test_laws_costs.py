"""Laws of costs and of trades."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import lots, near, quantities, quick, seeds

from xlhedge import call


class TestCosts:
    @quick
    @given(quantities, seeds)
    def test_costs_add_up_by_their_causes_and_do_not_depend_on_the_side(self, notional, seed):
        fee, spread, impact, funding, financing = np.random.default_rng(seed).uniform(0, 0.01, 5)
        days = 30.0

        def cost(*parts):
            return call("HEDGE_COST", notional, *map(float, parts), days)

        whole = cost(fee, spread, impact, funding, financing)
        parts = (
            cost(fee, 0, 0, 0, 0)
            + cost(0, spread, impact, 0, 0)
            + cost(0, 0, 0, funding, 0)
            + cost(0, 0, 0, 0, financing)
        )
        assert near(whole, parts, scale=notional)
        mirrored = call("HEDGE_COST", -notional, fee, spread, impact, funding, financing, days)
        assert mirrored == whole
        assert cost(fee, spread, impact, 0, 0) == pytest.approx(
            2 * abs(notional) * (fee + spread / 2 + impact)
        )

    @quick
    @given(quantities, st.floats(-0.001, 0.001), st.floats(0, 300))
    def test_funding_received_by_the_short_lowers_the_cost(self, notional, rate, days):
        cost = call("HEDGE_COST", notional, 0, 0, 0, rate, 0, days)
        received = call("FUNDING_PNL", -abs(notional), 1, rate)
        assert near(cost, -received * 3 * days)

    @quick
    @given(quantities, quantities, st.floats(0, 0.5))
    def test_a_trade_ends_at_the_target_or_does_not_happen(self, current, target, band):
        trade = call("HEDGE_TRADE", current, target, band, 0)
        if trade:
            assert near(current + trade, target, scale=current)
            assert abs(current - target) > band * abs(target)
        else:
            assert abs(current - target) <= band * abs(target) * (1 + 1e-9) + 1e-9
        assert call("HEDGE_TRADE", -current, -target, band, 0) == -trade

    @quick
    @given(quantities, quantities, lots)
    def test_a_trade_is_a_whole_number_of_lots_next_to_the_gap(self, current, target, lot):
        trade = call("HEDGE_TRADE", current, target, 0, lot)
        assert abs(trade / lot - round(trade / lot)) < 1e-6
        assert abs(trade - (target - current)) <= lot * 0.500001 + 1e-9 * abs(target)
