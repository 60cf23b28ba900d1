"""Portfolio volatility and value at risk at 50 digits, for `judge.py`."""

import itertools
import math

import mpmath as mp
from judge_formula import Formula, column, confidence, correlation, magnitude, near, signed
from mpmath import mpf


def normal_quantile(level):
    """z with Φ(z) = level."""
    return mp.sqrt(2) * mp.erfinv(2 * level - 1)


def density(z):
    return mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi)


def normal_multiple(level, measure):
    z = normal_quantile(level)
    return z if measure == "var" else density(z) / (1 - level)


def mean(values):
    return mp.fsum(values) / len(values)


def variance(values, lost=1):
    middle = mean(values)
    return mp.fsum((v - middle) ** 2 for v in values) / (len(values) - lost)


def cells(column_of_cells):
    return [row[0] for row in column_of_cells]


def tail(level):
    """1 − confidence, to 12 digits."""
    return mp.nint((1 - level) * 10**12) / 10**12


def tail_risk(losses, level, measure):
    """Interpolated quantile, or the mean of the ⌊(n−1)(1−c)⌋ + 1 worst."""
    ordered = sorted(losses)
    last = len(ordered) - 1
    if measure == "var":
        place = last * level
        low = int(mp.floor(place))
        high = min(low + 1, last)
        return ordered[low] + (place - low) * (ordered[high] - ordered[low])
    count = int(mp.floor(last * tail(level) + mpf("1e-9"))) + 1
    return mean(ordered[-count:])


def draw_pair(rng):
    """A hedge: opposite or equal signs, exposures near each other, correlation near ±1."""
    first, volatility = magnitude(rng), magnitude(rng, -4, 1)
    second = near(rng, first) * rng.choice((1.0, -1.0))
    volatilities = [volatility, rng.choice((volatility, near(rng, volatility)))]
    return column([first, second]), column(volatilities), correlation(rng)


def draw_many(rng):
    """Several assets that one factor moves, more or less, with either sign."""
    size = rng.randint(3, 6)
    own = magnitude(rng, -8, 0)
    rows = []
    for _ in range(size):
        row = [rng.choice((-1.0, 1.0)), *(own * rng.gauss(0, 1) for _ in range(size))]
        length = math.sqrt(math.fsum(x * x for x in row))
        rows.append([x / length for x in row])
    matrix = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(size):
            product = math.fsum(a * b for a, b in zip(rows[i], rows[j], strict=True))
            matrix[i][j] = 1.0 if i == j else max(-1.0, min(1.0, product))
    amounts = [signed(rng, -2, 2) for _ in range(size)]
    return column(amounts), column([magnitude(rng, -2, 1) for _ in range(size)]), matrix


def draw_portfolio(rng):
    return draw_pair(rng) if rng.random() < 0.6 else draw_many(rng)


def draw_covariance(rng):
    return *draw_portfolio(rng), confidence(rng), magnitude(rng, -3, 3)


def exposures(amounts, volatilities, matrix):
    x = [a[0] * v[0] for a, v in zip(amounts, volatilities, strict=True)]
    if not isinstance(matrix, list):
        matrix = [[mpf(1), matrix], [matrix, mpf(1)]]
    return x, [mp.fsum(r * v for r, v in zip(row, x, strict=True)) for row in matrix]


def volatility(amounts, volatilities, matrix):
    x, moved = exposures(amounts, volatilities, matrix)
    return mp.sqrt(max(mp.fsum(a * b for a, b in zip(x, moved, strict=True)), mpf(0)))


def covariance_var(amounts, volatilities, matrix, level, days):
    scale = normal_quantile(level) * mp.sqrt(days / 365)
    return scale * volatility(amounts, volatilities, matrix)


def contributions(amounts, volatilities, matrix, level, days):
    x, moved = exposures(amounts, volatilities, matrix)
    whole = volatility(amounts, volatilities, matrix)
    scale = normal_quantile(level) * mp.sqrt(days / 365)
    return [scale * a * b / whole if whole else mpf(0) for a, b in zip(x, moved, strict=True)]


def draw_normal(rng):
    return (
        signed(rng), magnitude(rng), confidence(rng), magnitude(rng, -3, 3),
        rng.choice((0.0, signed(rng))), rng.choice(("var", "es")),
    )  # fmt: skip


