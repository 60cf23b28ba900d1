"""Laws that the risk of a whole book obeys, whatever its positions and its history."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import near, quick, reverting, seeds, walk
from scipy import signal

from xlhedge import call
from xlhedge.catalog import explain
from xlhedge.core.statistics.series import recursive

HEADER = ["asset", "instrument", "quantity", "price", "contract_size", "entry_price", "days"]
BTC_SPOT = ["BTC", "spot", 2.0, 70000.0, "", "", ""]
BTC_LINEAR = ["BTC", "linear", -150.0, 70100.0, 0.01, 65000.0, ""]
BTC_INVERSE = ["BTC", "inverse", -300.0, 70050.0, 100.0, 60000.0, ""]
ETH_SPOT = ["ETH", "spot", -10.0, 3500.0, "", "", ""]
ETH_LINEAR = ["ETH", "linear", 9.0, 3510.0, 1.0, "", ""]
BOOK = [BTC_SPOT, BTC_LINEAR, BTC_INVERSE, ETH_SPOT, ETH_LINEAR]
methods = st.sampled_from(["scaled", "windows"])
horizons = st.integers(1, 6)


def columns(asset, seed, rows=140):
    spot = walk(seed, rows)
    return {
        f"{asset} spot": spot,
        f"{asset} futures": spot * np.exp(-reverting(seed + 1, rows)),
        f"{asset} funding": 1e-4 + reverting(seed + 2, rows, scale=1e-4),
    }


def as_range(table):
    return [
        list(table),
        *(list(line) for line in zip(*map(np.ndarray.tolist, table.values()), strict=True)),
    ]


def blanked(history):
    """Blank cells for NaN."""
    header, *lines = history
    return [header, *(["" if math.isnan(cell) else cell for cell in line] for line in lines)]


def market(seed, rows=140):
    return as_range({**columns("BTC", seed, rows), **columns("ETH", seed + 7, rows)})


def risk(rows, history, *rest):
    table = call("BOOK_VAR", [HEADER, *rows], history, *rest)
    assert isinstance(table, list), explain("BOOK_VAR", [HEADER, *rows], history, *rest).reason
    return dict(table)


def pnl(rows, history, *rest):
    return np.array(call("BOOK_PNL", [HEADER, *rows], history, *rest)[1:], dtype=float)


def times(rows, factor):
    return [[a, i, factor * q, *rest] for a, i, q, *rest in rows]


class TestBook:
    @quick
    @given(seeds, st.sampled_from([2.0, -3.0]), st.sampled_from(["var", "es"]))
    def test_one_spot_row_is_historical_simulation(self, seed, quantity, measure):
        history = market(seed)
        prices = [[line[0]] for line in history[1:]]
        returns = call("RETURNS", prices, "simple")
        got = risk([["BTC", "spot", quantity, 70000.0, "", "", ""]], history, 1, 0.95, "windows")
        want = call("VAR_HISTORICAL", returns, quantity * 70000.0, 0.95, measure)
        assert near(got[measure], want, 1e-9)

    @quick
    @given(seeds, st.floats(0.1, 50), methods, horizons)
    def test_risk_grows_with_the_book(self, seed, factor, method, horizon):
        history = market(seed)
        one, many = (risk(times(BOOK, f), history, horizon, 0.9, method) for f in (1, factor))
        for label in ("var", "es", "mean", "worst"):
            assert near(many[label], factor * one[label], 1e-9, scale=factor * one["es"])
        assert near(many["basis_share"], one["basis_share"], 1e-9, 1)

    @quick
    @given(seeds, methods, horizons)
    def test_a_mirrored_book_gains_what_the_book_loses(self, seed, method, horizon):
        history = market(seed)
        book, mirror = (pnl(times(BOOK, f), history, horizon, method) for f in (1, -1))
        assert np.allclose(book[:, 1:], -mirror[:, 1:], rtol=1e-12, atol=1e-9)
        assert risk([*BOOK, *times(BOOK, -1)], history, horizon, 0.9, method)["es"] == 0

    @quick
    @given(seeds, methods, st.permutations(BOOK))
    def test_the_order_of_positions_and_columns_does_not_matter(self, seed, method, rows):
        history = market(seed)
        turned = [line[::-1] for line in history]
        assert np.allclose(pnl(BOOK, history, 2, method), pnl(rows, turned, 2, method), atol=1e-8)

    @quick
    @given(seeds, methods, horizons)
    def test_two_assets_with_one_history_behave_as_one(self, seed, method, horizon):
        one = columns("BTC", seed)
        twin = {name.replace("BTC", "ETH"): values for name, values in one.items()}
        split = [BTC_SPOT, ["ETH", "linear", *BTC_LINEAR[2:]], ["ETH", "spot", 0.0, *BTC_SPOT[3:]]]
        apart = pnl(split, as_range({**one, **twin}), horizon, method)
        together = pnl([BTC_SPOT, BTC_LINEAR], as_range(one), horizon, method)
        assert np.allclose(apart, together, rtol=1e-9, atol=1e-8)

    @quick
    @given(seeds, methods)
    def test_a_book_hedged_with_itself_has_no_risk(self, seed, method):
        spot = columns("BTC", seed)["BTC spot"]
        history = as_range({"BTC spot": spot, "BTC futures": spot})
        rows = [BTC_SPOT, ["BTC", "linear", -2.0, 70000.0, "", "", ""]]
        table = risk(rows, history, 3, 0.9, method)
        assert table["var"] == table["es"] == table["worst"] == 0
        assert table["spot_share"] is None

    @quick
    @given(seeds, methods, horizons)
    def test_components_add_up_and_no_part_is_riskier_together(self, seed, method, horizon):
        history = market(seed)
        es = risk(BOOK, history, horizon, 0.9, method)["es"]
        lines = call("BOOK_CONTRIBUTION", [HEADER, *BOOK], history, horizon, 0.9, method)[1:]
        component, alone, without = (np.array([line[k] for line in lines]) for k in (3, 4, 5))
        assert near(float(component.sum()), es, 1e-9, scale=alone.sum())
        assert (component <= alone + 1e-9 * np.abs(alone)).all()
        assert (es <= alone + without + 1e-9 * np.abs(alone)).all()

    @quick
    @given(seeds, methods, horizons)
    def test_parts_add_up_and_shares_to_one(self, seed, method, horizon):
        history = market(seed)
        lines = pnl(BOOK, history, horizon, method)
        assert np.allclose(lines[:, 1], lines[:, 2:].sum(axis=1))
        table = risk(BOOK, history, horizon, 0.9, method)
        shares = [table[f"{part}_share"] for part in ("spot", "basis", "funding")]
        assert math.isclose(sum(shares), 1, rel_tol=1e-9)
        assert table["mean"] == pytest.approx(lines[:, 1].mean(), rel=1e-9, abs=1e-9)

    @quick
    @given(seeds, methods)
    def test_a_coin_balance_is_a_spot_holding(self, seed, method):
        history = market(seed)
        held = risk([BTC_SPOT, ETH_SPOT], history, 2, 0.9, method)
        accounts = [["account", "balance", "asset", "haircut"]]
        accounts += [["A", 1.0, "btc", 0.5], ["A", 1e6, "", 0], ["A", -3.0, "ETH", 0]]
        rest = times([BTC_SPOT], 0.5) + times([ETH_SPOT], 0.7)
        table = call("BOOK_VAR", [HEADER, *rest], history, 2, 0.9, method, 0.97, accounts)
        assert near(dict(table)["es"], held["es"], 1e-9)

    def test_a_calm_today_scales_an_old_storm_down(self):
        rng = np.random.default_rng(3)
        moves = np.concatenate([0.05 * rng.standard_normal(300), 0.005 * rng.standard_normal(300)])
        history = as_range({"BTC spot": 100 * np.exp(np.cumsum(moves))})
        rows = [BTC_SPOT]
        scaled, plain = (risk(rows, history, 1, 0.99, m)["var"] for m in ("scaled", "windows"))
        assert scaled < 0.3 * plain

    def test_what_a_proxy_leaves_is_seen(self):
        history = market(4, 600)
        hedged = risk([times([ETH_SPOT], -1)[0], ["BTC", "linear", -0.5, 70000.0, "", "", ""]],
                      history)  # fmt: skip
        assert hedged["var"] > 0.02 * 35000


class TestHistory:
    def rows(self, **changes):
        return as_range({**columns("BTC", 1, 60), **changes})

    def reason(self, rows, history, *rest):
        return explain("BOOK_VAR", [HEADER, *rows], history, *rest)

    def test_columns_without_an_asset_are_the_only_assets(self):
        named = columns("BTC", 1, 60)
        bare = dict(zip(["spot", "futures", "funding_rate"], named.values(), strict=True))
        bare["interval_hours"] = np.full(60, 8.0)
        rows = [BTC_SPOT, BTC_LINEAR]
        assert risk(rows, as_range(bare)) == risk(rows, as_range(named))
        outcome = self.reason([*rows, ETH_SPOT], as_range(bare))
        assert outcome.value == "#VALUE!"
        assert "without an asset" in outcome.reason

    def test_a_contract_takes_its_own_column(self):
        own = columns("BTC", 9, 60)["BTC futures"]
        history = self.rows(**{"btc m26 Futures": own})
        header = [*HEADER, "contract"]
        book = [header, [*BTC_LINEAR[:-1], 30, " M26"]]
        assert dict(call("BOOK_VAR", book, history))["note"] is not None
        ours = call("BOOK_PNL", book, history)
        swapped = self.rows(**{"BTC futures": own})
        assert ours == call("BOOK_PNL", [HEADER, [*BTC_LINEAR[:-1], 30]], swapped)

    def test_two_contracts_on_one_column_are_noted(self):
        rows = [BTC_LINEAR, [*BTC_LINEAR[:-1], 30]]
        assert "the risk between them" in risk(rows, self.rows(), 1, 0.9)["note"]
        assert risk([BTC_LINEAR, BTC_LINEAR], self.rows(), 1, 0.9)["note"] is None

    def test_few_independent_windows_are_noted(self):
        assert "independent windows" in risk([BTC_SPOT], self.rows(), 7, 0.99)["note"]

    def test_missing_funding_is_told_and_a_dated_future_needs_none(self):
        history = [line[:2] for line in self.rows()]
        table = risk([BTC_SPOT, BTC_LINEAR], history, 1, 0.9)
        assert table["funding_included"] is False
        assert "no funding of BTC" in table["note"]
        assert risk([BTC_SPOT, [*BTC_LINEAR[:-1], 30]], history, 1, 0.9)["funding_included"] is True

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            ({"BTC futures": "gone"}, "lacks the column BTC futures"),
            ({"volume": np.ones(60)}, "unknown column volume"),
            ({"time": np.r_[np.arange(59.0), 58.0]}, "row 61, time must be after the row above"),
            ({"BTC spot": np.r_[np.ones(30), np.nan, np.ones(29)]}, "row 32, BTC spot is blank"),
            ({"BTC spot": np.r_[np.ones(30), -1.0, np.ones(29)]}, "row 32, BTC spot must be posi"),
            ({"btc_SPOT": np.ones(60)}, "twice"),
        ],
    )
    def test_a_history_that_does_not_fit_is_refused(self, change, sentence):
        table = {**columns("BTC", 1, 60), **change}
        table = {name: values for name, values in table.items() if not isinstance(values, str)}
        history = blanked(as_range(table))
        outcome = self.reason([BTC_SPOT, BTC_LINEAR], history)
        assert sentence in outcome.reason
        assert outcome.value == ("#NUM!" if "posi" in sentence else "#VALUE!")

    def test_blank_rows_at_the_ends_and_columns_of_others_do_not_matter(self):
        history = self.rows(**{"SOL spot": np.full(60, np.nan)})
        history = blanked(history)
        blank = [""] * len(history[0])
        longer = [history[0], blank, blank, *history[1:], blank]
        assert risk([BTC_SPOT], longer) == risk([BTC_SPOT], history)

    def test_a_future_without_an_account_is_refused_where_accounts_are_given(self):
        outcome = self.reason(
            [BTC_LINEAR], self.rows(), 1, 0.9, "windows", 0.97, [["account", "balance"], ["A", 1]]
        )
        assert outcome.value == "#VALUE!"
        assert "account" in outcome.reason

    def test_one_row_of_rates_is_summed_over_the_rows_after_the_start(self):
        flat = np.full(30, 100.0)
        rates = np.arange(30) / 1e4
        history = as_range({"spot": flat, "futures": flat, "funding_rate": rates})
        rows = [["BTC", "linear", -1.0, 1000.0, "", "", ""]]
        lines = pnl(rows, history, 3, "windows")
        assert lines[0].tolist()[:2] == pytest.approx([4.0, 1000 * (1 + 2 + 3) / 1e4])
        assert lines[:, 4] == pytest.approx(lines[:, 1])


@pytest.mark.parametrize("shape", [(0,), (1,), (50,), (3, 200)])
@pytest.mark.parametrize("factor", [0.0, 0.97, -0.4, 1.0])
def test_a_recursion_is_scipys_filter_of_one_step_back(shape, factor):
    values = np.random.default_rng(3).standard_normal(shape)
    before = values.copy()
    wanted = signal.lfilter([1.0], [1.0, -factor], values) if values.size else values
    for array in (values, np.asfortranarray(values), np.repeat(values, 2, axis=-1)[..., ::2]):
        np.testing.assert_allclose(recursive(array, factor), wanted, rtol=1e-13, atol=1e-13)
    np.testing.assert_array_equal(values, before)
