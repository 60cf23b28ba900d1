"""Shocked books, the report and the Pareto tail at 50 digits, for `judge.py`."""

import math

import mpmath as mp
from judge_formula import Formula, column, magnitude, near, signed
from judge_risk import cells, normal_multiple, tail_risk
from mpmath import mpf

from xlhedge import CellError

HEADER = [
    "asset", "instrument", "quantity", "price", "contract_size", "entry_price", "beta", "account",
    "maintenance_rate",
]  # fmt: skip
SCENARIO = [
    "scenario", "spot_shock", "basis_shock", "funding_rate", "intervals", "stablecoin_shock",
    "cost_rate",
]  # fmt: skip


def draw_book(rng):
    """Spot, a linear and an inverse future of one coin, hedged more or less."""
    price, coins = magnitude(rng), magnitude(rng, -3, 4)
    beta = rng.choice((1.0, 1.0, rng.uniform(0.3, 2.0)))
    size, face = magnitude(rng, -3, 1), magnitude(rng, -1, 3)
    futures = [near(rng, price, -8, -2) if rng.random() < 0.9 else price for _ in range(2)]
    entry = rng.choice((None, near(rng, futures[0], -8, -1)))
    entries = entry, rng.choice((None, near(rng, futures[1], -8, -1)))
    linear = -coins / size * rng.choice((0.5, 1.0, rng.uniform(-1, 2)))
    inverse = signed(rng, -2, 0) * coins * price / face
    rates = [magnitude(rng, -4, -1) for _ in range(2)]
    return [
        HEADER,
        ["A", "spot", coins, price, None, None, beta, None, None],
        ["A", "linear", linear, futures[0], size, entries[0], beta, "X", rates[0]],
        ["A", "inverse", inverse, futures[1], face, entries[1], beta, "Y", rates[1]],
    ]


def draw_accounts(rng, book):
    worth = book[1][2] * book[1][3]
    coins = abs(book[3][2] * book[3][4] / book[3][3])
    margins = [worth * magnitude(rng, -2, 0), coins * magnitude(rng, -2, 0)]
    return [["account", "balance", "asset"], ["X", margins[0], None], ["Y", margins[1], "A"]]


def shock(rng):
    return rng.choice((0.0, signed(rng, -14, -0.3)))


def draw_scenario(rng):
    book = draw_book(rng)
    rate, intervals = signed(rng, -6, -3), float(rng.randint(0, 30))
    cost = magnitude(rng, -4, -2)
    row = ["x", shock(rng), shock(rng), rate, intervals, shock(rng) / 3, cost]
    return book, [SCENARIO, row], draw_accounts(rng, book)


class World:
    """Values of the book's rows in one world, straight from the manual."""

    def __init__(self, book, move, basis, depeg=0, funding=0):
        _, spot, linear, inverse = book
        growth = (1 + move) ** spot[6]
        self.dollar, before = 1 + depeg, spot[3]
        self.spot_price = before * growth
        self.spot_pnl = spot[2] * (self.spot_price - before)
        units, face = linear[2] * linear[4], inverse[2] * inverse[4]
        entry = linear[3] if linear[5] is None else linear[5]
        coin_entry = inverse[3] if inverse[5] is None else inverse[5]
        at_linear = linear[3] * growth * mp.exp(-basis) / self.dollar
        at_inverse = inverse[3] * growth * mp.exp(-basis)
        self.linear_value = units * (at_linear - entry) * self.dollar
        self.inverse_value = face * (1 / coin_entry - 1 / at_inverse) * self.spot_price
        self.linear_today = units * (linear[3] - entry)
        self.inverse_today = face * (1 / coin_entry - 1 / inverse[3]) * before
        self.linear_funding = -units * at_linear * self.dollar * funding
        self.inverse_funding = -face * funding
        self.notionals = abs(units) * at_linear * self.dollar, abs(face)
        coin_notional = abs(face) / at_inverse * self.spot_price
        self.needs = self.notionals[0] * linear[8], coin_notional * inverse[8]

    @property
    def rows(self):
        """Profit of the two accounts' contracts, without funding."""
        return self.linear_value - self.linear_today, self.inverse_value - self.inverse_today


