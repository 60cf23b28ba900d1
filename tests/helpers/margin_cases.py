"""Positions and brackets that the tests of margin share."""

import numpy as np
from hypothesis import strategies as st

from xlhedge import call

prices = st.floats(0.01, 1e5)
counts = st.floats(0.01, 1e4).flatmap(lambda n: st.sampled_from([n, -n]))
leverages = st.floats(1.5, 50)


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
