"""Sizing, basis, funding, costs and volatility targets at 50 digits, for `judge.py`."""

import mpmath as mp
from judge_formula import Formula, column, magnitude, near, signed
from mpmath import mpf

from xlhedge import CellError

SMALL = (-8.0, 0.0)


def maybe(rng, value, default=None):
    return value if rng.random() < 0.7 else default


def kind(rng):
    return rng.choice(("linear", "inverse"))


def ratio_of_days(rng):
    return magnitude(rng, -3, 4)


def draw_contracts(rng):
    spot = magnitude(rng)
    futures = maybe(rng, near(rng, spot))
    delta = rng.uniform(0.5, 2.0)
    return (
        signed(rng), spot, magnitude(rng), signed(rng, -3, 1), futures, kind(rng), 0.0, delta,
    )  # fmt: skip


def contracts(quantity, spot, size, hedge, futures, contract, lot, delta):
    value = size * (spot if futures is None else futures) if contract == "linear" else size
    return -hedge * quantity * spot / value / delta


def draw_beta_contracts(rng):
    rows = rng.randint(1, 8)
    values = [signed(rng, 0, 8) for _ in range(rows)]
    betas = column([signed(rng, -2, 1) for _ in range(rows)])
    target = signed(rng, -3, 1) if rng.random() < 0.5 else 0.0
    return column(values), betas, magnitude(rng), magnitude(rng), magnitude(rng, -3, 0), target, 0.0


def beta_contracts(values, betas, price, size, fraction, target, lot):
    exposure = sum(v[0] * b[0] for v, b in zip(values, betas, strict=True))
    return -fraction * (exposure - target * sum(v[0] for v in values)) / (price * size)


def draw_pnl(rng):
    entry = magnitude(rng)
    return signed(rng), entry, near(rng, entry), magnitude(rng), kind(rng)


def pnl(number, entry, leave, size, contract):
    move = leave - entry if contract == "linear" else 1 / entry - 1 / leave
    return number * size * move


def draw_delta(rng):
    carry = signed(rng, -8, 1)
    days = rng.choice((0.0, magnitude(rng, -3, 3)))
    return signed(rng), magnitude(rng), magnitude(rng), kind(rng), carry, days


def delta(number, price, size, contract, carry, days):
    if contract == "linear":
        return number * size * mp.exp(carry * days / 365)
    return number * size / price


def draw_book(rng):
    price = magnitude(rng)
    face = magnitude(rng)
    header = ["asset", "instrument", "quantity", "price", "contract_size", "entry_price"]
    return (
        [
            header,
            ["A", "spot", signed(rng), price, None, None],
            ["A", "linear", signed(rng), near(rng, price, -4), magnitude(rng), None],
            ["A", "inverse", signed(rng), near(rng, price, -4), face, near(rng, price, -4)],
        ],
    )


def book_delta(book):
    _, spot, linear, inverse = book
    coins = linear[2] * linear[4] + inverse[2] * inverse[4] / inverse[5]
    net = spot[2] + coins
    row = [spot[2], coins, net, net * spot[3], -coins / spot[2]]
    return [["asset", "spot", "futures", "net", "net_value", "hedged_share"], ["A", *row],
            ["TOTAL", *row]]  # fmt: skip


def draw_basis(rng):
    spot = magnitude(rng)
    return spot, near(rng, spot), rng.choice(("price", "pct", "bp", "log"))


def basis(spot, futures, unit):
    if unit == "log":
        return mp.log(spot / futures)
    return (spot - futures) * {"price": mpf(1), "pct": 1 / spot, "bp": 10000 / spot}[unit]


def draw_hedged_pnl(rng):
    spot = magnitude(rng)
    first, after = near(rng, spot), near(rng, spot)
    return spot, first, after, near(rng, after), signed(rng), signed(rng, -2, 1)


