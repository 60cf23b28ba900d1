"""Margin, liquidation and first passage at 50 digits, for `judge.py`."""

import itertools
import math

import mpmath as mp
from judge_formula import Formula, confidence, magnitude, near, signed
from judge_risk import normal_quantile
from mpmath import mpf

from xlhedge import CellError


def kind(rng):
    return rng.choice(("linear", "inverse"))


def draw_tiers(rng, notional):
    """Brackets around a notional."""
    rows, floor, rate = [["floor", "rate"]], 0.0, magnitude(rng, -3, -2)
    for _ in range(rng.randint(1, 5)):
        rows.append([floor, rate])
        floor = notional * magnitude(rng, -2, 1) if floor == 0 else floor * rng.uniform(1.5, 5.0)
        rate = min(0.5, rate * rng.uniform(1.0, 2.5))
    return rows


def amounts_of(tiers):
    amounts = [mpf(0)]
    for (_, lower), (floor, rate) in itertools.pairwise(tiers[1:]):
        amounts.append(amounts[-1] + floor * (rate - lower))
    return amounts


def schedule(notional, rate, tiers):
    """Rate and amount in force: floor < notional ≤ next floor."""
    if tiers is None:
        return rate, mpf(0)
    index = max(0, sum(row[0] < notional for row in tiers[1:]) - 1)
    return tiers[1 + index][1], amounts_of(tiers)[index]


def notional_at(contracts, price, size, contract):
    units = abs(contracts) * size
    return units * price if contract == "linear" else units / price


def draw_tier(rng):
    notional = magnitude(rng)
    return notional, draw_tiers(rng, notional), rng.choice(("rate", "amount", "margin"))


def tier(notional, tiers, what):
    rate, amount = schedule(notional, None, tiers)
    return {"rate": rate, "amount": amount, "margin": rate * notional - amount}[what]


def draw_position(rng):
    """Contracts, entry price, size, contract type and the notional at entry."""
    contracts, price, size, contract = signed(rng), magnitude(rng), magnitude(rng, -4, 4), kind(rng)
    notional = float(notional_at(contracts, price, size, contract))
    return contracts, price, size, contract, notional


def draw_initial(rng):
    contracts, price, size, contract, _ = draw_position(rng)
    return contracts, price, magnitude(rng, -1, 2.2), size, contract


def initial_margin(contracts, price, leverage, size, contract):
    return notional_at(contracts, price, size, contract) / leverage


def rate_or_tiers(rng, notional):
    if rng.random() < 0.5:
        return magnitude(rng, -8, -0.5), None
    return None, draw_tiers(rng, notional)


def draw_maintenance(rng):
    contracts, price, size, contract, notional = draw_position(rng)
    rate, tiers = rate_or_tiers(rng, notional)
    return contracts, price, rate, size, contract, tiers


def maintenance(contracts, price, rate, size, contract, tiers):
    notional = notional_at(contracts, price, size, contract)
    rate, amount = schedule(notional, rate, tiers)
    return rate * notional - amount


def draw_liquidation(rng):
    contracts, entry, size, contract, notional = draw_position(rng)
    rate, tiers = rate_or_tiers(rng, notional)
    wallet = (
        notional / magnitude(rng, -0.5, 3)
        if rng.random() < 0.8
        else notional * (1 - magnitude(rng, -12, -1))
    )
    amount = 0.0 if tiers else rng.choice((0.0, rate * notional * rng.random()))
    fee = rng.choice((0.0, magnitude(rng, -6, -2)))
    way = rng.choice(("mark", "entry"))
    return contracts, entry, wallet, rate, size, contract, amount, fee, way, tiers


def root(s, units, entry, wallet, rate, amount, fee, contract, way):
    """The manual's four formulas; None without a positive price."""
    held = rate + fee
    if contract == "linear" and way == "mark":
        price = (wallet + amount - s * units * entry) / (units * held - s * units)
        return price if price > 0 else None
    if contract == "linear":
        price = entry - s * (wallet + amount - units * entry * held) / units
        return price if price > 0 else None
    if way == "mark":
        below = units / entry + s * (wallet + amount)
        return units * (1 + s * held) / below if below > 0 else None
    below = units / entry + s * (wallet + amount - held * units / entry)
    return units / below if below > 0 else None


