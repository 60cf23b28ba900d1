"""Strategies and histories that the tests of laws share."""

import math

import numpy as np
from examples import examples
from hypothesis import strategies as st

quick = examples(14, 50)
slow = examples(4, 12)

seeds = st.integers(0, 10_000)
quantities = st.floats(0.01, 1e6).flatmap(lambda q: st.sampled_from([q, -q]))
prices = st.floats(0.01, 1e6)
sizes = st.sampled_from([1.0, 0.001, 0.01, 5.0, 100.0])
kinds = st.sampled_from(["linear", "inverse"])
factors = st.floats(0.01, 100)
levels = st.sampled_from([0.5, 0.8, 0.9, 0.95])
lots = st.sampled_from([1.0, 0.1, 0.01, 0.001, 0.25, 5.0, 100.0])


def near(a, b, rel=1e-9, scale=0.0):
    """Equal up to rounding; `scale` is the size of what was added and subtracted."""
    assert isinstance(a, float), a
    assert isinstance(b, float), b
    return math.isclose(a, b, rel_tol=rel, abs_tol=1e-12 + rel * abs(scale))


def column(values):
    return [[float(value)] for value in values]


def shocks(seed, count, scale=0.02, freedom=5):
    return scale * np.random.default_rng(seed).standard_t(freedom, count)


def walk(seed, count, scale=0.02, start=70000.0):
    """Prices whose log returns are t-distributed."""
    return start * np.exp(np.concatenate([[0.0], np.cumsum(shocks(seed, count - 1, scale))]))


def reverting(seed, count, decay=0.8, scale=1e-3, mean=0.0):
    """An autoregression of order one."""
    noise = np.random.default_rng(seed).standard_normal(count) * scale
    values = np.empty(count)
    values[0] = level = noise[0]
    for i in range(1, count):
        level = decay * level + noise[i]
        values[i] = level
    return mean + values


def pair(seed, count, slope=0.9, scale=3e-3):
    """Spot and futures prices that move together, but not one to one."""
    futures = walk(seed, count)
    return futures**slope * np.exp(reverting(seed + 1, count, scale=scale)), futures


def table(result):
    assert isinstance(result, list), result
    return dict(result)