def normal_var(value, sd, level, days, drift, measure):
    years = days / 365
    return (
        abs(value) * sd * mp.sqrt(years) * normal_multiple(level, measure) - value * drift * years
    )


def draw_student(rng):
    value, sd, *rest = draw_normal(rng)
    freedom = 2 + magnitude(rng, -6, 7)
    return value, sd, freedom, *rest


def student_quantile(nu, level):
    """By Newton's method, from where the next step changes nothing."""
    from scipy import special

    t = mpf(float(special.stdtrit(float(nu), float(level))))
    constant = mp.gamma((nu + 1) / 2) / mp.gamma(nu / 2) / mp.sqrt(nu * mp.pi)
    for _ in range(8):
        beyond = mp.betainc(nu / 2, mpf("0.5"), 0, nu / (nu + t * t), regularized=True) / 2
        at = constant * (1 + t * t / nu) ** (-(nu + 1) / 2)
        step = (beyond - (1 - level)) / at
        t += step
        if abs(step) < mpf("1e-36") * abs(t):
            return t, at
    raise AssertionError("the judge's own quantile did not settle")


def student_var(value, sd, nu, level, days, drift, measure):
    years = days / 365
    t, at = student_quantile(nu, level)
    if measure == "es":
        t = at / (1 - level) * (nu + t * t) / (nu - 1)
    scale = abs(value) * sd * mp.sqrt(years) * mp.sqrt((nu - 2) / nu)
    return scale * t - value * drift * years


def draw_sample(rng, rows, widest=0.0):
    """Numbers of one size, sometimes far from 0 for their spread, sometimes with an outlier."""
    size = 10.0 ** rng.uniform(-8, widest)
    shift = rng.choice((0.0, 0.0, signed(rng, -2, 6) * size))
    sample = [shift + size * rng.gauss(0, 1) for _ in range(rows)]
    if rng.random() < 0.3:
        sample[rng.randrange(rows)] = shift + 100 * size
    return sample


def draw_historical(rng):
    level = rng.choice((0.9, 0.95, 0.96))
    decay = rng.choice((1.0, 0.99, rng.uniform(0.93, 1.0)))
    return (
        column(draw_sample(rng, 130)), signed(rng), level, rng.choice(("var", "es")), decay,
    )  # fmt: skip


def historical_var(returns, value, level, measure, decay):
    losses = [-value * r for r in cells(returns)]
    if decay == 1:
        return tail_risk(losses, level, measure)
    rows = len(losses)
    weights = [(1 - decay) / (1 - decay**rows)]
    while len(weights) < rows:
        weights.insert(0, weights[0] * decay)
    wanted, cumulated, total = tail(level), mpf(0), mpf(0)
    for index in sorted(range(rows), key=lambda i: -losses[i]):
        last = cumulated + weights[index] >= wanted - mpf("1e-12")
        if last and measure == "var":
            return losses[index]
        part = wanted - cumulated if last else weights[index]
        total += part * losses[index]
        cumulated += weights[index]
        if last:
            return total / wanted
    raise AssertionError("weights sum to 1")


def draw_cornish_fisher(rng):
    sample = draw_sample(rng, 100)
    return column(sample), signed(rng), rng.choice((0.9, 0.95, 0.99)), rng.choice(("var", "es"))


def cornish_fisher(returns, value, level, measure):
    from xlhedge import CellError

    position = [mp.sign(value) * r for r in cells(returns)]
    middle, sd = mean(position), mp.sqrt(variance(position, 0))
    s = mean([((p - middle) / sd) ** 3 for p in position])
    k = mean([((p - middle) / sd) ** 4 for p in position]) - 3
    z = normal_quantile(1 - level)
    if 1 + z * s / 3 + (z**2 - 1) * k / 8 - (6 * z**2 - 5) * s**2 / 36 <= 0:
        return CellError.NUM
    g = z + (z**2 - 1) * s / 6 + (z**3 - 3 * z) * k / 24 - (2 * z**3 - 5 * z) * s**2 / 36
    if measure == "var":
        return -abs(value) * (middle + sd * g)
    # The mean of the Edgeworth density below g, by its Hermite polynomials.
    upto = mp.ncdf(g)
    moments = [upto, -density(g)]
    for order in range(2, 8):
        moments.append((order - 1) * moments[order - 2] - g ** (order - 1) * density(g))
    terms = {0: 1, 3: s / 6, 4: k / 24, 6: s**2 / 72}
    hermite = {0: {0: 1}, 3: {3: 1, 1: -3}, 4: {4: 1, 2: -6, 0: 3},
               6: {6: 1, 4: -15, 2: 45, 0: -15}}  # fmt: skip
    first = mp.fsum(
        weight * factor * moments[power + 1]
        for order, weight in terms.items()
        for power, factor in hermite[order].items()
    )
    shortfall = -first / (1 - level)
    if shortfall < -g:
        return CellError.NUM
    return abs(value) * (sd * shortfall - middle)


