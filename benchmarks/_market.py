"""Numbers to work on: positions, tiers, prices and a joint law, all simulated with a fixed seed."""

import numpy as np

TIERS = [
    ["floor", "rate"],
    [0, 0.004], [300_000, 0.005], [800_000, 0.0065], [3_000_000, 0.01], [12_000_000, 0.02],
    [70_000_000, 0.025], [100_000_000, 0.05], [230_000_000, 0.1], [480_000_000, 0.125],
]  # fmt: skip
"""Brackets of the size that a large venue has for bitcoin."""

MODEL = {
    "spot_volatility": 0.6,
    "basis_current": -0.0003, "basis_theta": 1500, "basis_mu": -0.0002, "basis_sigma": 0.02,
    "funding_current": 0.0001, "funding_theta": 300, "funding_mu": 0.0001, "funding_sigma": 0.002,
    "corr_spot_basis": -0.1, "corr_spot_funding": 0.1, "corr_basis_funding": -0.3,
    "degrees_of_freedom": 4, "interval_hours": 8,
}  # fmt: skip


def column(values):
    return [[value] for value in values.tolist()]


def positions(count):
    """Contracts, entry prices and wallets of positions that all have a liquidation price."""
    rng = np.random.default_rng(1)
    contracts = -np.exp(rng.normal(1, 2, count)).round(3) - 0.001
    contracts[::3] *= -1
    prices = (70_000 * np.exp(rng.normal(0, 0.3, count))).round(1)
    wallets = (np.abs(contracts) * prices * rng.uniform(0.05, 0.5, count)).round(2)
    return contracts, prices, wallets


def returns(count):
    return np.random.default_rng(2).standard_t(5, count) * 0.01


def clustered(count):
    """Prices whose returns follow a GARCH(1,1)."""
    variance, found = 1.0, []
    for shock in np.random.default_rng(3).normal(size=count):
        found.append(shock * variance**0.5)
        variance = 0.05 + 0.1 * found[-1] ** 2 + 0.85 * variance
    return 70_000 * np.exp(np.cumsum(np.array(found) * 0.01))


def spot_and_future(count):
    """Prices with a basis that reverts to its mean."""
    rng = np.random.default_rng(4)
    basis, shocks = np.zeros(count), rng.normal(size=count) * 0.0003
    for row in range(1, count):
        basis[row] = 0.9 * basis[row - 1] + shocks[row]
    spot = 70_000 * np.exp(np.cumsum(rng.normal(size=count) * 0.003))
    return spot, spot * np.exp(-basis)
