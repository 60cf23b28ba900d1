"""Whole margin accounts: probabilities against their random numbers, stress against the clock."""

from contextlib import contextmanager
from functools import partial

import numpy as np

from benchmarks._measure import compare, timed, within
from xlhedge import call
from xlhedge.core.margin import block

ASSETS, ACCOUNTS, PATHS, DAYS = 10, 5, 20_000, 30
HEADER = ["asset", "instrument", "quantity", "price", "account", "maintenance_rate"]


@contextmanager
def one_thread():
    """Blocks one after another, so that processor time compares with the drawing's."""
    workers, block.worker_count = block.worker_count, lambda blocks: 1
    try:
        yield
    finally:
        block.worker_count = workers


def probability(tiers):
    """ACCOUNT_PROBABILITY's arguments: a position of each asset in each account."""
    rng = np.random.default_rng(0)
    rate = None if tiers else 0.01
    lines = [
        [f"A{k}", "linear", float(rng.choice([-1, 1]) * rng.uniform(50, 150)), 100.0, f"a{a}", rate]
        for a in range(ACCOUNTS)
        for k in range(ASSETS)
    ]
    balances = [["account", "balance"], *([f"a{a}", 15_000.0] for a in range(ACCOUNTS))]
    volatilities = [["asset", "volatility"], *([f"A{k}", 0.6 + 0.03 * k] for k in range(ASSETS))]
    correlations = np.where(np.eye(ASSETS) == 1, 1.0, 0.6).tolist()
    return [HEADER, *lines], balances, volatilities, correlations, DAYS, tiers


def drawn():
    """The random numbers of all paths and steps, in blocks as they are simulated."""
    rng = np.random.default_rng(1)
    for start in range(0, PATHS, block.BLOCK_PATHS):
        normals = np.empty((ASSETS, min(block.BLOCK_PATHS, PATHS - start)))
        for _ in range(DAYS):
            rng.standard_normal(out=normals)
            rng.standard_exponential((2, normals.shape[1]))


def stress():
    """STRESS_PNL's arguments: 1,000 positions in ten accounts, 50 scenarios."""
    rng = np.random.default_rng(0)
    lines = [
        [f"A{i % 10}", "linear", float(rng.normal() * 100), 100.0, f"a{i // 100}", 0.01]
        for i in range(1_000)
    ]
    shocks = np.linspace(-0.5, 0.5, 50).tolist()
    scenarios = [["scenario", "spot_shock"], *([f"s{k}", shock] for k, shock in enumerate(shocks))]
    return (
        [HEADER, *lines],
        scenarios,
        [["account", "balance"], *([f"a{a}", 1e6] for a in range(10))],
    )


def margin(quick):
    """Row 12."""
    rounds = 3 if quick else 15
    brackets = [["floor", "rate"], *([5_000 * k, 0.01 * (k + 1)] for k in range(10))]
    with one_thread():
        for kind, tiers, most in (("one rate", None, 3), ("ten brackets", brackets, 6)):
            name = f"ACCOUNT_PROBABILITY, 10 assets, 5 accounts, {kind} / drawing its numbers"
            ours = partial(call, "ACCOUNT_PROBABILITY", *probability(tiers))
            yield compare(12, name, ours, drawn, rounds, most=most)
    ours = partial(call, "STRESS_PNL", *stress())
    ours()
    name = "STRESS_PNL, 1,000 positions × 50 scenarios"
    yield within(12, name, [timed(ours) for _ in range(rounds)], 0.03)
