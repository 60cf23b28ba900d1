"""Sizing, margin and funding to the digit: by hand, at each border, in each sentence.

The laws say what holds for all numbers; these rows say it at the numbers where a comparison or a
default decides, and each is worked out beside it.
"""

import math

import numpy as np
import pytest
from sheet_calls import column, why
from tables import each

from xlhedge import CellError, call
from xlhedge.core.book.ranges import Tiers
from xlhedge.core.margin import liquidation
from xlhedge.core.margin import maintenance as _maintenance
from xlhedge.core.margin.schedules import schedule_of
from xlhedge.core.sizing import contracts as sizing

TIERS = [["floor", "rate", "max_leverage"], [0, 0.01, 100], [1000, 0.02, 50], [5000, 0.05, 10]]
"""Amounts by the recursion: 0, 1000 · 0.01 = 10, 10 + 5000 · 0.03 = 160."""


ROWS = [
    # Lots: halves away from zero, also where floating point is a hair below the half.
    ("HEDGE_CONTRACTS", (-0.15, 1, 1, 1, None, None, 0.1), 0.2),
    ("HEDGE_CONTRACTS", (0.15, 1, 1, 1, None, None, 0.1), -0.2),
    ("HEDGE_CONTRACTS", (-2.5, 1), 3.0),
    ("HEDGE_CONTRACTS", (-2.4999, 1), 2.0),
    ("HEDGE_CONTRACTS", (-0.4, 1), 0.0),
    ("HEDGE_CONTRACTS", (-0.3, 1, 1, 1, None, None, 0.1), 0.3),
    ("HEDGE_CONTRACTS", (-0.37, 1, 1, 1, None, None, 0), 0.37),
    ("HEDGE_CONTRACTS", (-7, 1, 1, 1, None, None, 5), 5.0),
    ("HEDGE_CONTRACTS", (-7.5, 1, 1, 1, None, None, 5), 10.0),
    ("HEDGE_CONTRACTS", (-1.3, 1, 1, 1, None, None, 0.4), 1.2000000000000002),
    ("HEDGE_CONTRACTS", (-(2.0**51) - 1, 1), 2.0**51 + 1),
    ("HEDGE_CONTRACTS", (-(2.0**53), 1), 2.0**53),
    # −h · q · S / value / delta: 2 · 10 · 300 / (4 · 100) / 1.25 = 12.
    ("HEDGE_CONTRACTS", (10, 300, 4, 2, 100, "linear", 1, 1.25), -12.0),
    # Inverse: 2 · 10 · 300 / 4 / 1.25 = 1200, whatever the future's price.
    ("HEDGE_CONTRACTS", (10, 300, 4, 2, 100, "inverse", 1, 1.25), -1200.0),
    # 0.5 · (100 · 2 + 300 · 1 − 0.25 · 400) / (10 · 2) = 10.
    ("BETA_CONTRACTS", (column(100, 300), column(2, 1), 10, 2, 0.5, 0.25, 1), -10.0),
    ("BETA_CONTRACTS", (column(100, 300), 2, 10, 2, 1, 0, 0), -40.0),
    ("BETA_CONTRACTS", (column(100, 300), 2, 10), -80.0),
    ("BETA_CONTRACTS", (7, 1, 2, 1, 1, 0, 0), -3.5),
    ("CONTRACT_PNL", (-3, 100, 110, 2), -60.0),
    ("CONTRACT_PNL", (3, 100, 110), 30.0),
    ("CONTRACT_PNL", (300, 100, 150, 2, "inverse"), 600 * (1 / 100 - 1 / 150)),
    ("CONTRACT_DELTA", (3, 100, 2, "linear", 0.1, 365), 6 * math.exp(0.1)),
    ("CONTRACT_DELTA", (3, 100, 2, "linear", 0.1), 6.0),
    ("CONTRACT_DELTA", (300, 100, 2, "inverse", 0.1, 365), 6.0),
    # Funding: the pull is at most the clamp, the interest is scaled, then the cap.
    ("FUNDING_RATE", (0.001,), 0.0005),
    ("FUNDING_RATE", (-0.001,), -0.0005),
    ("FUNDING_RATE", (0.0003,), 0.0001),
    ("FUNDING_RATE", (0, 0.0001, 4), 0.00005),
    ("FUNDING_RATE", (0.001, 0.0001, 4, 0.0005, None, "whole"), 0.00025),
    ("FUNDING_RATE", (0.001, 0.0001, 8, 0.0005, 0.0002), 0.0002),
    ("FUNDING_RATE", (-0.001, 0.0001, 8, 0.0005, 0.0002), -0.0002),
    ("FUNDING_RATE", (0.001, 0.0001, 8, 0.0005, 0), 0.0),
    ("FUNDING_RATE", (0.001, 0.0001, 8, 0), 0.001),
    ("FUNDING_ANNUAL", (column(0.0001, 0.0003), column(8, 4)), 0.0004 / 12 * 8760),
    ("FUNDING_ANNUAL", (0.0001, 8, "compound"), math.expm1(1095 * math.log1p(0.0001))),
    ("FUNDING_ANNUAL", (column(0.1, -0.5), 4380, "compound"), 1.1 * 0.5 - 1),
    ("FUNDING_PNL", (-10, column(2, 3), column(0.01, 0.02)), 0.8),
    ("FUNDING_PNL", (column(-10, 5), column(2, 3), column(0.01, 0.02), 2), -0.2),
    ("FUNDING_PNL", (100, column(2, 4), column(0.01, 0.02), 2, "inverse"), -2.0),
    ("FUNDING_PNL", (0, 2, 0.01), 0.0),
    # (0.001 − 0.003 + 0.002 + 0.0365 · 10/365) / (10 · 24/8): 0.001 over 30 payments.
    ("FUNDING_BREAKEVEN", (0.003, 0.001, 0.002, 0.0365, 10), 0.001 / 30),
    ("FUNDING_BREAKEVEN", (0.003, 0.001, 0.002, 0.0365, 10, 4), 0.001 / 60),
    # Margin: 2 · 110 · 3 · 0.01 = 6.6 over 50 + 2 · 3 · 10.
    ("MARGIN_RATIO", (2, 100, 110, 50, 0.01, 3), 6.6 / 110),
    ("MARGIN_RATIO", (2, 100, 110, 50, 0.01), 2.2 / 70),
    ("MARGIN_RATIO", (2, 100, 110, 50, 0), 0.0),
    ("MARGIN_CALL", (2, 100, 90, 21, 0.01), 1.8 / 0.5 - 1),
    ("MARGIN_CALL", (2, 100, 90, 10, 0.01, 1, "linear", None, 1), 1.8 + 10),
    ("MARGIN_CALL", (2, 100, 90, 1000, 0.01), 0.0),
    ("MARGIN_CALL", (2, 100, 90, 10, 0.01, 3, "linear", None, 0.2), 5.4 / 0.2 + 50),
    ("INITIAL_MARGIN", (-2, 100, 4), 50.0),
    ("INITIAL_MARGIN", (-2, 100, 4, 3), 150.0),
    ("INITIAL_MARGIN", (-200, 100, 4, 3, "inverse"), 1.5),
    ("MAINTENANCE_MARGIN", (-2, 100, 0.01, 3), 6.0),
    ("MAINTENANCE_MARGIN", (-2, 100, 0.01), 2.0),
    ("MAINTENANCE_MARGIN", (-200, 100, 0.01, 3, "inverse"), 0.06),
    ("MAINTENANCE_MARGIN", (-20, 100, None, 1, "linear", TIERS), 2000 * 0.02 - 10),
    ("MARGIN_TIER", (0, TIERS), 0.01),
    ("MARGIN_TIER", (1000, TIERS), 0.01),
    ("MARGIN_TIER", (1000.0001, TIERS, "rate"), 0.02),
    ("MARGIN_TIER", (5000, TIERS, "amount"), 10.0),
    ("MARGIN_TIER", (6000, TIERS, "amount"), 160.0),
    ("MARGIN_TIER", (6000, TIERS, "margin"), 140.0),
    ("MARGIN_TIER", (6000, TIERS, "max_leverage"), 10.0),
    # Liquidation by mark: (W + c + QE)/(Q(1 + m + f)) short, (QE − W − c)/(Q(1 − m − f)) long.
    ("LIQ_PRICE", (-2, 100, 50, 0.01, 3, "linear", 0.5, 0.02), (50.5 + 600) / (6 * 1.03)),
    ("LIQ_PRICE", (2, 100, 50, 0.01, 3, "linear", 0.5, 0.02), (600 - 50.5) / (6 * 0.97)),
    ("LIQ_PRICE", (-2, 100, 50, 0.01), 250 / 2.02),
    ("LIQ_PRICE", (2, 100, 50, 0), 75.0),
    # By entry: E − s(W + c − QE(m + f))/Q.
    ("LIQ_PRICE", (-2, 100, 50, 0.01, 3, "linear", 0.5, 0.02, "entry"), 100 + 32.5 / 6),
    ("LIQ_PRICE", (2, 100, 50, 0.01, 3, "linear", 0.5, 0.02, "entry"), 100 - 32.5 / 6),
    # Inverse, N = 600: N(1 + s(m + f))/(N/E + s(W + c)), and N/(N/E + s(W + c − (m + f)N/E)).
    ("LIQ_PRICE", (200, 100, 1, 0.01, 3, "inverse", 0.02, 0.02), 600 * 1.03 / (6 + 1.02)),
    ("LIQ_PRICE", (-200, 100, 1, 0.01, 3, "inverse", 0.02, 0.02), 600 * 0.97 / (6 - 1.02)),
    ("LIQ_PRICE", (200, 100, 1, 0.01, 3, "inverse", 0.02, 0.02, "entry"), 600 / (6 + 1.02 - 0.18)),
    ("BANKRUPTCY_PRICE", (2, 100, 50), 75.0),
    ("BANKRUPTCY_PRICE", (-2, 100, 50, 5), 105.0),
    ("BANKRUPTCY_PRICE", (200, 100, 1, 3, "inverse"), 600 / 7),
    ("LIQ_PRICE_APPROX", (100, 0.1, 0.01), 109.0),
    ("LIQ_PRICE_APPROX", (100, 0.1, 0.01, "long"), 91.0),
    ("LIQ_PRICE_APPROX", (100, 0.1, 0), 110.0),
]