def liquidation(contracts, entry, wallet, rate, size, contract, amount, fee, way, tiers):
    s, units = mp.sign(contracts), abs(contracts) * size
    if tiers is None or way == "entry":
        if tiers is not None:
            at_entry = notional_at(contracts, entry, size, contract)
            rate, amount = schedule(at_entry, None, tiers)
        price = root(s, units, entry, wallet, rate, amount, fee, contract, way)
        if price is None:
            return CellError.NA
        base = notional_at(contracts, price if way == "mark" else entry, size, contract)
        return price if rate * base - amount >= -mpf("1e-12") * amount else CellError.NUM
    for (_, rate), amount in zip(tiers[1:], amounts_of(tiers), strict=True):
        price = root(s, units, entry, wallet, rate, amount, fee, contract, way)
        if price is not None:
            held = schedule(notional_at(contracts, price, size, contract), None, tiers)
            if held == (rate, amount):
                return price
    return CellError.NA


def draw_approximate(rng):
    rate = magnitude(rng, -8, -0.5)
    margin = near(rng, rate, -14, -1) if rng.random() < 0.3 else magnitude(rng, -6, 0)
    return magnitude(rng), margin, rate, rng.choice(("short", "long"))


def approximate(entry, margin, rate, side):
    factor = 1 + margin - rate if side == "short" else 1 - margin + rate
    return entry * factor if factor > 0 else CellError.NA


def draw_bankruptcy(rng):
    contracts, entry, wallet, _, size, contract, *_ = draw_liquidation(rng)
    return contracts, entry, wallet, size, contract


def bankruptcy(contracts, entry, wallet, size, contract):
    s, units = mp.sign(contracts), abs(contracts) * size
    price = root(s, units, entry, wallet, mpf(0), mpf(0), mpf(0), contract, "entry")
    return CellError.NA if price is None else price


def draw_cross(rng):
    price = magnitude(rng)
    other = magnitude(rng)
    long, short = magnitude(rng, -2, 2), -magnitude(rng, -2, 2)
    rate = magnitude(rng, -5, -1)
    header = ["asset", "instrument", "quantity", "price", "entry_price", "maintenance_rate"]
    book = [
        [*header, "contract"],
        ["A", "linear", long, price, near(rng, price, -6, -1), rate, "x"],
        ["A", "linear", short, price, near(rng, price, -6, -1),
         magnitude(rng, -5, -1), "y"],
        ["B", "linear", signed(rng, -2, 2) * price / other, other, near(rng, other, -6, -1), rate,
         None],
    ]  # fmt: skip
    return book, (long - short) * price / magnitude(rng, 0, 2), "A"


def cross(book, wallet, asset):
    free, slope, today = wallet, mpf(0), wallet
    for name, _, coins, price, entry, rate, _ in book[1:]:
        today += coins * (price - entry) - abs(coins) * rate * price
        if name == asset:
            free -= coins * entry
            slope += coins - abs(coins) * rate
        else:
            free += coins * (price - entry) - abs(coins) * rate * price
    if today <= 0:
        return CellError.NUM
    price = -free / slope
    return price if price > 0 else CellError.NA


def draw_ratio(rng):
    contracts, entry, size, contract, notional = draw_position(rng)
    mark = near(rng, entry, -15.5, -1)
    rate, tiers = rate_or_tiers(rng, notional)
    wallet = notional / magnitude(rng, -0.5, 3)
    return contracts, entry, mark, wallet, rate, size, contract, tiers


def equity_and_need(contracts, entry, mark, wallet, rate, size, contract, tiers):
    move = mark - entry if contract == "linear" else 1 / entry - 1 / mark
    need = maintenance(contracts, mark, rate, size, contract, tiers)
    return wallet + contracts * size * move, need


def margin_ratio(*arguments):
    equity, need = equity_and_need(*arguments)
    return need / equity if equity > 0 else CellError.NUM


def draw_call(rng):
    return *draw_ratio(rng), rng.choice((0.5, rng.uniform(0.01, 1.0)))


def margin_call(*arguments):
    equity, need = equity_and_need(*arguments[:-1])
    return max(need / arguments[-1] - equity, mpf(0))


def draw_ladder(rng):
    contracts, entry, _, wallet, rate, size, contract, tiers = draw_ratio(rng)
    return contracts, entry, wallet, rate, [[signed(rng, -15, -0.5)]], size, contract, tiers


def ladder(contracts, entry, wallet, rate, moves, size, contract, tiers):
    move = moves[0][0]
    price = entry * (1 + move)
    equity, need = equity_and_need(contracts, entry, price, wallet, rate, size, contract, tiers)
    return {
        "move": move, "price": price, "unrealised_pnl": equity - wallet, "equity": equity,
        "maintenance": need, "ratio": need / equity if equity > 0 else CellError.NUM,
        "top_up": max(2 * need - equity, mpf(0)),
    }  # fmt: skip


