"""Fits and estimators over series at 50 digits, for `judge.py`."""

import itertools
import math
from functools import lru_cache

import mpmath as mp
from judge_formula import Formula, column, magnitude, signed
from judge_risk import cells, draw_sample, mean, normal_multiple, tail_risk, variance
from mpmath import mpf

from xlhedge import CellError


@lru_cache(maxsize=200_000)
def log_ratio(numerator, denominator):
    return mp.log(numerator / denominator)


def log_returns(prices, lag=1):
    flat = cells(prices)
    flat = flat[(len(flat) - 1) % lag :: lag]
    return [log_ratio(b, a) for a, b in itertools.pairwise(flat)]


def covariance(x, y):
    a, b = mean(x), mean(y)
    return mp.fsum((u - a) * (v - b) for u, v in zip(x, y, strict=True)) / (len(x) - 1)


def draw_prices(rng, rows):
    """Prices of any size that move by any size, sometimes with an outlier of 100 deviations."""
    price, step = magnitude(rng), magnitude(rng, -7, -1.2)
    prices = []
    outlier = rng.randrange(rows) if rng.random() < 0.2 else None
    for row in range(rows):
        price *= math.exp(step * (rng.gauss(0, 1) if row != outlier else min(100, 20 / step)))
        prices.append(price)
    return prices


def draw_pair(rng, rows):
    """Spot and futures; the basis reverts, and is of any size down to 1e-8."""
    spot = draw_prices(rng, rows)
    level, noise = rng.uniform(-2, 2), magnitude(rng, -8, -2)
    keep, basis, futures = rng.uniform(0.3, 0.999), 0.0, []
    for price in spot:
        basis = keep * basis + noise * rng.gauss(0, 1)
        futures.append(price * math.exp(-(basis + noise * level)))
    return column(spot), column(futures)


def draw_ratio(rng):
    lag = rng.choice((1, 2))
    return *draw_pair(rng, 21 * lag + rng.randint(0, 3)), lag


def ratio(spot, futures, lag):
    s, f = log_returns(spot, lag), log_returns(futures, lag)
    return covariance(s, f) / variance(f)


def statistics(spot, futures, lag):
    s, f = log_returns(spot, lag), log_returns(futures, lag)
    slope, n = covariance(s, f) / variance(f), len(s)
    left = variance([a - slope * b for a, b in zip(s, f, strict=True)])
    correlation = covariance(s, f) / mp.sqrt(variance(s) * variance(f))
    return {
        "ratio": slope, "standard_error": mp.sqrt(left / (n - 2) / variance(f)),
        "r_squared": correlation**2, "correlation": correlation,
        "residual_volatility": mp.sqrt(left), "observations": mpf(n),
    }  # fmt: skip


def draw_ewma_ratio(rng):
    return *draw_pair(rng, rng.randint(22, 40)), rng.uniform(0.5, 0.999)


def ewma(values, decay):
    average = mean(values[:20])
    for value in values[20:]:
        average = decay * average + (1 - decay) * value
    return average


def ewma_ratio(spot, futures, decay):
    s, f = log_returns(spot), log_returns(futures)
    products = [a * b for a, b in zip(s, f, strict=True)]
    return ewma(products, decay) / ewma([b * b for b in f], decay)


def draw_effectiveness(rng):
    measure = rng.choice(("variance", "variance", "sd", "var", "es"))
    if measure in {"variance", "sd"}:
        return *draw_pair(rng, 24), rng.choice((1.0, signed(rng, -12, 3))), measure, 0.95
    return *draw_pair(rng, 101), rng.uniform(0.05, 2.0), measure, 0.95


def effectiveness(spot, futures, hedge, measure, level):
    s, f = log_returns(spot), log_returns(futures)
    left = [a - hedge * b for a, b in zip(s, f, strict=True)]
    if measure in {"variance", "sd"}:
        share = variance(left) / variance(s)
        return 1 - (share if measure == "variance" else mp.sqrt(share))
    before, after = (tail_risk([-r for r in each], level, measure) for each in (s, left))
    return 1 - after / before if before > 0 else CellError.NUM


