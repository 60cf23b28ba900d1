"""What the scripts of this folder share: rows as TOML, and histories without a random generator."""

import itertools
import json
import math

import mpmath
import numpy as np
import scipy.stats as st

mpmath.mp.dps = 30
GOLDEN_RATIO = (math.sqrt(5) - 1) / 2


def toml(value, *, flat=False):
    """A value as TOML; `flat` writes a column of cells as one list."""
    if isinstance(value, dict):
        items = (f"{key} = {toml(item, flat=flat)}" for key, item in value.items())
        return "{ " + ", ".join(items) + " }"
    if isinstance(value, (list, tuple, np.ndarray)):
        if flat and value and all(isinstance(one, list) and len(one) == 1 for one in value):
            value = [one[0] for one in value]
        return "[" + ", ".join(toml(item, flat=flat) for item in value) + "]"
    if isinstance(value, (mpmath.mpf, np.floating)):
        value = float(value)
    elif isinstance(value, np.integer):
        value = int(value)
    return json.dumps(value, ensure_ascii=False)


def row(name, function, args, want, source, *, flat=False, **more):
    print(f'\n[[row]]\nid = "{name}"\nfunction = "{function}"')
    for key, value in {"args": args, "want": want, **more, "source": source}.items():
        print(f"{key} = {toml(value, flat=flat)}")


def shocks(count, start=1, freedom=5, scale=0.02):
    """Quantiles of a t law at equidistributed points, in an order that looks random."""
    points = [math.modf((start + i * (1 + i % 7)) * GOLDEN_RATIO)[0] for i in range(count)]
    return [float(scale * st.t.ppf(min(max(p, 0.002), 0.998), freedom)) for p in points]


def prices(count, start=1, scale=0.02, first=100.0, digits=2):
    level = first * np.exp(np.cumsum([0.0, *shocks(count - 1, start, scale=scale)]))
    return [round(float(item), digits) for item in level]


def pair(count, start=1):
    """Spot and futures prices that move together."""
    futures = prices(count, start)
    noise = np.cumsum(shocks(count, start + 50, scale=0.002)) * 0.5
    spot = [
        round(float(f**0.9 * 1.6 * math.exp(e)), 2) for f, e in zip(futures, noise, strict=True)
    ]
    return spot, futures


def log_returns(series, lag=1):
    """By mpmath, over `lag` rows, from the last row backwards."""
    picked = list(reversed(list(reversed(series))[::lag]))
    return [mpmath.log(mpmath.mpf(b) / mpmath.mpf(a)) for a, b in itertools.pairwise(picked)]
