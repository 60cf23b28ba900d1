"""Books to the digit: exposures, scenarios, liquidations and histories, each worked out by hand."""

import math

import numpy as np
import pytest
from sheet_calls import column, why

from xlhedge import CellError, call
from xlhedge.core.book import revaluation as _revaluation
from xlhedge.core.book.ranges import Positions
from xlhedge.core.margin.engine import State, make_ledger
from xlhedge.core.sizing import exposure
from xlhedge.core.stress import scenarios as stress
from xlhedge.sheet import labelled

BOOK = ["asset", "instrument", "quantity", "price"]
FULL = [*BOOK, "contract_size", "entry_price", "beta", "account", "maintenance_rate"]


class TestPortfolioDelta:
    def test_rows_by_hand(self):
        """0.5 · 8 / 100 of accrued and present coins for the inverse row, at entry 100."""
        lines = [
            [*BOOK, "contract_size", "entry_price"],
            ["ETH", "linear", -3, 11, 2, None],
            ["BTC", "inverse", -8, 200, 0.5, 100],
            ["ETH", "spot", 4, 10, None, None],
            ["ETH", "spot", 1, 10, None, None],
            ["BTC", "inverse", 8, 200, None, None],
        ]
        table = call("PORTFOLIO_DELTA", lines)
        assert table[0] == ["asset", "spot", "futures", "net", "net_value", "hedged_share"]
        assert table[1] == ["ETH", 5.0, -6.0, -1.0, -10.0, 1.2]
        btc = -4 / 100 + 8 / 200
        assert table[2][:2] == ["BTC", 0.0]
        assert table[2][2:5] == [btc, btc, btc * 200]
        assert table[2][5] is CellError.NA
        assert table[3] == ["TOTAL", None, None, None, -10.0 + btc * 200, 60 / 50]
        assert why("PORTFOLIO_DELTA", lines) == "hedged_share needs a spot holding, got 0"

    def test_one_asset_is_added_up_and_a_residue_of_rounding_is_nothing(self):
        lines = [[*BOOK, "contract_size"], ["X", "spot", 0.3, 2, None], ["X", "linear", -3, 2, 0.1]]
        assert 0.3 - 3 * 0.1 != 0
        assert call("PORTFOLIO_DELTA", lines)[1:] == [
            ["X", 0.3, -3 * 0.1, 0.0, 0.0, pytest.approx(1)],
            ["TOTAL", 0.3, -3 * 0.1, 0.0, 0.0, pytest.approx(1)],
        ]
        assert exposure._without_residue(2e-14, 1.0) == 2e-14
        assert exposure._without_residue(1e-14, 1.0) == 0
        assert exposure._without_residue(-1e-14, 1.0) == 0


SHOCKS = [
    "scenario", "spot_shock", "basis_shock", "funding_rate", "intervals", "stablecoin_shock",
    "cost_rate", "top_up",
]  # fmt: skip