def hedged_pnl(spot, futures, spot_exit, futures_exit, quantity, hedge):
    return quantity * ((spot_exit - spot) - hedge * (futures_exit - futures))


def draw_carry(rng):
    spot = magnitude(rng)
    way = rng.choice(("simple", "annual", "continuous"))
    days = rng.uniform(30, 1000) if way == "annual" else ratio_of_days(rng)
    return spot, near(rng, spot), days, way


def carry(spot, futures, days, way):
    if way == "simple":
        return (futures / spot - 1) * 365 / days
    log = mp.log(futures / spot) * 365 / days
    return mp.expm1(log) if way == "annual" else log


def draw_fair(rng):
    way = rng.choice(("simple", "annual", "continuous"))
    rate = signed(rng, -8, 0) if rng.random() < 0.8 else -1.0 + magnitude(rng, -12, -1)
    return magnitude(rng), rate, magnitude(rng, -3, 2.5), way


def fair(spot, rate, days, way):
    years = days / 365
    if way == "simple":
        return spot * (1 + rate * years)
    return spot * ((1 + rate) ** years if way == "annual" else mp.exp(rate * years))


def draw_funding_rate(rng):
    cap = maybe(rng, magnitude(rng, -6, 0))
    hours = rng.choice((1.0, 4.0, 8.0, magnitude(rng, -1, 2)))
    return (
        signed(rng), magnitude(rng, -8, -2), hours, magnitude(rng, -8, -1), cap,
        rng.choice(("interest", "whole")),
    )  # fmt: skip


def funding_rate(premium, interest, hours, clamp, cap, scaling):
    def cut(value, limit):
        return max(-limit, min(limit, value))

    if scaling == "interest":
        rate = premium + cut(interest * hours / 8 - premium, clamp)
    else:
        rate = (premium + cut(interest - premium, clamp)) * hours / 8
    return rate if cap is None else cut(rate, cap)


def draw_annual(rng):
    size = rng.choice((-12, -8, -5, -3, -1))
    rates = [rng.choice((1, 1, 1, -1)) * magnitude(rng, size - 1, size) for _ in range(60)]
    hours = column([rng.choice((1.0, 4.0, 8.0)) for _ in rates]) if rng.random() < 0.4 else 8.0
    return column(rates), hours, rng.choice(("simple", "compound"))


def annual(rates, hours, way):
    span = sum(h[0] for h in hours) if isinstance(hours, list) else hours * len(rates)
    if way == "simple":
        return sum(r[0] for r in rates) / span * 8760
    return mp.expm1(sum(mp.log1p(r[0]) for r in rates) / span * 8760)


def draw_funding_pnl(rng):
    price = magnitude(rng)
    marks = [price * rng.uniform(0.9, 1.1) for _ in range(40)]
    rates = [signed(rng, -8, -3) for _ in marks]
    held = signed(rng) if rng.random() < 0.5 else column([signed(rng, -2, 2) for _ in marks])
    return held, column(marks), column(rates), magnitude(rng), kind(rng)


def funding_pnl(held, marks, rates, size, contract):
    total = mpf(0)
    for row, (mark, rate) in enumerate(zip(marks, rates, strict=True)):
        number = held[row][0] if isinstance(held, list) else held
        total -= number * size * (mark[0] if contract == "linear" else 1 / mark[0]) * rate[0]
    return total


def draw_breakeven(rng):
    entry = signed(rng, -8, 0)
    return (
        entry, near(rng, entry), signed(rng, *SMALL), signed(rng, *SMALL), ratio_of_days(rng),
        rng.choice((1.0, 8.0, magnitude(rng, -1, 2))),
    )  # fmt: skip


def breakeven(entry, leave, costs, financing, days, hours):
    return ((leave - entry) + costs + financing * days / 365) / (days * 24 / hours)


def draw_exposure(rng):
    low = rng.uniform(0, 1)
    return magnitude(rng), magnitude(rng), signed(rng), low + magnitude(rng, -8, 2), low