def scenario_pnl(book, scenarios, accounts):
    _, move, basis, rate, intervals, depeg, cost_rate = scenarios[1]
    world = World(book, move, basis, depeg, rate * intervals)
    funding = world.linear_funding, world.inverse_funding
    held = accounts[1][1], accounts[2][1]
    before = held[0], held[1] * book[1][3]
    after = held[0] * world.dollar, held[1] * world.spot_price
    collateral = [b - a for a, b in zip(before, after, strict=True)]
    equity = [
        after[0] + world.linear_value + funding[0], after[1] + world.inverse_value + funding[1],
    ]  # fmt: skip
    total = world.spot_pnl + sum(world.rows) + sum(funding) + sum(collateral)
    gone = [e <= n for e, n in zip(equity, world.needs, strict=True)]
    rest = total
    if any(gone):
        returned = World(book, mpf(0), basis, depeg)
        back = held[0] * depeg, mpf(0)
        worlds = ((world, collateral), (returned, back))
        rest = min(
            each.spot_pnl
            + sum(
                row + paid + kept
                for row, paid, kept, out in zip(each.rows, funding, money, gone, strict=True)
                if not out
            )
            for each, money in worlds
        )
        worth = before[0] + world.linear_today, before[1] + world.inverse_today
        for value, notional, out in zip(worth, world.notionals, gone, strict=True):
            rest -= (max(value, 0) + cost_rate * notional) if out else 0
    solvent = all(e > 0 for e in equity)
    ratios = [n / e for n, e in zip(world.needs, equity, strict=True)] if solvent else []
    return {
        "spot_pnl": world.spot_pnl, "futures_pnl": sum(world.rows), "funding_pnl": sum(funding),
        "collateral_pnl": sum(collateral), "total_pnl": total, "equity": sum(equity),
        "maintenance": sum(world.needs), "margin_ratio": max(ratios) if solvent else CellError.NUM,
        "margin_call": sum(max(2 * n - e, 0) for n, e in zip(world.needs, equity, strict=True)),
        "liquidated": mpf(sum(gone)), "pnl_after_liquidation": rest,
    }  # fmt: skip


def draw_grid(rng):
    moves, changes = ([shock(rng) for _ in range(2)] for _ in range(2))
    return draw_book(rng), column(moves), [changes]


def grid(book, moves, changes):
    def total(move, basis):
        world = World(book, move, basis)
        return world.spot_pnl + sum(world.rows)

    return [[total(move, basis) for basis in changes[0]] for move in cells(moves)]


def draw_replay(rng):
    book = draw_book(rng)[:3]
    price, step = magnitude(rng), magnitude(rng, -12, -0.7)
    spot = [price * (1 + step * rng.uniform(-1, 1)) for _ in range(5)]
    apart, noise = near(rng, price) / price, magnitude(rng, -12, -2)
    futures = [p * apart * (1 + noise * rng.uniform(-1, 1)) for p in spot]
    rates = [signed(rng, -8, -3) for _ in spot]
    return [[*row[:6], None] for row in book], column(spot), column(futures), column(rates)


def replay(book, spot, futures, rates):
    _, coins, linear = book
    s, f, units = cells(spot), cells(futures), linear[2] * linear[4]
    totals, paid = [], mpf(0)
    for row, rate in enumerate(cells(rates)):
        held = linear[3] * f[row] / f[0]
        paid -= units * held * rate if row else 0
        change = coins[2] * coins[3] * (s[row] / s[0] - 1) + units * (held - linear[3])
        totals.append(change + paid)
    falls = [max(totals[: i + 1]) - total for i, total in enumerate(totals)]
    return {"worst_pnl": min(totals), "end_pnl": totals[-1], "maximum_drawdown": max(falls)}


def draw_reverse(rng):
    price, beta = magnitude(rng), rng.choice((1.0, rng.uniform(0.3, 2.0)))
    coins = signed(rng)
    share = magnitude(rng, -10, -0.4)
    book = [HEADER[:7], ["A", "spot", coins, price, None, None, beta]]
    return book, abs(coins) * price * share


def reverse(book, target):
    _, _, coins, price, _, _, beta = book[1]
    move = (1 - target / (coins * price)) ** (1 / beta) - 1
    up = move if coins < 0 and move <= 10 else CellError.NA
    down = move if coins > 0 and move >= -mpf(0.999) else CellError.NA
    return {"up": up, "down": down}


def draw_liquidated(rng):
    price, units = magnitude(rng), signed(rng)
    rate, wallet = magnitude(rng, -4, -1.3), abs(units) * price * rng.uniform(0.06, 0.8)
    rows = ["A", "linear", units, price, None, None, None, "X", rate]
    return [HEADER, rows], "liquidation", [["account", "balance"], ["X", wallet]]


