"""Samples and histories that the tests of risk share."""

import math

import numpy as np
from hypothesis import strategies as st

money = st.floats(1, 1e9).flatmap(lambda v: st.sampled_from([v, -v]))
levels = st.floats(0.5, 0.999)
measures = st.sampled_from(["var", "es"])


def close(a, b, rel=1e-9, scale=0.0):
    assert isinstance(a, float), a
    assert isinstance(b, float), b
    return math.isclose(a, b, rel_tol=rel, abs_tol=1e-12 + rel * scale)


def sample(seed, count, freedom=5, scale=0.02):
    return scale * np.random.default_rng(seed).standard_t(freedom, count)


def walk(seed, count, scale=0.02, start=70000.0):
    return start * np.exp(np.cumsum(sample(seed, count, 5, scale)))