def draw_series(rng, rows=24):
    """An autoregression that reverts fast, or hardly ever, from near its mean or far away."""
    if rng.random() < 0.3:
        return draw_sample(rng, rows)
    size, level = magnitude(rng), signed(rng) * rng.choice((0, 1))
    keep = rng.choice((rng.uniform(0.2, 0.9), 1 - magnitude(rng, -10, -1)))
    noise, value, series = rng.choice((1.0, magnitude(rng, -8, 0))), signed(rng, -1, 3), []
    for _ in range(rows):
        value = keep * value + noise * rng.gauss(0, 1)
        series.append(level + size * value)
    return series


def draw_ou(rng):
    return column(draw_series(rng)), rng.choice((1.0, 1 / 3, magnitude(rng, -3, 2)))


def ou_law(series, days):
    """Slope, and the manual's figures of it; a CellError where it does not revert."""
    before, after = series[:-1], series[1:]
    if max(before) - min(before) <= mpf("1e-14") * max(map(abs, before)):
        return CellError.DIV0
    n, dt = len(before), days / 365
    phi = covariance(before, after) / variance(before)
    if not 0 < phi < 1:
        return CellError.NUM
    c = mean(after) - phi * mean(before)
    error = mp.sqrt(mean([(b - c - phi * a) ** 2 for a, b in itertools.pairwise(series)]))
    theta = -mp.log(phi) / dt
    sigma = error * mp.sqrt(2 * theta / (1 - phi**2))
    return {
        "theta": theta, "mu": c / (1 - phi), "sigma": sigma,
        "half_life_days": mp.log(2) / theta * 365, "stationary_sd": sigma / mp.sqrt(2 * theta),
        "theta_se": error / mp.sqrt(variance(before) * (n - 1)) / (phi * dt),
        "observations": mpf(n),
    }  # fmt: skip


def ou_fit(series, days):
    return ou_law(cells(series), days)


def least_squares(rows, response):
    """Coefficients, residual sum of squares and the inverse of X'X."""
    matrix = mp.matrix(rows)
    inverse = (matrix.T * matrix) ** -1
    slopes = inverse * (matrix.T * mp.matrix(response))
    left = mp.matrix(response) - matrix * slopes
    return slopes, mp.fsum(e * e for e in left), inverse


def dickey_fuller(series, lags, *, intercept):
    changes = [b - a for a, b in itertools.pairwise(series)]
    rows = [
        [series[t], *(changes[t - k] for k in range(1, lags + 1)), *([mpf(1)] * intercept)]
        for t in range(lags, len(changes))
    ]
    slopes, squares, inverse = least_squares(rows, changes[lags:])
    freedom = len(rows) - len(rows[0])
    noise = mp.sqrt(squares / freedom)
    if noise <= mpf("1e-10") * max(abs(change) for change in changes):
        return CellError.DIV0
    return slopes[0] / mp.sqrt(squares / freedom * inverse[0, 0])


def default_lags(rows):
    return int(4 * (rows / 100) ** (2 / 9))


def draw_unit_root(rng):
    return column(draw_series(rng, 40)), rng.choice((None, 0, 3))


def unit_root(series, lags):
    lags = default_lags(len(series)) if lags is None else lags
    statistic = dickey_fuller(cells(series), lags, intercept=True)
    if isinstance(statistic, CellError) or abs(statistic) >= 1e7:
        return CellError.DIV0
    return {"statistic": statistic}


def cointegration(spot, futures):
    s, f = cells(spot), cells(futures)
    slope = covariance(s, f) / variance(f)
    middle = mean(s) - slope * mean(f)
    left = [a - middle - slope * b for a, b in zip(s, f, strict=True)]
    return {"statistic": dickey_fuller(left, default_lags(len(s)), intercept=False)}


def quantile(values, level):
    return tail_risk(values, level, "var")