def draw_probability(rng):
    while True:
        price, side = magnitude(rng), rng.choice(("short", "long"))
        away = magnitude(rng, -12, 0.5) * (1 if side == "short" else -1)
        level = price * math.exp(away)
        volatility, days = magnitude(rng, -6, 0.99), magnitude(rng, -3, 3)
        drift = rng.choice((0.0, signed(rng, -3, 1)))
        years = days / 365
        spread = volatility * math.sqrt(years)
        ahead = (1 if side == "short" else -1) * (drift - volatility**2 / 2) * years
        if (abs(away) - ahead) / spread < 30:
            return price, level, volatility, days, drift, side


def probability(price, level, volatility, days, drift, side):
    sign = 1 if side == "short" else -1
    distance, years = sign * mp.log(level / price), days / 365
    if distance <= 0:
        return mpf(1)
    return touch(distance, sign * (drift - volatility**2 / 2) * years, volatility * mp.sqrt(years))


def touch(distance, ahead, spread):
    direct = mp.ncdf((ahead - distance) / spread)
    mirror = mp.exp(2 * ahead * distance / spread**2) * mp.ncdf(-(ahead + distance) / spread)
    return direct + mirror


def draw_buffer(rng):
    contracts, price, size, contract, notional = draw_position(rng)
    rate, tiers = rate_or_tiers(rng, notional)
    rate = 0.0 if rate is not None and rng.random() < 0.4 else rate
    volatility, days = magnitude(rng, -7, 1), magnitude(rng, -3, 2)
    return contracts, price, volatility, days, rate, confidence(rng), size, contract, tiers


def buffer(contracts, price, volatility, days, rate, level, size, contract, tiers):
    sign = -mp.sign(contracts)
    years = days / 365
    spread = volatility * mp.sqrt(years)
    ahead = -sign * spread**2 / 2
    start = max(ahead, 0) - spread * normal_quantile((1 - level) / 2)
    chance = mp.log(1 - level)
    low, high, there = mpf(0), start, start
    for _ in range(200):
        value = mp.log(touch(there, ahead, spread)) - chance
        low, high = (there, high) if value > 0 else (low, there)
        slope = (mp.log(touch(there * (1 + mpf("1e-15")), ahead, spread)) - chance - value) / (
            there * mpf("1e-15")
        )
        step = there - value / slope
        if abs(step - there) < mpf("1e-36") * there:
            break
        there = step if low < step < high else (low + high) / 2
    else:
        raise AssertionError("the judge's own level did not settle")
    liquidated = price * mp.exp(sign * there)
    equity, need = equity_and_need(
        contracts, price, liquidated, mpf(0), rate, size, contract, tiers
    )
    return need - equity


def draw_forecast(rng):
    mu = rng.choice((0.0, signed(rng, -8, 2)))
    current = near(rng, mu or 1.0, -12, -1) * rng.choice((1.0, -1.0))
    theta = rng.choice((0.0, magnitude(rng)))
    return current, theta, mu, magnitude(rng), magnitude(rng, -3, 4), confidence(rng)


def forecast(current, theta, mu, sigma, days, level):
    years = days / 365
    middle = mu + (current - mu) * mp.exp(-theta * years)
    spread = years if theta == 0 else -mp.expm1(-2 * theta * years) / (2 * theta)
    sd = sigma * mp.sqrt(spread)
    reach = normal_quantile((1 + level) / 2) * sd
    return [middle, sd, middle - reach, middle + reach]


FORMULAS = [
    Formula("MARGIN_TIER", "margin", draw_tier, tier),
    Formula("INITIAL_MARGIN", "margin", draw_initial, initial_margin),
    Formula("MAINTENANCE_MARGIN", "margin", draw_maintenance, maintenance),
    Formula("LIQ_PRICE", "margin", draw_liquidation, liquidation),
    Formula("LIQ_PRICE_APPROX", "margin", draw_approximate, approximate),
    Formula("BANKRUPTCY_PRICE", "margin", draw_bankruptcy, bankruptcy),
    Formula("LIQ_PRICE_CROSS", "margin", draw_cross, cross),
    Formula("MARGIN_RATIO", "margin", draw_ratio, margin_ratio),
    Formula("MARGIN_CALL", "margin", draw_call, margin_call),
    Formula("MARGIN_LADDER", "margin", draw_ladder, ladder),
    Formula("LIQ_PROBABILITY", "margin", draw_probability, probability),
    Formula("MARGIN_BUFFER", "margin", draw_buffer, buffer, few=12),
    Formula("OU_FORECAST", "basis", draw_forecast, forecast),
]