def draw_funding_var(rng):
    rates = [signed(rng, -6, -3) for _ in range(125)]
    return (
        column(rates), magnitude(rng), float(rng.choice((1, 2, 5))), 8.0, 0.95,
        rng.choice(("short", "long")), rng.choice(("var", "es")),
    )  # fmt: skip


def funding_var(rates, notional, days, hours, level, side, measure):
    window, flat = int(mp.nint(days * 24 / hours)), cells(rates)
    sums = [mp.fsum(flat[i : i + window]) for i in range(len(flat) - window + 1)]
    sign = -1 if side == "short" else 1
    return tail_risk([sign * notional * total for total in sums], level, measure)


def draw_backtest(rng):
    rows = rng.randint(20, 120)
    rate = rng.choice((0.01, 0.05, 0.2))
    pnl = [-2.0 if rng.random() < rate else 1.0 for _ in range(rows)]
    return column(pnl), 1.0, rng.choice((0.99, 0.95, 0.9, round(rng.uniform(0.5, 0.9999), 4)))


def likelihood_ratio(outcomes):
    return 2 * mp.fsum(n * mp.log(mpf(a) / b) for n, a, b in outcomes if n)


def backtest(pnl, var, level):
    hits = [int(-p > var) for p in cells(pnl)]
    rows, count, p = len(hits), sum(hits), tail(level)
    q = mpf(count) / rows
    kupiec = likelihood_ratio([(rows - count, 1 - q, 1 - p), (count, q, p)])
    pairs = list(itertools.pairwise(hits))
    overall = mpf(sum(b for _, b in pairs)) / len(pairs)
    outcomes = []
    for state in (0, 1):
        total = sum(a == state for a, _ in pairs)
        hit = sum(a == state and b == 1 for a, b in pairs)
        share = mpf(hit) / total if total else overall
        outcomes += [(total - hit, 1 - share, 1 - overall), (hit, share, overall)]
    markov = likelihood_ratio(outcomes)
    return {
        "exceptions": mpf(count), "expected": rows * p, "kupiec_lr": kupiec,
        "kupiec_p": mp.erfc(mp.sqrt(kupiec / 2)), "christoffersen_lr": markov,
        "christoffersen_p": mp.erfc(mp.sqrt(abs(markov) / 2)), "conditional_lr": kupiec + markov,
        "conditional_p": mp.exp(-(kupiec + markov) / 2),
    }  # fmt: skip


def draw_returns(rng):
    price = magnitude(rng)
    prices = [price]
    for _ in range(4):
        price = near(rng, price)
        prices.append(price)
    return column(prices), rng.choice(("log", "simple")), rng.choice((1, 2))


def returns(prices, kind, lag):
    flat = cells(prices)
    pairs = zip(flat[lag:], flat[:-lag], strict=True)
    return [mp.log(b / a) if kind == "log" else b / a - 1 for b, a in pairs]


FORMULAS = [
    Formula("RETURNS", "risk", draw_returns, returns, sharp=True),
    Formula("PORTFOLIO_VOL", "risk", draw_portfolio, volatility),
    Formula("VAR_COVARIANCE", "risk", draw_covariance, covariance_var),
    Formula("VAR_CONTRIBUTION", "risk", draw_covariance, contributions),
    Formula("VAR_NORMAL", "risk", draw_normal, normal_var),
    Formula("VAR_STUDENT", "risk", draw_student, student_var, few=9),
    Formula("VAR_HISTORICAL", "risk", draw_historical, historical_var, few=6),
    Formula("VAR_CORNISH_FISHER", "risk", draw_cornish_fisher, cornish_fisher, few=6),
    Formula("FUNDING_VAR", "funding", draw_funding_var, funding_var, few=6),
    Formula("VAR_BACKTEST", "risk", draw_backtest, backtest, few=9),
]
