"""Funding histories to the digit, and the guards that only callers from Python reach."""

import math

import numpy as np
import pytest
from sheet_calls import column

from xlhedge import CellError, call
from xlhedge.core.funding import history as funding_history
from xlhedge.core.funding import payments as funding
from xlhedge.errors import InputError


class TestFunding:
    def test_the_core_itself_refuses_series_of_different_length(self):
        """From a worksheet they do not get so far; from Python they do."""
        two, three = np.ones(2), np.ones(3)
        for call_it in (
            lambda: funding.pnl(three, two, two),
            lambda: funding.pnl(1.0, two, three),
            lambda: funding.annual(two, three),
        ):
            with pytest.raises(InputError, match="must have the same number of rows"):
                call_it()

    def test_30_days_are_90_payments_of_8_hours_and_one_of_30_days(self):
        rates = np.arange(91.0)
        assert funding_history._months(rates, 8).tolist() == [90 * 89 / 2, 91 * 90 / 2]
        assert len(funding_history._months(np.arange(721.0), 1)) == 2
        assert funding_history._months(rates, 720).tolist() == rates.tolist()
        assert funding_history._months(rates, 2000).tolist() == rates.tolist()
        with pytest.raises(funding_history.TooFewData) as refused:
            funding_history._months(rates[:89], 8)
        assert str(refused.value) == "rates must have at least 90 rows for 30 days, got 89"
        assert len(funding_history._months(rates[:90], 8)) == 1

    def test_statistics_by_hand(self):
        figures = dict(call("FUNDING_STATS", column(-1, -3, 0, 2, -4, -5, -6, 1), 4))
        assert figures["mean"] == -2
        assert figures["annualised"] == -2 * 6 * 365
        assert math.isclose(figures["sd"], math.sqrt((1 + 1 + 4 + 16 + 4 + 9 + 16 + 9) / 7))
        assert figures["share_negative"] == 5 / 8
        assert figures["longest_negative_run"] == 3
        assert figures["observations"] == 8
        assert figures["minimum"] == -6
        assert figures["maximum"] == 2

    def test_the_loss_of_a_window_is_what_its_side_pays(self):
        rates = column(*([0.0] * 99), -0.01)
        assert call("FUNDING_VAR", rates, 100, 1 / 3, 8, 0.95, "short", "es") > 0
        assert call("FUNDING_VAR", rates, 100, 1 / 3, 8, 0.95, "long", "es") <= 0
        same = column(*([0.01] * 120))
        for days in (1 / 3, 1, 2):
            assert math.isclose(call("FUNDING_VAR", same, 100, days, 8, 0.95), -days * 3)
            assert math.isclose(call("FUNDING_VAR", same, 100, days, 8, 0.95, "long"), days * 3)
        assert math.isclose(call("FUNDING_VAR", same, 100, 1, 4, 0.95), -6)
        assert math.isclose(call("FUNDING_VAR", column(*([0.01] * 502)), 100, 1), -3)
        assert call("FUNDING_VAR", column(*([0.01] * 501)), 100, 1) is CellError.NA