@each(("name", "cells", "want"), ROWS)
def test_by_hand(name, cells, want):
    got = call(name, *cells)
    assert isinstance(got, float), got
    assert math.isclose(got, want, rel_tol=1e-13, abs_tol=1e-300), (got, want)
    assert math.copysign(1, got) == math.copysign(1, want)


PER_CENT = "must lie in [0, 1), got 1: was a percentage meant, 0.5 % as 0.005?"
SENTENCES = [
    ("HEDGE_CONTRACTS", (1, 0), "spot_price must be positive, got 0"),
    ("HEDGE_CONTRACTS", (1, 1, 0), "contract_size must be positive, got 0"),
    ("HEDGE_CONTRACTS", (1, 1, 1, 1, 0), "futures_price must be positive, got 0"),
    ("HEDGE_CONTRACTS", (1, 1, 1, 1, 1, "linear", -1), "lot must not be negative, got -1"),
    ("HEDGE_CONTRACTS", (1, 1, 1, 1, 1, "linear", 1, 0), "futures_delta must be positive, got 0"),
    ("BETA_CONTRACTS", (1, 1, 0), "futures_price must be positive, got 0"),
    ("BETA_CONTRACTS", (1, 1, 1, -2), "contract_size must be positive, got -2"),
    ("BETA_CONTRACTS", (1, 1, 1, 1, 1, 0, -1), "lot must not be negative, got -1"),
    (
        "BETA_CONTRACTS", (column(None, None), column(None, None), 1),
        "values must have at least 1 rows, got 0",
    ),
    ("CONTRACT_PNL", (1, 0, 1), "entry_price must be positive, got 0"),
    ("CONTRACT_PNL", (1, 1, 0), "exit_price must be positive, got 0"),
    ("CONTRACT_PNL", (1, 1, 1, 0), "contract_size must be positive, got 0"),
    ("CONTRACT_DELTA", (1, 0), "price must be positive, got 0"),
    ("CONTRACT_DELTA", (1, 1, 0), "contract_size must be positive, got 0"),
    ("CONTRACT_DELTA", (1, 1, 1, "linear", 0, -1), "days must not be negative, got -1"),
    ("FUNDING_RATE", (0, 0, 0), "interval_hours must be positive, got 0"),
    ("FUNDING_RATE", (0, 0, 8, -1), "clamp must not be negative, got -1"),
    ("FUNDING_RATE", (0, 0, 8, 1, -1), "cap must not be negative, got -1"),
    ("FUNDING_ANNUAL", (0.1, 0), "interval_hours must be positive, got 0"),
    ("FUNDING_ANNUAL", (-1, 8, "compound"), "rates must be above −1, got -1"),
    ("FUNDING_ANNUAL", (column(None, ""),), "rates must have at least 1 rows, got 0"),
    ("FUNDING_PNL", (1, 0, 1), "mark_prices must be positive, got 0"),
    ("FUNDING_PNL", (1, 1, 1, 0), "contract_size must be positive, got 0"),
    ("FUNDING_BREAKEVEN", (0, 0, 0, 0, 0), "days must be positive, got 0"),
    ("FUNDING_BREAKEVEN", (0, 0, 0, 0, 1, 0), "interval_hours must be positive, got 0"),
    ("FUNDING_STATS", (0.1,), "rates must have at least 2 rows, got 1"),
    ("FUNDING_STATS", (0.1, 0), "interval_hours must be positive, got 0"),
    ("FUNDING_VAR", (column(1, 2), -1, 1), "notional must not be negative, got -1"),
    ("FUNDING_VAR", (column(1, 2), 1, 0), "horizon_days must be positive, got 0"),
    ("FUNDING_VAR", (column(1, 2), 1, 1, 0), "interval_hours must be positive, got 0"),
    (
        "FUNDING_VAR", (column(1, 2), 1, 1, 8, 1),
        "confidence must lie between 0 and 1, both excluded, got 1",
    ),
    (
        "FUNDING_VAR", (column(1, 2), 1, 0.5),
        "horizon_days must be a whole number of intervals of 8 hours, got 0.5",
    ),
    (
        "FUNDING_VAR", (column(*[0.1] * 101), 1, 1, 8, 0.95),
        "rates must have at least 102 rows (100 windows of 3), got 101",
    ),
    ("MARGIN_RATIO", (1, 0, 1, 1, 0.1), "entry_price must be positive, got 0"),
    ("MARGIN_RATIO", (1, 1, 0, 1, 0.1), "mark_price must be positive, got 0"),
    ("MARGIN_RATIO", (1, 1, 1, 1, 0.1, 0), "contract_size must be positive, got 0"),
    ("MARGIN_RATIO", (1, 1, 1, 0, 0.1), "equity must be above 0 for a margin ratio, got 0"),
    ("MARGIN_RATIO", (1, 1, 1, 1, 1), f"maintenance_rate {PER_CENT}"),
    ("MARGIN_RATIO", (1, 1, 1, 1, -0.1), "maintenance_rate must lie in [0, 1), got -0.1"),
    ("MARGIN_RATIO", (1, 1, 1, 1, None), "maintenance_rate is missing: give it, or tiers"),
    (
        "MARGIN_RATIO", (1, 1, 1, 1, 0, 1, "linear", TIERS),
        "maintenance_rate must be blank where tiers are given, got 0",
    ),
    ("MARGIN_CALL", (1, 1, 1, 1, 0, 1, "linear", None, 0), "target_ratio must be positive, got 0"),
    (
        "MARGIN_CALL", (1, 1, 1, 1, 0, 1, "linear", None, 1.5),
        "target_ratio must be at most 1, got 1.5",
    ),
    ("MARGIN_LADDER", (1, 1, 1, 0, -1), "moves must be above -1, got -1"),
    ("MARGIN_LADDER", (1, 1, 1, 0, column(None, None)), "moves must have at least 1 rows, got 0"),
    ("MARGIN_LADDER", (1, 5e-324, 1, 0, -0.9), "price must be positive, got 0"),
    ("MARGIN_LADDER", (1, 1, 1, 0, 0, 0), "contract_size must be positive, got 0"),
    ("MARGIN_TIER", (-1, TIERS), "notional must not be negative, got -1"),
    ("INITIAL_MARGIN", (1, 0, 1), "price must be positive, got 0"),
    ("INITIAL_MARGIN", (1, 1, 0), "leverage must be positive, got 0"),
    ("INITIAL_MARGIN", (1, 1, 1, 0), "contract_size must be positive, got 0"),
    ("MAINTENANCE_MARGIN", (1, 0, 0), "price must be positive, got 0"),
    ("MAINTENANCE_MARGIN", (1, 1, 0, 0), "contract_size must be positive, got 0"),
    ("LIQ_PRICE", (0, 1, 1, 0), "contracts is 0: there is nothing to liquidate"),
    ("LIQ_PRICE", (1, 0, 1, 0), "entry_price must be positive, got 0"),
    ("LIQ_PRICE", (1, 1, 1, 0, 0), "contract_size must be positive, got 0"),
    ("LIQ_PRICE", (1, 1, 1, 0, 1, "linear", -1), "maintenance_amount must not be negative, got -1"),
    ("LIQ_PRICE", (1, 1, 1, 0, 1, "linear", 0, -1), "fee_rate must not be negative, got -1"),
    (
        "LIQ_PRICE", (1, 100, 1, 0.5, 1, "linear", 0, 0.5),
        "maintenance_rate + fee_rate must be below 1, got 1",
    ),
    (
        "LIQ_PRICE", (1, 100, 1, None, 1, "linear", 7, 0, "mark", TIERS),
        "maintenance_amount must be blank where tiers are given, got 7",
    ),
    (
        "LIQ_PRICE", (1, 100, 100, 0),
        "this position cannot be liquidated: the wallet balance covers its loss at every price",
    ),
    (
        "LIQ_PRICE", (-1, 100, -100, 0),
        "no price holds this position: its equity is below maintenance at every price",
    ),
    ("BANKRUPTCY_PRICE", (0, 1, 1), "contracts is 0: there is nothing to liquidate"),
    ("BANKRUPTCY_PRICE", (1, 0, 1), "entry_price must be positive, got 0"),
    ("BANKRUPTCY_PRICE", (1, 1, 1, 0), "contract_size must be positive, got 0"),
    (
        "BANKRUPTCY_PRICE", (1, 100, 100),
        "this position cannot be liquidated: the wallet balance covers its loss at every price",
    ),
    ("LIQ_PRICE_APPROX", (0, 1, 0), "entry_price must be positive, got 0"),
    ("LIQ_PRICE_APPROX", (1, 0, 0), "initial_margin_rate must be positive, got 0"),
    ("LIQ_PRICE_APPROX", (1, 0.1, 1), f"maintenance_rate {PER_CENT}"),
    (
        "LIQ_PRICE_APPROX", (1, 1, 0, "long"),
        "this position cannot be liquidated: its margin covers its loss at every price",
    ),
]  # fmt: skip