def spread(values):
    levels = {"minimum": 0, "p05": mpf(0.05), "median": mpf(0.5), "p95": mpf(0.95), "maximum": 1}
    return {label: quantile(values, level) for label, level in levels.items()}


def autocorrelation(values):
    middle = mean(values)
    d = [v - middle for v in values]
    return mp.fsum(a * b for a, b in itertools.pairwise(d)) / mp.fsum(a * a for a in d)


def half_life(values, days):
    law = ou_law(values, days)
    return law if isinstance(law, CellError) else law["half_life_days"]


def basis_statistics(spot, futures, hours):
    b = [log_ratio(s, f) for s, f in zip(cells(spot), cells(futures), strict=True)]
    sd, middle, moment = mp.sqrt(variance(b)), mean(b), mp.sqrt(variance(b, 0))
    s, f = log_returns(spot), log_returns(futures)
    return {
        "mean": middle, "sd": sd, **spread(b), "last": b[-1], "z_score": (b[-1] - middle) / sd,
        "change_sd": mp.sqrt(variance([y - x for x, y in itertools.pairwise(b)])),
        "skewness": mean([((x - middle) / moment) ** 3 for x in b]),
        "excess_kurtosis": mean([((x - middle) / moment) ** 4 for x in b]) - 3,
        "autocorrelation": autocorrelation(b), "half_life_days": half_life(b, hours / 24),
        "adf_statistic": dickey_fuller(b, default_lags(len(b)), intercept=True),
        "return_correlation": covariance(s, f) / mp.sqrt(variance(s) * variance(f)),
    }  # fmt: skip


def draw_basis_var(rng):
    scaling = rng.choice(("sqrt", "ou", "empirical"))
    rows = 104 if scaling == "empirical" else 24
    return (
        *draw_pair(rng, rows), signed(rng), 0.95, rng.choice((1, 3)), scaling,
        rng.choice(("var", "es")),
    )  # fmt: skip


def basis_var(spot, futures, value, level, horizon, scaling, measure):
    b = [log_ratio(s, f) for s, f in zip(cells(spot), cells(futures), strict=True)]
    if scaling == "empirical":
        windows = zip(b[horizon:], b[:-horizon], strict=True)
        return tail_risk([-value * (y - x) for y, x in windows], level, measure)
    if scaling == "sqrt":
        sd = mp.sqrt(variance([y - x for x, y in itertools.pairwise(b)]) * horizon)
    else:
        law = ou_law(b, mpf(365))
        if isinstance(law, CellError):
            return law
        sd = law["stationary_sd"] * mp.sqrt(2 * (1 - mp.exp(-law["theta"] * horizon)))
    return normal_multiple(level, measure) * sd * abs(value)


def draw_funding_statistics(rng):
    return column(draw_series(rng, 100)), 8.0


def funding_statistics(rates, hours):
    r = cells(rates)
    months = [mp.fsum(r[i : i + 90]) for i in range(len(r) - 89)]
    return {
        "mean": mean(r), "annualised": mean(r) * 24 / hours * 365, "sd": mp.sqrt(variance(r)),
        **spread(r), "share_negative": mean([mpf(x < 0) for x in r]),
        "worst_30_days": min(months), "best_30_days": max(months),
        "autocorrelation": autocorrelation(r), "half_life_days": half_life(r, hours / 24),
    }  # fmt: skip


def draw_realized(rng):
    return column(draw_prices(rng, rng.randint(3, 30))), magnitude(rng, 0, 4)


def realized(prices, periods):
    return mp.sqrt(variance(log_returns(prices)) * periods)


def draw_exponential(rng):
    return column(draw_prices(rng, rng.randint(21, 45))), rng.uniform(0.5, 0.999), 365.0


def exponential(prices, decay, periods):
    return mp.sqrt(ewma([r * r for r in log_returns(prices)], decay) * periods)


def draw_har(rng):
    return column(draw_prices(rng, 253)), 365.0