class TestStress:
    LINES = (
        FULL,
        ["BTC", "spot", 2, 100, None, None, None, None, None],
        ["BTC", "linear", -3, 110, 2, 90, None, "A", 0.1],
        ["BTC", "inverse", -600, 120, 1, 80, None, "B", 0.05],
    )
    ACCOUNTS = (
        ["account", "balance", "asset", "haircut"],
        ["A", 400, None, 0.1],
        ["B", 5, "BTC", 0.2],
    )

    def test_a_scenario_by_hand(self):
        """S₁ = 150; d = −0.02; b = ln 1.25, so F₁ = F₀ · 1.5/1.25 = 1.2 F₀, over 0.98 if linear."""
        shock = ["s", 0.5, math.log(1.25), 0.001, 3, -0.02, 0.01, False]
        header, row = call("STRESS_PNL", list(self.LINES), [SHOCKS, shock], list(self.ACCOUNTS))
        got = dict(zip(header, row, strict=True))
        linear, inverse = 110 * 1.2 / 0.98, 120 * 1.2
        futures = -6 * (linear - 90) * 0.98 + 6 * (110 - 90)
        coins = -600 * (1 / 80 - 1 / inverse)
        futures += coins * 150 + 600 * (1 / 80 - 1 / 120) * 100
        assert got["scenario"] == "s"
        assert got["spot_pnl"] == pytest.approx(100)
        assert got["futures_pnl"] == pytest.approx(futures)
        paid = 6 * linear * 0.98 * 0.003 + 600 * 0.003
        assert got["funding_pnl"] == pytest.approx(paid)
        assert got["collateral_pnl"] == pytest.approx(-0.02 * 400 + 5 * 50)
        parts = ("spot_pnl", "futures_pnl", "funding_pnl", "collateral_pnl")
        assert got["total_pnl"] == pytest.approx(sum(got[part] for part in parts))
        equity_a = 400 * 0.98 * 0.9 - 6 * (linear - 90) * 0.98 + 6 * linear * 0.98 * 0.003
        equity_b = 5 * 150 * 0.8 + coins * 150 + 600 * 0.003
        need_a, need_b = 6 * linear * 0.1 * 0.98, 600 / inverse * 0.05 * 150
        assert got["equity"] == pytest.approx(equity_a + equity_b)
        assert got["maintenance"] == pytest.approx(need_a + need_b)
        assert got["margin_ratio"] == pytest.approx(max(need_a / equity_a, need_b / equity_b))
        calls = max(0, 2 * need_a - equity_a) + max(0, 2 * need_b - equity_b)
        assert got["margin_call"] == pytest.approx(calls)
        assert got["liquidated"] == float((equity_a <= need_a) + (equity_b <= need_b))

    def test_what_is_left_after_a_liquidation_by_hand(self):
        """A, worth 400 + 6 · (90 − 110) = 280 today, is gone; B and the coins are not."""
        lines = [*self.LINES[:3], ["BTC", "inverse", -600, 120, 1, None, None, "B", 0.05]]
        shock = ["s", 0.5, 0, 0.001, 3, 0, 0.01, False]
        header, row = call("STRESS_PNL", lines, [SHOCKS, shock], list(self.ACCOUNTS))
        got = dict(zip(header, row, strict=True))
        assert got["liquidated"] == 1
        lost, cost = 280, 0.01 * 6 * 165
        up = 100 + 600 * (1 / 180 - 1 / 120) * 150 + 600 * 0.003 + 250
        back = 0 + 0 + 600 * 0.003 + 0
        assert got["pnl_after_liquidation"] == pytest.approx(min(up, back) - lost - cost)
        paid = call("STRESS_PNL", lines, [SHOCKS, [*shock[:7], True]], list(self.ACCOUNTS))[1]
        assert paid[10] == 0
        assert paid[11] == pytest.approx(got["total_pnl"])

    def test_an_account_that_is_worth_less_than_nothing_today_gains_nothing_by_its_end(self):
        lines = [self.LINES[0], self.LINES[2]]
        accounts = [["account", "balance"], ["A", 100]]
        row = call("STRESS_PNL", lines, [["scenario", "spot_shock"], ["s", 0.0]], accounts)[1]
        assert row[6:9] == [pytest.approx(-20), pytest.approx(66), CellError.NUM]
        assert row[9:] == [pytest.approx(132 + 20), 1.0, pytest.approx(0)]
        assert (
            why("STRESS_PNL", lines, [["scenario", "spot_shock"], ["s", 0.0]], accounts)
            == "margin_ratio needs equity above 0"
        )

    @pytest.mark.parametrize("balance", [22.0, 22.0000001])
    def test_equity_that_just_meets_maintenance_is_a_liquidation(self, balance):
        lines = [self.LINES[0], ["BTC", "linear", -2, 110, 1, None, None, "A", 0.1]]
        accounts = [["account", "balance"], ["A", balance]]
        row = call("STRESS_PNL", lines, [["scenario", "spot_shock"], ["s", 0.0]], accounts)[1]
        assert row[10] == float(balance == 22)
        assert row[9] == pytest.approx(22, abs=1e-6)

    def test_an_account_without_contracts_is_neither_called_nor_liquidated(self):
        lines = [self.LINES[0], ["BTC", "linear", 0, 110, 1, None, None, "A", 0.1]]
        accounts = [["account", "balance"], ["A", 5], ["C", 7]]
        row = call("STRESS_PNL", lines, [["scenario", "spot_shock"], ["s", 0.1]], accounts)[1]
        assert row[6:] == [12.0, 0.0, 0.0, 0.0, 0.0, 0.0]

    def test_without_accounts_there_is_no_margin_and_no_answer_on_liquidation(self):
        shocks = [["scenario", "spot_shock"], ["s", 0.1]]
        named = call("STRESS_PNL", list(self.LINES), shocks)[1]
        assert named[6:] == [None] * 6
        free = call("STRESS_PNL", [BOOK, ["X", "linear", 1, 100]], shocks)[1]
        assert free[6:] == [None] * 5 + [free[5]]
        assert call("STRESS_PNL", [BOOK, ["X", "linear", 1, 100]], shocks)[0] == [
            "scenario", "spot_pnl", "futures_pnl", "funding_pnl", "collateral_pnl", "total_pnl",
            "equity", "maintenance", "margin_ratio", "margin_call", "liquidated",
            "pnl_after_liquidation",
        ]  # fmt: skip

    def test_beta_is_a_power_of_the_markets_growth(self):
        lines = [
            FULL,
            ["X", "spot", 1, 100, None, None, 2, None, None],
            ["Y", "spot", 1, 10, *[None] * 5],
        ]
        row = call("STRESS_PNL", lines, [["scenario", "spot_shock"], ["s", 0.1]])[1]
        assert row[1] == pytest.approx(21 + 1)
        tiny = call("STRESS_PNL", lines[:2], [["scenario", "spot_shock"], ["s", 1e-12]])[1]
        assert tiny[1] == pytest.approx(2e-10, rel=1e-9)

    def test_a_coin_without_beta_does_not_move_with_the_market(self):
        lines = [FULL, ["X", "spot", 1, 100, None, None, 0, None, None]]
        shocks = [["scenario", "spot_shock"], ["s", 0.1]]
        assert call("STRESS_PNL", lines, shocks)[1][1] == 0
        lines.append(["X", "linear", -2, 100, None, None, 0, None, None])
        assert call("STRESS_PNL", lines, shocks)[1][5] == 0

    def test_what_does_not_fit_is_refused_in_a_sentence(self):
        shocks = [["scenario", "spot_shock"], ["s", 0.1]]
        accounts = [["account", "balance"], ["A", 1]]

        def sentence(row, accounts=accounts):
            return why("STRESS_PNL", [FULL, self.LINES[1], row], shocks, accounts)

        future = ["BTC", "linear", 1, 1, 1, None, None]
        assert sentence([*future, "Z", 0.1]) == (
            "positions row 3, account must be one of accounts, got Z; accounts are A"
        )
        assert sentence([*future, None, 0.1]) == (
            "positions row 3, account is blank: a future must name its account, or it could never "
            "be liquidated; accounts are A"
        )
        price = self.LINES[1][3]
        assert sentence(["BTC", "spot", 1, price, 1, None, None, "A", 0.1]) == (
            "positions row 3, account must be blank for spot, which is custody: enter coins held "
            "as margin in accounts, with their asset, and not here as well, else they count twice"
        )
        assert sentence([*future, "A", None]) == (
            "positions row 3, maintenance_rate is blank: give it or tiers"
        )
        coin = [["account", "balance", "asset"], ["A", 1, None], ["A", 1, "SOL"]]
        assert sentence([*future, "A", 0.1], coin) == (
            "accounts row 3, price must be given: positions hold no SOL. Leave asset blank for the "
            "settlement coin of linear contracts"
        )

    def test_a_grid_is_the_same_in_one_block_and_in_many(self, monkeypatch):
        lines = [row[:6] for row in self.LINES]
        spot, basis = column(*np.linspace(-0.5, 0.5, 7)), column(*np.linspace(-0.1, 0.1, 5))
        whole = call("STRESS_GRID", lines, spot, basis)
        assert (len(whole), len(whole[0])) == (7, 5)
        one = call("STRESS_PNL", lines, [SHOCKS[:3], ["s", spot[5][0], basis[1][0]]])[1][5]
        assert whole[5][1] == pytest.approx(one)
        monkeypatch.setattr(stress, "BLOCK_WORLDS", 10)
        assert call("STRESS_GRID", lines, spot, basis) == whole
        assert why("STRESS_GRID", lines, -1, 0) == "spot_shocks must be above -1, got -1"
        assert why("STRESS_GRID", lines, -0.9999, 0) == "ok"
        nothing = column(None, None)
        for shocks in ((nothing, 0), (0, nothing)):
            assert why("STRESS_GRID", lines, *shocks).endswith("must have at least 1 rows, got 0")

    def test_a_replay_by_hand(self):
        """A short of 1 from 100 with 30 of margin and 10 % maintenance; funding at rows 2 to 4."""
        lines = [FULL, ["X", "linear", -1, 100, None, None, None, "A", 0.1]]
        path = column(100, 110, 119, 90)
        rates = column(0.5, 0.01, 0.01, -0.01)
        accounts = [["account", "balance"], ["A", 31]]
        table = dict(call("STRESS_REPLAY", lines, path, path, rates, accounts))
        totals = [0, -10 + 1.1, -19 + 1.1 + 1.19, 10 + 1.1 + 1.19 - 0.9]
        assert table["worst_pnl"] == pytest.approx(totals[2])
        assert table["worst_row"] == 3
        assert table["end_pnl"] == pytest.approx(totals[3])
        assert table["maximum_drawdown"] == pytest.approx(-totals[2])
        # Row 2: equity 22.1, maintenance 11, ratio just below a half; row 3: 14.29 against 11.9.
        assert table["first_margin_call_row"] == 3
        assert table["first_liquidation_row"] is CellError.NA
        assert why("STRESS_REPLAY", lines, path, path, rates, accounts) == (
            "the history brings no liquidation"
        )
        alone = [row[:7] for row in lines]
        assert why("STRESS_REPLAY", alone, path, path) == "without accounts there is no margin call"
        assert dict(call("STRESS_REPLAY", alone, path, path))["end_pnl"] == pytest.approx(10)
        low = [["account", "balance"], ["A", 27]]
        table = dict(call("STRESS_REPLAY", lines, path, path, rates, low))
        assert table["first_margin_call_row"] == 2
        assert table["first_liquidation_row"] == 3
        basis = dict(call("STRESS_REPLAY", alone, path, column(50, 60, 55, 50)))
        assert basis["end_pnl"] == pytest.approx(0)
        assert basis["worst_row"] == 2
        assert why("STRESS_REPLAY", alone, 1, 1) == "spot_prices must have at least 2 rows, got 1"
        assert why("STRESS_REPLAY", alone, path, column(1, 2, 0, 1)) == (
            "futures_prices row 3 must be positive, got 0"
        )
        assert why("STRESS_REPLAY", alone, column(1, 2, 0, 1), path) == (
            "spot_prices row 3 must be positive, got 0"
        )

    def test_a_call_of_cents_is_a_call_too(self):
        lines = [FULL, ["X", "linear", -0.001, 100, None, None, None, "A", 0.1]]
        path, accounts = column(100, 110, 119), [["account", "balance"], ["A", 0.031]]
        table = dict(call("STRESS_REPLAY", lines, path, path, None, accounts))
        assert table["first_margin_call_row"] == 2

    def test_coins_are_valued_at_the_first_spot_row_else_at_the_first_row(self):
        shocks = [["scenario", "spot_shock"], ["s", 0.1]]
        header = [*BOOK, "account", "maintenance_rate"]
        future = ["X", "inverse", 100, 50, "A", 0.01]
        accounts = [["account", "balance", "asset"], ["A", 3, "X"]]
        rest = [None, None]
        lines = [header, future, ["X", "spot", 0, 40, *rest], ["X", "spot", 7, 40, *rest]]
        assert call("STRESS_PNL", lines, shocks, accounts)[1][4] == pytest.approx(3 * 4)
        lines = [header, future, ["X", "linear", 0, 70, "A", 0.01]]
        assert call("STRESS_PNL", lines, shocks, accounts)[1][4] == pytest.approx(3 * 5)

    def test_a_book_without_accounts_has_no_margin_column_at_all(self):
        positions = labelled.table("positions", [BOOK, ["X", "linear", 1.0, 100.0]], Positions)
        ledger = make_ledger(positions)
        worlds = _revaluation.Worlds(np.array([[0.1], [0.2]]))
        result, state = _revaluation.revalue(ledger.book, worlds), ledger.at(worlds)
        assert state.equity.shape == state.maintenance.shape == result.collateral.shape == (2, 0)
        assert result.total == pytest.approx([10, 20])
        assert len(ledger.book.accounts) == ledger.legs.size == ledger.book.at_risk.size == 0

    def test_slack_is_equity_less_maintenance_where_there_is_risk(self):
        state = State(np.full((1, 2), 7.0), np.full((1, 2), 3.0), np.array([True, False]))
        assert state.slack.tolist() == [[4.0, math.inf]]