def exposure(target, forecast, gross, most, least):
    return gross * min(most, max(least, target / forecast))


def draw_target_hedge(rng):
    forecast = magnitude(rng)
    target = forecast * (1 - magnitude(rng, -15, -0.01) if rng.random() < 0.5 else rng.random())
    return target, forecast, rng.choice((0.0, forecast * magnitude(rng, -8, 0.3)))


def target_hedge(target, forecast, residual):
    if forecast <= target:
        return mpf(0)
    t, e = (target / forecast) ** 2, (residual / forecast) ** 2
    inner = e * e - (1 + e) * (e - t)
    if inner < 0:
        return CellError.NUM if inner < -mpf("1e-11") * e else mpf("nan")
    return 1 - (e + mp.sqrt(inner)) / (1 + e)


def draw_target_trade(rng):
    now = signed(rng)
    to = near(rng, now)
    return (
        now,
        to,
        abs(to - now) * rng.choice((0.5, 0.99, 1.01, 3.0)),
        rng.choice(("target", "edge")),
    )


def target_trade(now, target, band, to):
    gap = target - now
    if abs(gap) <= band * (1 + mpf("1e-10")) + mpf("1e-14") * (abs(now) + abs(target) + band):
        return mpf(0)
    return gap if to == "target" else mp.sign(gap) * (abs(gap) - band)


def draw_cost(rng):
    rates = [signed(rng, -8, -1), *(magnitude(rng, -8, -1) for _ in range(2))]
    return (
        signed(rng), *rates, signed(rng, -8, -1), signed(rng, -8, 0), ratio_of_days(rng),
        rng.choice((1.0, 8.0)),
    )  # fmt: skip


def cost(notional, fee, spread, impact, funding, financing, days, hours):
    trading = 2 * (fee + spread / 2 + impact)
    return abs(notional) * (trading - funding * days * 24 / hours + financing * days / 365)


def draw_trade(rng):
    now = signed(rng)
    return now, near(rng, now), rng.choice((0.0, magnitude(rng, -6, 0))), 0.0


def trade(now, target, band, lot):
    gap = target - now
    slack = mpf("1.01e-14") * (abs(now) + abs(target))
    return gap if abs(gap) > band * abs(target) + slack else mpf(0)


FORMULAS = [
    Formula("HEDGE_CONTRACTS", "sizing", draw_contracts, contracts),
    Formula("BETA_CONTRACTS", "sizing", draw_beta_contracts, beta_contracts),
    Formula("CONTRACT_PNL", "sizing", draw_pnl, pnl, sharp=True),
    Formula("CONTRACT_DELTA", "sizing", draw_delta, delta),
    Formula("PORTFOLIO_DELTA", "sizing", draw_book, book_delta),
    Formula("BASIS", "basis", draw_basis, basis, sharp=True),
    Formula("BASIS_PNL", "basis", draw_hedged_pnl, hedged_pnl),
    Formula("CARRY_RATE", "basis", draw_carry, carry, sharp=True),
    Formula("FAIR_FUTURE", "basis", draw_fair, fair),
    Formula("FUNDING_RATE", "funding", draw_funding_rate, funding_rate),
    Formula("FUNDING_ANNUAL", "funding", draw_annual, annual, few=10),
    Formula("FUNDING_PNL", "funding", draw_funding_pnl, funding_pnl, few=10),
    Formula("FUNDING_BREAKEVEN", "funding", draw_breakeven, breakeven),
    Formula("VOL_TARGET_EXPOSURE", "volatility", draw_exposure, exposure),
    Formula("VOL_TARGET_HEDGE", "volatility", draw_target_hedge, target_hedge),
    Formula("VOL_TARGET_TRADE", "volatility", draw_target_trade, target_trade, sharp=True),
    Formula("HEDGE_COST", "costs", draw_cost, cost),
    Formula("HEDGE_TRADE", "costs", draw_trade, trade),
]
