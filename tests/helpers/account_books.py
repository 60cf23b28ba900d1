"""Random margin accounts, and a second way to see when they are liquidated: a walk in small steps.

The walk knows nothing of brackets that become straight lines: at each step it adds up balances,
profit and maintenance position by position, as the manual says it.
"""

import numpy as np

from xlhedge import CellError, call

POSITIONS = [
    "asset", "instrument", "quantity", "price", "contract_size", "entry_price", "beta", "account",
    "maintenance_rate", "maintenance_amount", "fee_rate", "days", "contract",
]  # fmt: skip
ACCOUNTS = [
    "account", "balance", "asset", "haircut", "haircut_pnl", "debt_rate", "netting", "price",
]  # fmt: skip
TIERS = ["asset", "instrument", "contract", "floor", "rate", "schedule", "unit"]
COINS = {"BTC": 70000.0, "ETH": 3500.0}
BETA = {"BTC": 1.0, "ETH": 1.3}
STEP, LIMIT = 0.004, 2.2


class Book:
    """One random book: its ranges as cells, and the same as dictionaries."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.tiers = []
        for coin in COINS:
            for kind in ("linear", "inverse"):
                self.tiers += self._schedule(coin, kind)
        self.accounts, self.positions = [], []
        for name in ("A", "B"):
            self._account(name)
        self.positions += [self._row(coin, "spot", 0, price) for coin, price in COINS.items()]
        self.cells = tuple(
            [header, *[[row.get(column, "") for column in header] for row in rows]]
            for header, rows in (
                (POSITIONS, self.positions),
                (ACCOUNTS, self.accounts),
                (TIERS, self.tiers),
            )
        )

    def pick(self, *values):
        return values[self.rng.integers(len(values))]

    def _row(self, asset, instrument, quantity, price, **more):
        basic = {"asset": asset, "instrument": instrument, "quantity": quantity, "price": price}
        return {**basic, "beta": BETA[asset], **more}

    def _schedule(self, coin, kind):
        whole, unit = self.pick("marginal", "whole"), self.pick("notional", "contracts", "coins")
        size = {"notional": 1e6, "contracts": 1e6 / COINS[coin], "coins": 1e6 / COINS[coin]}[unit]
        if kind == "inverse":
            size = 1e4 if unit == "contracts" else 1e6 / COINS[coin]
        floors = np.cumsum([0.0, *(size * self.rng.uniform(0.1, 1.5, 3))])
        rates = np.cumsum(self.rng.uniform(0.003, 0.04, 4))
        return [
            {"asset": coin, "instrument": kind, "floor": float(floor), "rate": float(rate),
             "schedule": whole, "unit": unit}
            for floor, rate in zip(floors, rates, strict=True)
        ]  # fmt: skip

    def _account(self, name):
        rng, gross = self.rng, 0.0
        for coin, price in COINS.items():
            for kind in ("linear", "inverse"):
                for days in ("", 90.0):
                    if rng.random() < 0.45:
                        continue
                    mark = price * (1 + 0.02 * (days != ""))
                    face = 1.0 if kind == "linear" else 100.0
                    own = rng.random() < 0.3
                    common = {
                        "account": name, "days": days, "contract_size": face,
                        "contract": f"{coin}-{kind}-{days}" if rng.random() < 0.5 else "",
                        "fee_rate": self.pick("", 0.0006),
                    }  # fmt: skip
                    if own:
                        common["contract"] = f"{coin}-{kind}-{days}-own"
                    for _ in range(rng.integers(1, 4)):
                        value = rng.normal() * 1.5e6
                        quantity = value / mark if kind == "linear" else np.round(value / face)
                        gross += abs(value)
                        entry = self.pick("", float(mark * rng.uniform(0.9, 1.1)))
                        self.positions.append(
                            self._row(
                                coin, kind, float(quantity), mark, entry_price=entry, **common
                            )
                        )
        common = {
            "account": name,
            "haircut_pnl": bool(rng.random() < 0.3),
            "netting": self.pick("gross", "net", "larger"),
        }
        money = gross * rng.uniform(0.05, 0.6)
        share = rng.uniform(-0.3, 0.9)
        coin = self.pick(*COINS)
        self.accounts += [
            {"balance": float(money * (1 - share)), "haircut": self.pick("", 0.02),
             "debt_rate": 0.03, **common},
            {"balance": float(money * share / COINS[coin]), "asset": coin, "haircut": 0.1,
             "debt_rate": 0.05, **common},
        ]  # fmt: skip

    def slack(self, name, growth):
        """Equity less maintenance of an account, for arrays of each coin's growth."""
        mine = [row for row in self.positions if row.get("account") == name]
        held = [row for row in self.accounts if row["account"] == name]
        total, any_debt = 0.0, False
        for row in held:
            coin = row.get("asset")
            price = COINS[coin] * growth[coin] if coin else 1.0
            balance, haircut = row["balance"], row["haircut"] or 0.0
            any_debt = any_debt or balance < 0
            profit = sum(
                p["quantity"] * p["contract_size"]
                * (1 / (p["entry_price"] or p["price"]) - 1 / (p["price"] * growth[coin]))
                for p in mine
                if coin and p["instrument"] == "inverse" and p["asset"] == coin
            )  # fmt: skip
            if row["haircut_pnl"] and coin:
                total = (
                    total
                    + np.where(balance + profit > 0, 1 - haircut, 1.0) * (balance + profit) * price
                )
            else:
                counted = balance * (1 - haircut) if balance > 0 else balance
                total = total + (counted + profit) * price
            total = total + min(balance, 0) * row["debt_rate"] * price
        in_coin = {row.get("asset") for row in held}
        for p in mine:
            g, entry = growth[p["asset"]], p["entry_price"] or p["price"]
            units = p["quantity"] * p["contract_size"]
            if p["instrument"] == "linear":
                total = total + units * (p["price"] * g - entry)
            elif p["asset"] not in in_coin:
                spot = COINS[p["asset"]] * g
                total = total + units * (1 / entry - 1 / (p["price"] * g)) * spot
        risky = any_debt or any(p["quantity"] for p in mine)
        return total - self._maintenance(mine, held[0]["netting"], growth), risky

    def _maintenance(self, mine, netting, growth):
        contracts = {}
        for p in mine:
            apart = p["contract"] or (p["days"], p["contract_size"])
            contracts.setdefault((p["asset"], p["instrument"], apart), []).append(p)
        total = 0.0
        for (asset, kind, _), rows in contracts.items():
            longs = sum(max(p["quantity"], 0) for p in rows)
            shorts = sum(max(-p["quantity"], 0) for p in rows)
            sides = {"gross": [longs, shorts], "net": [abs(longs - shorts)],
                     "larger": [max(longs, shorts)]}[netting]  # fmt: skip
            price, size = rows[0]["price"] * growth[asset], rows[0]["contract_size"]
            for side in sides:
                notional = side * size * price if kind == "linear" else side * size / price
                unit = 1.0 if kind == "linear" else COINS[asset] * growth[asset]
                margin = self._bracket_margin(asset, kind, side, size, notional)
                total = total + (margin + (rows[0]["fee_rate"] or 0) * notional) * unit
        return total

    def _bracket_margin(self, asset, kind, contracts, size, notional):
        table = [t for t in self.tiers if (t["asset"], t["instrument"]) == (asset, kind)]
        unit = table[0]["unit"]
        coins = contracts * size if kind == "linear" else notional
        measure = {"notional": notional, "contracts": contracts, "coins": coins}[
            unit
        ] + 0 * notional
        each = np.where(measure > 0, notional / np.where(measure > 0, measure, 1), 0)
        margin = 0 * notional
        tops = [t["floor"] for t in table[1:]] + [np.inf]
        for tier, top in zip(table, tops, strict=True):
            inside = (measure > tier["floor"]) & (measure <= top)
            if tier["schedule"] == "whole":
                margin = np.where(inside, tier["rate"] * measure, margin)
            else:
                part = np.clip(measure, tier["floor"], top) - tier["floor"]
                margin = margin + tier["rate"] * part
        return margin * each


