"""Laws that funding rates, cash flows and their risk obey, whatever the numbers."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from laws import column, levels, near, prices, quantities, quick, reverting, seeds, sizes, table

from xlhedge import CellError, call

premiums = st.floats(-0.02, 0.02)
hours = st.sampled_from([1.0, 2.0, 4.0, 8.0, 24.0])
clamps = st.floats(0, 0.002)
scalings = st.sampled_from(["interest", "whole"])


def history(seed, count=300):
    return reverting(seed, count, 0.8, 1e-4, 5e-5)


class TestRate:
    @quick
    @given(premiums, hours, clamps)
    def test_the_rate_is_the_premium_pulled_towards_the_interest(self, premium, interval, clamp):
        rate = call("FUNDING_RATE", premium, 0.0001, interval, clamp)
        interest = 0.0001 * interval / 8
        assert abs(rate - premium) <= clamp + 1e-15
        assert min(premium, interest) - 1e-15 <= rate <= max(premium, interest) + 1e-15
        if abs(interest - premium) <= clamp:
            assert near(rate, interest)

    @quick
    @given(premiums, st.floats(0, 0.01), hours, clamps, scalings)
    def test_a_higher_premium_never_lowers_the_rate(self, premium, more, interval, clamp, scaling):
        low, high = (
            call("FUNDING_RATE", p, 0.0001, interval, clamp, None, scaling)
            for p in (premium, premium + more)
        )
        assert low <= high + 1e-15

    @quick
    @given(premiums, premiums, hours, clamps, scalings, st.floats(0.0001, 0.01))
    def test_premium_and_interest_with_the_other_sign_give_the_rate_with_it(
        self, premium, interest, interval, clamp, scaling, cap
    ):
        rate = call("FUNDING_RATE", premium, interest, interval, clamp, cap, scaling)
        mirrored = call("FUNDING_RATE", -premium, -interest, interval, clamp, cap, scaling)
        assert near(rate, -mirrored)
        assert abs(rate) <= cap

    @quick
    @given(premiums, clamps)
    def test_the_two_scalings_agree_at_8_hours_and_a_wide_cap_is_none(self, premium, clamp):
        one, two = (
            call("FUNDING_RATE", premium, 0.0001, 8, clamp, cap, scaling)
            for cap, scaling in ((None, "interest"), (1, "whole"))
        )
        assert near(one, two)

    def test_a_column_may_leave_single_caps_blank(self):
        rates = call("FUNDING_RATE", [[0.01], [0.01]], 0.0001, 8, 0.0005, [[None], [0.001]])
        assert np.allclose(rates, [[0.0095], [0.001]])


class TestAnnual:
    @quick
    @given(st.floats(-0.001, 0.001), hours, st.integers(1, 30))
    def test_a_steady_rate_is_its_yearly_sum(self, rate, interval, rows):
        simple = call("FUNDING_ANNUAL", column([rate] * rows), interval)
        assert near(simple, rate * 8760 / interval)
        compound = call("FUNDING_ANNUAL", column([rate] * rows), interval, "compound")
        assert near(math.log1p(compound), math.log1p(rate) * 8760 / interval, 1e-8, 1e-6)
        assert compound >= simple - 1e-9

    @quick
    @given(seeds, hours)
    def test_a_column_of_one_interval_is_that_interval(self, seed, interval):
        rates = column(history(seed, 20))
        for way in ("simple", "compound"):
            one = call("FUNDING_ANNUAL", rates, interval, way)
            assert near(
                call("FUNDING_ANNUAL", rates, column([interval] * 20), way), one, 1e-9, 0.01
            )

    @quick
    @given(seeds)
    def test_eight_hourly_payments_weigh_as_much_as_one_of_8_hours(self, seed):
        rates = history(seed, 10)
        eighths = np.repeat(rates / 8, 8)
        one = call("FUNDING_ANNUAL", column(rates))
        assert near(call("FUNDING_ANNUAL", column(eighths), 1), one, 1e-9, 0.01)
        mixed = np.concatenate([rates[:4], eighths[32:]])
        spans = [8.0] * 4 + [1.0] * 48
        assert near(call("FUNDING_ANNUAL", column(mixed), column(spans)), one, 1e-9, 0.01)


class TestCash:
    @quick
    @given(seeds, quantities, sizes, st.sampled_from(["linear", "inverse"]))
    def test_what_longs_pay_shorts_receive(self, seed, contracts, size, kind):
        marks, rates = column(70000 * np.exp(history(seed, 12))), column(history(seed, 12))
        cash = call("FUNDING_PNL", contracts, marks, rates, size, kind)
        assert call("FUNDING_PNL", -contracts, marks, rates, size, kind) == -cash
        several = column([contracts] * 12)
        assert near(call("FUNDING_PNL", several, marks, rates, size, kind), cash, 1e-8, cash)

    @quick
    @given(quantities, prices, st.floats(1e-6, 0.01), sizes)
    def test_a_positive_rate_is_paid_by_longs(self, contracts, mark, rate, size):
        for kind in ("linear", "inverse"):
            assert call("FUNDING_PNL", contracts, mark, rate, size, kind) * contracts < 0

    @quick
    @given(quantities, prices, st.floats(-0.01, 0.01))
    def test_coins_paid_are_worth_the_rate_on_the_face(self, face, mark, rate):
        coins = call("FUNDING_PNL", face, mark, rate, 1, "inverse")
        assert near(coins * mark, -face * rate)

    @quick
    @given(seeds, st.integers(1, 11))
    def test_a_history_is_the_sum_of_its_parts(self, seed, cut):
        marks, rates = column(70000 * np.exp(history(seed, 12))), column(history(seed, 12))
        parts = [
            call("FUNDING_PNL", -3, marks[part], rates[part])
            for part in (slice(None, cut), slice(cut, None))
        ]
        assert near(sum(parts), call("FUNDING_PNL", -3, marks, rates), 1e-9, 100)

    @quick
    @given(premiums, premiums, st.floats(0, 0.01), st.floats(0, 0.2), st.floats(1, 400), hours)
    def test_at_the_breakeven_rate_the_trade_earns_nothing(
        self, entry, leave, costs, financing, days, interval
    ):
        rate = call("FUNDING_BREAKEVEN", entry, leave, costs, financing, days, interval)
        received = rate * days * 24 / interval
        earned = entry - leave + received - costs - financing * days / 365
        assert abs(earned) < 1e-12
        dearer = call("FUNDING_BREAKEVEN", entry, leave, costs + 0.001, financing, days, interval)
        assert dearer > rate


class TestStatistics:
    @quick
    @given(seeds, hours)
    def test_the_figures_of_the_mirrored_history_are_mirrored(self, seed, interval):
        rates = history(seed, 800)
        one = table(call("FUNDING_STATS", column(rates), interval))
        two = table(call("FUNDING_STATS", column(-rates), interval))
        for label, mirror in (
            ("mean", "mean"),
            ("annualised", "annualised"),
            ("minimum", "maximum"),
            ("p05", "p95"),
            ("median", "median"),
            ("worst_30_days", "best_30_days"),
        ):
            assert near(one[label], -two[mirror], 1e-8, 1e-4)
        for label in ("sd", "autocorrelation", "half_life_days"):
            assert near(one[label], two[label], 1e-6)
        assert near(one["share_negative"], 1 - two["share_negative"])
        assert one["annualised"] == call("FUNDING_ANNUAL", column(rates), interval)

    @quick
    @given(st.lists(st.booleans(), min_size=2, max_size=60))
    def test_the_longest_run_is_counted(self, signs):
        rates = column([-0.0001 if negative else 0.0002 for negative in signs])
        figures = table(call("FUNDING_STATS", rates))
        text = "".join("n" if negative else " " for negative in signs)
        assert figures["longest_negative_run"] == max(map(len, text.split()), default=0)
        assert near(figures["share_negative"], text.count("n") / len(text))

    @quick
    @given(seeds)
    def test_the_worst_month_is_a_month_of_the_history(self, seed):
        rates = history(seed, 200)
        months = [float(rates[i : i + 90].sum()) for i in range(111)]
        figures = table(call("FUNDING_STATS", column(rates)))
        assert near(figures["worst_30_days"], min(months), 1e-9, 0.01)
        assert near(figures["best_30_days"], max(months), 1e-9, 0.01)

    def test_a_figure_that_does_not_exist_spoils_its_own_cell(self):
        figures = table(call("FUNDING_STATS", column([0.0001] * 30)))
        assert near(figures["mean"], 0.0001)
        assert figures["worst_30_days"] is CellError.NA
        assert figures["autocorrelation"] is CellError.DIV0
        assert figures["half_life_days"] is CellError.DIV0


class TestRisk:
    @quick
    @given(seeds, st.sampled_from([1.0, 7.0]), levels, st.sampled_from(["var", "es"]))
    def test_a_long_loses_what_a_short_gains(self, seed, days, confidence, measure):
        rates = history(seed)
        short = call("FUNDING_VAR", column(rates), 1e6, days, 8, confidence, "short", measure)
        long = call("FUNDING_VAR", column(-rates), 1e6, days, 8, confidence, "long", measure)
        assert near(short, long, 1e-9, 1e3)

    @quick
    @given(seeds, st.floats(-0.0005, 0.0005), levels, st.sampled_from(["var", "es"]))
    def test_a_higher_mean_is_received_and_lowers_the_risk_of_a_short(
        self, seed, c, level, measure
    ):
        rates = history(seed)
        plain = call("FUNDING_VAR", column(rates), 1e6, 7, 8, level, "short", measure)
        raised = call("FUNDING_VAR", column(rates + c), 1e6, 7, 8, level, "short", measure)
        assert near(raised, plain - 1e6 * c * 21, 1e-8, 1e4)

    @quick
    @given(seeds, st.floats(0, 1e8), levels)
    def test_risk_is_proportional_to_the_notional_and_es_is_not_below_var(self, seed, notional, c):
        rates = column(history(seed))
        var, es = (call("FUNDING_VAR", rates, notional, 2, 8, c, "short", m) for m in ("var", "es"))
        assert es >= var - 1e-9 * notional
        assert near(var, notional * call("FUNDING_VAR", rates, 1, 2, 8, c), 1e-9, notional * 1e-3)

    @quick
    @given(seeds, st.sampled_from(["short", "long"]))
    def test_more_confidence_is_never_less_risk(self, seed, side):
        rates = column(history(seed))
        risks = [call("FUNDING_VAR", rates, 1e6, 1, 8, c, side) for c in (0.5, 0.8, 0.9, 0.95)]
        assert risks == sorted(risks)

    def test_the_horizon_is_a_whole_number_of_intervals(self):
        rates = column(history(1, 600))
        assert isinstance(call("FUNDING_VAR", rates, 1, 1 / 3, 8, 0.95), float)
        for days in (0.5, 0.1, 0, -1):
            assert call("FUNDING_VAR", rates, 1, days, 8, 0.95) is CellError.NUM
        assert call("FUNDING_VAR", rates, -1, 1, 8, 0.95) is CellError.NUM
        assert call("FUNDING_VAR", rates, 1, 190, 8, 0.95) is CellError.NA
        assert "100 windows" in call("XLHEDGE_WHY", "FUNDING_VAR", rates, 1, 190, 8, 0.95)
