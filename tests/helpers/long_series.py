"""Functions of long series, printed with all their bits: run by itself, by test_determinism."""

import json
import sys

import numpy as np

from xlhedge import call

ROWS = 30_000
"""Linear algebra splits a product of 10,000 rows among its threads."""


def answers():
    """What each function gives."""
    draws = np.random.Generator(np.random.PCG64(3)).standard_normal((4, ROWS))
    prices = 100 * np.exp(np.cumsum(0.01 * draws[0]))
    memory = 0.98 ** np.arange(500)
    carry = 0.001 * np.convolve(draws[1], memory, "same")
    other = 50 * np.exp(np.cumsum(0.01 * draws[2]))
    rates = 1e-4 + 1e-5 * np.convolve(draws[3], memory, "same")
    spot, futures, basis, funding, returns = (
        column.reshape(-1, 1).tolist()
        for column in (prices, prices * np.exp(carry), carry, rates, np.diff(np.log(prices)))
    )
    both = np.column_stack([prices * np.exp(carry), other]).tolist()
    calls = {
        "BASIS_STATS": (spot, futures), "OU_FIT": (basis, 1 / 3), "ADF_TEST": (basis,),
        "COINTEGRATION_TEST": (spot, futures), "BASIS_VAR": (spot, futures, 1e6, 0.99, 3),
        "HEDGE_RATIO": (spot, futures), "HEDGE_STATS": (spot, futures), "BETA": (spot, futures),
        "HEDGE_RATIO_EWMA": (spot, futures), "HEDGE_RATIOS": (spot, both),
        "FUNDING_STATS": (funding, 8), "FUNDING_FORECAST": (funding, [[7], [30_000]]),
        "VOL_EWMA": (spot,), "VOL_HAR": (spot,),
        "VAR_HISTORICAL": (returns, 1e6, 0.99, "es", 0.9999),
    }  # fmt: skip
    return {name: repr(call(name, *given)) for name, given in calls.items()}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(answers()))