def walk(book, name, slopes, sign, reach):
    """The first step of a walk at which an account is liquidated, None without one.

    `reach` is the answer to be judged: it and its neighbourhood are looked at as well.
    """
    steps = np.arange(STEP, LIMIT, STEP)
    if reach is not None and reach < LIMIT:
        steps = np.sort(np.append(steps, [reach - 1e-7, reach + 1e-7]))
    steps = steps[steps > 0]
    growth = {coin: np.exp(sign * slopes[coin] * steps) for coin in COINS}
    slack, risky = book.slack(name, growth)
    below = np.flatnonzero(slack <= 0) if risky else []
    return float(steps[below[0]]) if len(below) else None


def disagreements(seed):
    """What the functions say about a random book that the walk does not see, as sentences."""
    book = Book(seed)
    positions, accounts, tiers = book.cells
    found = []
    table = call("ACCOUNT_LIQUIDATION", positions, accounts, tiers)
    assert isinstance(table, list), call(
        "XLHEDGE_WHY", "ACCOUNT_LIQUIDATION", positions, accounts, tiers
    )
    ones = {coin: np.ones(1) for coin in COINS}
    today = {name: book.slack(name, ones) for name in ("A", "B")}
    first = {}
    for name, asset, price, below, above, _, far in table[1:]:
        slack, risky = today[name]
        if risky and slack[0] <= 0:
            if (below, above, far) != (price, price, 0.0):
                found.append(f"{name} {asset} is liquidated today")
            continue
        slopes = {coin: float(coin == asset) for coin in COINS}
        for sign, level in ((1.0, above), (-1.0, below)):
            reach = None if level is None else abs(np.log(level / price))
            _judge(found, f"{name} {asset} {sign:+}", reach, walk(book, name, slopes, sign, reach))
    for line in call("STRESS_REVERSE", positions, "liquidation", accounts, tiers)[1:]:
        first[line[0]] = None if line[1] is CellError.NA else (abs(np.log1p(line[1])), line[2])
    gone = [name for name, (slack, risky) in today.items() if risky and slack[0] <= 0]
    for side, sign in (("up", 1.0), ("down", -1.0)):
        answer = first[side]
        if gone:
            if answer is None or answer != (0.0, gone[0]):
                found.append(f"reverse {side}: {answer} for an account that is gone")
            continue
        reach = None if answer is None else answer[0]
        seen = [walk(book, name, BETA, sign, reach) for name in ("A", "B")]
        reached = [step for step in seen if step is not None]
        _judge(found, f"reverse {side}", reach, min(reached, default=None))
    return found


def _judge(found, what, reach, seen):
    if reach is not None and reach > LIMIT:
        reach = None
    if reach is None:
        if seen is not None:
            found.append(f"{what}: none, the walk sees {seen}")
    elif reach < 1e-7:
        return
    elif seen is None or abs(seen - reach) > 2e-7:
        found.append(f"{what}: {reach}, the walk sees {seen}")
