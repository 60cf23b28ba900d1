"""Laws of cross-margined accounts."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from laws import near, quick
from margin_cases import brackets, counts, leverages, liq, prices

from xlhedge import call


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
    # Longs of one contract are one position in its brackets, and so are its shorts.
    sizes = [sum(abs(n) for n in (a, b) if n * sign > 0) * price for sign in (1, -1)]
    margin = sum(call("MARGIN_TIER", x, rows, "margin") for x in (*sizes, 2 * other))
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