def har(prices, periods):
    v = [r * r for r in log_returns(prices)]
    scale = mean(v)
    v = [x / scale for x in v]
    rows = [[mpf(1), *(mean(v[t - k : t]) for k in (1, 7, 30))] for t in range(30, len(v) + 1)]
    slopes, _, _ = least_squares(rows[:-1], v[30:])
    forecast = mp.fsum(a * b for a, b in zip(rows[-1], slopes, strict=True))
    months = [row[3] for row in rows]
    return mp.sqrt(min(max(forecast, min(months)), max(months)) * scale * periods)


def draw_range(rng):
    price, width, candles = magnitude(rng), magnitude(rng, -12, -0.7), []
    for _ in range(rng.randint(3, 12)):
        start = price * math.exp(width * rng.gauss(0, 1))
        price = start * math.exp(width * rng.gauss(0, 1))
        high = max(start, price) * math.exp(width * rng.random() * rng.choice((0, 1)))
        low = min(start, price) * math.exp(-width * rng.random() * rng.choice((0, 1)))
        candles.append((start, max(high, start, price), min(low, start, price), price))
    kinds = ("parkinson", "garman_klass", "rogers_satchell", "yang_zhang")
    columns = [column(list(each)) for each in zip(*candles, strict=True)]
    return *columns, rng.choice(kinds), 365.0


def from_range(start, high, low, close, kind, periods):
    logs = [[mp.log(x) for x in cells(each)] for each in (start, high, low, close)]
    rows = list(zip(*logs, strict=True))
    swings = [(u - y) * (u - x) + (d - y) * (d - x) for x, u, d, y in rows]
    if kind == "parkinson":
        result = mean([(u - d) ** 2 for _, u, d, _ in rows]) / (4 * mp.log(2))
    elif kind == "garman_klass":
        result = mean(
            [(u - d) ** 2 / 2 - (2 * mp.log(2) - 1) * (y - x) ** 2 for x, u, d, y in rows]
        )
    elif kind == "rogers_satchell":
        result = mean(swings)
    else:
        n = len(rows) - 1
        k = mpf(0.34) / (mpf(1.34) + mpf(n + 1) / (n - 1))
        jumps = variance([b[0] - a[3] for a, b in itertools.pairwise(rows)])
        moves = variance([row[3] - row[0] for row in rows[1:]])
        result = jumps + k * moves + (1 - k) * mean(swings[1:])
    return mp.sqrt(result * periods)


FORMULAS = [
    Formula("BETA", "ratios", draw_ratio, ratio, few=6),
    Formula("HEDGE_RATIO", "ratios", draw_ratio, ratio, few=6),
    Formula("HEDGE_RATIO_EWMA", "ratios", draw_ewma_ratio, ewma_ratio, few=6),
    Formula("HEDGE_STATS", "ratios", draw_ratio, statistics, few=6),
    Formula("HEDGE_EFFECTIVENESS", "ratios", draw_effectiveness, effectiveness, few=6),
    Formula(
        "BASIS_STATS", "basis", lambda rng: (*draw_pair(rng, 24), 8.0), basis_statistics, few=3
    ),
    Formula("BASIS_VAR", "risk", draw_basis_var, basis_var, few=6),
    Formula("OU_FIT", "basis", draw_ou, ou_fit, few=15),
    Formula("ADF_TEST", "basis", draw_unit_root, unit_root, few=6),
    Formula("COINTEGRATION_TEST", "basis", lambda rng: draw_pair(rng, 24), cointegration, few=6),
    Formula("FUNDING_STATS", "funding", draw_funding_statistics, funding_statistics, few=3),
    Formula("VOL_REALIZED", "volatility", draw_realized, realized, few=15),
    Formula("VOL_EWMA", "volatility", draw_exponential, exponential, few=9),
    Formula("VOL_HAR", "volatility", draw_har, har, few=3),
    Formula("VOL_RANGE", "volatility", draw_range, from_range, few=15),
]