@each(("name", "cells", "sentence"), SENTENCES)
def test_a_refusal_says_exactly_why(name, cells, sentence):
    assert why(name, *cells) == sentence


@each(
    ("name", "cells"),
    [
        ("MARGIN_CALL", (2, 100, 90, 10, 0.01, 1, "linear", None, 1)),
        ("HEDGE_CONTRACTS", (1, 1, 1, 1, 1, "linear", 0)),
        ("CONTRACT_DELTA", (1, 1, 1, "linear", 0, 0)),
        ("LIQ_PRICE", (-1, 100, 1, 0.5, 1, "linear", 0, 0.5)),
        ("LIQ_PRICE", (1, 100, 99.9999, 0)),
        ("FUNDING_VAR", (column(*[0.1] * 102), 0, 1, 8, 0.95)),
        ("MARGIN_LADDER", (1, 1, 1, 0, -0.999)),
        ("FUNDING_VAR", (column(*[0.1] * 100), 1, 1 / 3, 8, 0.95)),
    ],
)
def test_the_last_value_that_is_allowed_is(name, cells):
    assert why(name, *cells) == "ok"


def test_a_lot_of_0_rounds_nothing_and_divides_by_nothing():
    """From Python, where a warning would be seen."""
    assert sizing.round_to_lot(-1.3, 0) == -1.3
    assert sizing.round_to_lot(np.array([1.3, -1.3]), np.array([0, 0.5])).tolist() == [1.3, -1.5]