def liquidated(book, target, accounts):
    units, price, rate, wallet = book[1][2], book[1][3], book[1][8], accounts[1][1]
    s, size = mp.sign(units), abs(units)
    at = (wallet - s * size * price) / (size * rate - s * size)
    move = at / price - 1
    up, down = (move, CellError.NA) if s < 0 else (CellError.NA, move)
    return {"up": up, "down": down}


def draw_report(rng):
    book = draw_book(rng)
    return book, draw_accounts(rng, book), magnitude(rng, -2, 1), rng.uniform(0.1, 30), 0.99


def report(book, accounts, volatility, days, level):
    spot, linear, inverse = book[1:]
    price, beta = spot[3], spot[6]
    world = World(book, mpf(0), mpf(0))
    held = accounts[2][1] * price
    values = spot[2] * price, linear[2] * linear[4] * price, inverse[2] * inverse[4] / inverse[3]
    coin = values[2] * price
    long = (values[0] + world.inverse_today + held) * beta
    futures = (values[1] + coin) * beta
    # The volatility is the coin's own, so its beta to a market has no part in the risk.
    scale = abs(long + futures) / beta * volatility * mp.sqrt(days / 365)
    equity = accounts[1][1] + world.linear_value, held + world.inverse_value
    solvent = all(e > 0 for e in equity)
    ratios = [n / e for n, e in zip(world.needs, equity, strict=True)] if solvent else []
    return {
        "gross_value": sum(abs(v) for v in (values[0], values[1], coin, held)),
        "net_delta": (long + futures) / price, "net_value": long + futures,
        "hedged_share": -futures / long, "directional_var": scale * normal_multiple(level, "var"),
        "directional_es": scale * normal_multiple(level, "es"),
        "margin_ratio": max(ratios) if solvent else CellError.NUM,
        "top_up": sum(max(2 * n - e, 0) for n, e in zip(world.needs, equity, strict=True)),
    }  # fmt: skip


def draw_extreme(rng):
    size, freedom = magnitude(rng, -8, 0), rng.uniform(2.0, 8.0)
    sample = []
    for _ in range(600):
        chi = math.fsum(rng.gauss(0, 1) ** 2 for _ in range(int(freedom)))
        sample.append(size * rng.gauss(0, 1) / math.sqrt(chi / int(freedom)))
    return column(sample), signed(rng), 0.99, 0.9, rng.choice(("var", "es"))


def extreme(returns, value, level, threshold, measure):
    """The Pareto law where the derivatives of its likelihood in shape and scale are 0."""
    losses = [-mp.sign(value) * r for r in cells(returns)]
    start = tail_risk(losses, threshold, "var")
    y = [loss - start for loss in losses if loss > start]
    middle = mp.fsum(y) / len(y)

    def shape_of(a):
        return mp.fsum(mp.log1p(a * x) for x in y) / len(y)

    def cost(a):
        return float(mp.log(shape_of(a) / a) + shape_of(a))

    def score(a):
        shape = shape_of(a)
        return mp.fsum(x / (1 + a * x) for x in y) / len(y) * (1 / shape + 1) - 1 / a

    lowest = -1 / max(y)
    grid = [lowest * (1 - mpf(k) / 40) for k in range(1, 40)]
    grid += [mpf(10) ** (mpf(k) / 8 - 4) / middle for k in range(60)]
    best = min((a for a in grid if shape_of(a) > -1), key=cost)
    a = mp.findroot(score, (best, best * mpf("1.01")), solver="secant", tol=mpf("1e-60"))
    shape = shape_of(a)
    share = (1 - level) * len(losses) / len(y)
    loss = start + (share**-shape - 1) / a
    if measure == "es":
        loss = (loss + shape / a - shape * start) / (1 - shape) if shape < 1 else mp.nan
    return abs(value) * loss


FORMULAS = [
    Formula("STRESS_PNL", "stress", draw_scenario, scenario_pnl),
    Formula("STRESS_GRID", "stress", draw_grid, grid),
    Formula("STRESS_REPLAY", "stress", draw_replay, replay),
    Formula("STRESS_REVERSE", "stress", draw_reverse, reverse, few=15),
    Formula("STRESS_REVERSE", "stress", draw_liquidated, liquidated, few=15),
    Formula("HEDGE_REPORT", "report", draw_report, report, few=6),
    Formula("VAR_EVT", "risk", draw_extreme, extreme, few=1),
]