class TestLadder:
    def test_the_status_changes_at_exactly_a_half_at_8_tenths_and_at_1(self):
        """A long of 1 at 100 with maintenance 10: equity is 10/ratio where the move is 0."""
        for wallet, status in (
            (20.0, "warn"), (20.001, "ok"), (12.5, "call"), (12.501, "warn"), (10.0, "liquidated"),
            (10.001, "call"), (0.0, "liquidated"), (-1.0, "liquidated"),
        ):  # fmt: skip
            row = call("MARGIN_LADDER", 1, 100, wallet, 0.1, 0)[1]
            assert row[7] == status, wallet
            if wallet > 0:
                assert math.isclose(row[5], 10 / wallet)
            else:
                assert row[5] is CellError.NUM
            assert row[6] == max(20 - wallet, 0)

    def test_moves_left_blank_are_11_steps_of_5_percent_against_the_position(self):
        for contracts, sign in ((1, -1), (-1, 1), (0, 1)):
            rows = call("MARGIN_LADDER", contracts, 100, 50, 0.01)[1:]
            assert [row[0] for row in rows] == [sign * step / 20 + 0.0 for step in range(11)]
            assert [row[1] for row in rows] == pytest.approx(
                [100 + sign * 5 * s for s in range(11)]
            )

    def test_a_row_by_hand(self):
        header, row = call("MARGIN_LADDER", -2, 100, 50, 0.01, 0.1, 3)
        assert header == [
            "move", "price", "unrealised_pnl", "equity", "maintenance", "ratio", "top_up", "status",
        ]  # fmt: skip
        assert row[:5] == pytest.approx([0.1, 110, -60, -10, 6.6])
        assert row[5] is CellError.NUM
        assert row[6:] == [pytest.approx(13.2 + 10), "liquidated"]
        assert why("MARGIN_LADDER", -2, 100, 50, 0.01, 0.1, 3) == "ratio needs equity above 0"
        inverse = call("MARGIN_LADDER", 200, 100, 1, 0.01, -0.5, 1, "inverse")[1]
        assert inverse[:5] == pytest.approx([-0.5, 50, -2, -1, 0.04])
        tiers = call("MARGIN_LADDER", 20, 100, 500, None, 0, 1, "linear", TIERS)[1]
        assert tiers[4:7] == pytest.approx([30, 0.06, 0])


class TestMaintenance:
    TIERS = Tiers(np.array([0.0, 1000, 5000]), np.array([0.01, 0.02, 0.05]))

    def test_orientation_says_whether_equity_rises_with_the_notional(self):
        cases = [(1, "linear", 1), (-1, "linear", -1), (1, "inverse", -1), (-1, "inverse", 1)]
        for contracts, kind, sign in cases:
            assert _maintenance.orientation(contracts, kind) == sign
        assert _maintenance.orientation(0, "linear") == -1
        assert _maintenance.orientation(0, "inverse") == 1

    def test_price_and_notional_are_each_others_inverse(self):
        for kind in ("linear", "inverse"):
            notional = _maintenance.notional_of(-3, 100.0, 2, kind)
            assert notional == (600 if kind == "linear" else 0.06)
            assert _maintenance.worth(6, 100.0, kind) == notional
            assert math.isclose(_maintenance.price_at(6, notional, kind), 100)

    def test_the_amount_is_0_unless_given(self):
        def line(*cells, notional=2000.0):
            return _maintenance.requirement(*cells, 1, 1, "linear").at(notional)

        assert line(0.01, None) == (0.01, 0)
        assert line(None, self.TIERS) == (0.02, 10)
        need = _maintenance.requirement(0.01, None, 1, 1, "linear", 0.001, 5)
        assert need.at(1.0) == (0.01, 5)
        assert need.margin(2000.0) == pytest.approx(22 - 5)

    @each("orient", [1.0, -1.0])
    def test_the_tier_of_the_root_is_that_in_which_the_root_lies(self, orient):
        """x = (x₀ − o·W − o·c)/(1 − o(m + f)) must lie in the bracket whose m and c it uses."""
        schedule = schedule_of(self.TIERS)
        for fee in (0.0, 0.01, 0.2):
            shortfall = np.linspace(1.0, 9000, 400)
            line, _ = _maintenance.line_at_root(orient, shortfall, shortfall, fee, schedule)
            root = (shortfall - orient * line.amount) / (1 - orient * (line.rate + fee))
            index = schedule.bracket(root)
            assert np.array_equal(self.TIERS.rate[index], line.rate)
            assert set(line.rate.tolist()) == {0.01, 0.02, 0.05}

    def test_many_tiers_are_counted_beyond_255(self):
        floors = np.arange(400.0)
        schedule = schedule_of(Tiers(floors, np.linspace(0.001, 0.2, 400)))
        shortfall = np.array([0.5, 254.5, 256.5, 390.0])
        for orient in (1.0, -1.0):
            line, _ = _maintenance.line_at_root(orient, shortfall, shortfall, 0.0, schedule)
            root = (shortfall - orient * line.amount) / (1 - orient * line.rate)
            assert np.array_equal(schedule.rate[schedule.bracket(root)], line.rate)

    def test_one_number_comes_back_as_a_float_and_an_array_as_itself(self):
        assert type(_maintenance.as_given(np.float64(2))) is float
        assert type(_maintenance.as_given(np.array(2.0))) is float
        array = np.array([2.0])
        assert _maintenance.as_given(array) is array

    def test_an_amount_too_large_for_its_tier_is_refused_up_to_rounding(self):
        """By entry, maintenance is 0.01 · 100 − c: nothing at c = 1, refused above."""
        arguments = (-1, 100, 50, 0.01, 1, "linear")
        assert why("LIQ_PRICE", *arguments, 1, 0, "entry") == "ok"
        assert why("LIQ_PRICE", *arguments, 1 + 1e-9, 0, "entry").startswith(
            "maintenance_amount must belong to the tier of the liquidation price: "
            "the maintenance margin is negative there, got -1"
        )
        assert why("LIQ_PRICE", *arguments, 1 + 1e-13, 0, "entry") == "ok"
        # By mark: maintenance at the answer, 0.01 · 150/1.01 with no amount, is nearly 1.5.
        assert why("LIQ_PRICE", *arguments, 1.49) == "ok"
        assert "belong to the tier" in why("LIQ_PRICE", *arguments, 1.51)

    def test_a_root_within_rounding_of_nothing_is_none(self):
        assert liquidation._require_root(1e-13, 1.0, 1.0) is None
        for notional in (1e-14, 0.0, -1.0):
            with pytest.raises(liquidation.NoSolution, match="cannot be liquidated"):
                liquidation._require_root(notional, 1.0, 1.0)
            with pytest.raises(liquidation.NoSolution, match="no price holds"):
                liquidation._require_root(notional, 1.0, -1.0)
