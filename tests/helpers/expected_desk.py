"""What the desk must show, by the core itself, from its inputs alone."""

import math

import pytest
from book_helpers import named_values, opened, table_values
from book_values import assert_shows, column, place
from expected_checks import expected_correlations

from xlhedge import CellError, call

POSITION = 11
"""Columns of Positions that are inputs."""


def cells(rows, count=None):
    """Rows of a table as functions take them; a blank cell is None."""
    return [[None if cell in ("", None) else cell for cell in row[:count]] for row in rows]


class Desk:
    """A desk's inputs, and its book held and after the trade by the core."""

    def __init__(self, path):
        self.path, self.book = path, opened(path, values=True)
        self.cell, self.table = named_values(path), table_values(path)
        self.held = cells(self.table["Positions[#All]"], POSITION)
        self.accounts = cells(self.table["Accounts[#All]"])
        self.brackets = cells(self.table["Brackets[#All]"])
        history = cells(self.table["History[#All]"])
        self.history = [row[:-1] for row in history]
        self.assets = [name.removesuffix(" spot") for name in history[0] if name.endswith(" spot")]
        self.year = 365 * 24 / self.cell["interval_hours"]
        self.periods = round(self.cell["horizon_days"] * 24 / self.cell["interval_hours"])
        self._size()

    def series(self, name):
        return column(self.table["History"][name])

    def rows(self, *names):
        """The columns of Positions by name, row by row."""
        columns = [self.held[0].index(name) for name in names]
        return [[row[place] for place in columns] for row in self.held[1:]]

    def beta(self, asset):
        return next((b for a, b in self.rows("asset", "beta") if a == asset and b is not None), 1)

    def price(self, asset):
        rows = self.rows("asset", "instrument", "price")
        own = [price for name, kind, price in rows if name == asset and kind == "spot"]
        place = self.accounts[0].index("price")
        named = [row[place] for row in self.accounts[1:] if row[1] == asset and row[place]]
        return (own or named or [price for name, _, price in rows if name == asset])[0]

    def exposure(self, row):
        """Value × beta of a future."""
        asset, kind, quantity, price, size, entry = row
        one = (size or 1) * (price if kind == "linear" else price / entry if entry else 1)
        return self.beta(asset) * quantity * one

    def _size(self):
        cell = self.cell
        delta = call("PORTFOLIO_DELTA", self.held, self.accounts)
        coins = [row[0] for row in delta[1:-1]]
        self.coins = coins
        self.values = [row[1] * self.price(row[0]) for row in delta[1:-1]]
        betas = [self.beta(coin) for coin in coins]
        self.exposed = sum(v * b for v, b in zip(self.values, betas, strict=True))
        names = self.rows("contract", "account")
        at = next(
            row for row, (contract, account) in enumerate(names)
            if (contract, account) == (cell["hedge_contract"], cell["hedge_account"])
        )  # fmt: skip
        money = self.rows("asset", "instrument", "quantity", "price", "contract_size",
                          "entry_price")  # fmt: skip
        futures = [self.exposure(row) if row[1] != "spot" else 0 for row in money]
        self.hedge, kind, self.before, now, size, entry = money[at]
        self.futures, size = sum(futures), size or 1
        self.unit = size * (1 if kind == "inverse" else now)
        slope = self.beta(self.hedge)
        self.alone = call("BETA_CONTRACTS", column(self.values), column(betas), self.unit, slope,
                          cell["hedge_fraction"], cell["target_beta"], 0)  # fmt: skip
        target = self.alone - (self.futures - futures[at]) / (self.unit * slope)
        self.trade = call("HEDGE_TRADE", self.before, target, cell["rebalance_band"], cell["lot"])
        self.contracts = self.before + self.trade
        self.left = self.exposed + self.futures + self.trade * self.unit * slope
        self._do(at, kind, now, size, entry)

    def _do(self, at, kind, now, size, entry):
        """The book with the trade done, as a venue books it."""
        before, trade, after = self.before, self.trade, self.contracts
        held = entry or now
        closed = 0
        if trade * before < 0:
            closed = math.copysign(min(abs(trade), abs(before)), before)
        inverse = kind == "inverse"
        paid = closed * size * (1 / held - 1 / now if inverse else now - held)
        new = entry
        if trade and not closed:
            new = (
                after / (before / held + trade / now)
                if inverse
                else (before * held + trade * now) / after
            )
        elif trade:
            new = held if after * before > 0 else now
        self.after = [list(row) for row in self.held]
        for name, value in (("quantity", after), ("entry_price", new)):
            self.after[at + 1][self.held[0].index(name)] = value
        self.accounts_after = [list(row) for row in self.accounts]
        coin = self.hedge if inverse else None
        for row in self.accounts_after[1:]:
            if row[0] == self.cell["hedge_account"] and row[1] == coin:
                row[2] += paid
                break

    def sides(self):
        yield "held", self.held, self.accounts
        yield "after", self.after, self.accounts_after

    def scenarios(self):
        """The table's inputs, without the columns of coins that the book does not hold."""
        rows = cells(self.table["Scenarios[#All]"])
        known = rows[0].index("proxy_shock") + 1
        mine = {row[0] for row in self.held[1:]} | {row[1] for row in self.accounts[1:]}
        kept = [place for place, name in enumerate(rows[0])
                if place < known or (name in mine and place < len(rows[0]) - 2)]  # fmt: skip
        return [[row[place] for place in kept] for row in rows]


def figures(path):
    """Place to value or table, for every cell that calls a function of ours."""
    desk = Desk(path)
    history = desk.table["History"]
    found = dict(_trade(desk)) | expected_correlations(
        desk.book, lambda coin: (history[f"{coin} spot"], history[f"{coin} futures"])
    )
    for part in (_risk, _margin, _stress, _funding, _legs):
        found |= dict(part(desk))
    return found


def _at(desk, name, down=0, right=0):
    """The first cell of a named cell or range, moved."""
    sheet, address = next(desk.book.defined_names[name].destinations)
    first = desk.book[sheet][address.replace("$", "").partition(":")[0]]
    return sheet, desk.book[sheet].cell(first.row + down, first.column + right).coordinate


def _trade(desk):
    for name, positions, accounts in desk.sides():
        yield _at(desk, f"delta_{name}"), call("PORTFOLIO_DELTA", positions, accounts)
    yield place(desk.book, "contracts_alone"), desk.alone
    yield place(desk.book, "contracts_to_trade"), desk.trade
    cost = call("HEDGE_COST", abs(desk.trade) * desk.unit, desk.cell["fee_rate"],
                desk.cell["spread"])  # fmt: skip
    yield place(desk.book, "ticket_cost"), cost / 2


def estimates(desk):
    """Volatilities and correlations as the desk estimates them."""
    volatilities = [
        [asset, call("VOL_EWMA", desk.series(f"{asset} spot"), desk.cell["vol_decay"], desk.year)]
        for asset in desk.assets
    ]
    returns = [
        [row[0] for row in call("RETURNS", desk.series(f"{asset} spot"), "log")]
        for asset in desk.assets
    ]
    correlations = [[1.0 if one is other else correlation(one, other) for other in returns]
                    for one in returns]  # fmt: skip
    return [["asset", "volatility"], *volatilities], correlations


def correlation(one, other):
    n = len(one)
    a, b = sum(one) / n, sum(other) / n
    top = sum((x - a) * (y - b) for x, y in zip(one, other, strict=True))
    return top / math.sqrt(sum((x - a) ** 2 for x in one) * sum((y - b) ** 2 for y in other))


def _risk(desk):
    cell, count = desk.cell, len(desk.assets)
    volatilities, correlations = estimates(desk)
    spot = desk.series(f"{desk.hedge} spot")
    futures = desk.series(f"{desk.hedge} futures")
    for line, (asset, volatility) in enumerate(volatilities[1:]):
        yield place(desk.book, f"vol_{line + 1}"), volatility
        yield _at(desk, "betas_estimated", line), call("BETA", desk.series(f"{asset} spot"), spot)
        for other in range(line + 1, count):
            yield _at(desk, "vol_1", line, 2 + other), correlations[line][other]
    for name, positions, accounts in desk.sides():
        asked = positions, desk.history, desk.periods, cell["confidence"], None, None, accounts
        var = call("BOOK_VAR", *asked)
        yield place(desk.book, f"var_{name}"), [[value] for _, value in var]
        right = 0 if name == "held" else 7
        yield _at(desk, "parts_held", 0, right), call("BOOK_CONTRIBUTION", *asked)
    yield place(desk.book, "basis_now"), call("BASIS", spot[-1][0], futures[-1][0], "bp")
    stats = dict(call("HEDGE_STATS", spot, futures))
    left = stats["residual_volatility"] * math.sqrt(desk.year)
    yield place(desk.book, "residual_volatility"), left
    value = dict(zip(desk.coins, desk.values, strict=True))
    weights = [value.get(asset, 0) / sum(desk.values) for asset in desk.assets]
    plain = [row[1] for row in volatilities[1:]]
    whole = call("PORTFOLIO_VOL", column(weights), column(plain), correlations)
    yield place(desk.book, "vol_holdings"), whole
    target = cell["target_volatility"]
    yield place(desk.book, "vol_exposure"), call("VOL_TARGET_EXPOSURE", target, whole, None,
                                                 cell["max_leverage"])  # fmt: skip
    yield place(desk.book, "vol_hedge_share"), call("VOL_TARGET_HEDGE", target, whole, left)


def _margin(desk):
    cell = desk.cell
    volatilities, correlations = estimates(desk)
    days = column([cell[f"days_{number}"] for number in (1, 2, 3)])
    paths = cell["simulation_paths"]
    for name, positions, accounts in desk.sides():
        book = positions, accounts
        yield (
            _at(desk, f"status_{name}", -1),
            readable(call("ACCOUNT_STATUS", *book, desk.brackets)),
        )
        yield (
            _at(desk, f"liquidation_{name}", -1),
            call("ACCOUNT_LIQUIDATION", *book, desk.brackets, cell["others_move"]),
        )
        simulated = *book, volatilities, correlations
        yield (
            _at(desk, f"probability_{name}", -1),
            call("ACCOUNT_PROBABILITY", *simulated, days, desk.brackets, None, paths),
        )
        yield _at(desk, f"buffer_{name}", -1), call(
            "ACCOUNT_BUFFER", *simulated, cell["buffer_days"], cell["buffer_confidence"],
            desk.brackets, None, paths,
        )  # fmt: skip


def _stress(desk):
    scenarios = desk.scenarios()
    for name, positions, accounts in desk.sides():
        asked = positions, scenarios, accounts, desk.brackets
        yield _at(desk, f"stress_{name}"), readable(call("STRESS_PNL", *asked))
        yield _at(desk, f"stress_accounts_{name}"), readable(call("STRESS_ACCOUNTS", *asked))


def readable(table):
    """A ratio that is an error, where no equity is left, stands as words."""
    return [["no equity" if isinstance(v, CellError) else v for v in row] for row in table]


def _funding(desk):
    cell = desk.cell
    hours = cell["interval_hours"]
    line = 0
    for asset in desk.assets:
        name = f"{asset} funding"
        if name not in desk.table["History"]:
            continue
        rates = desk.series(name)
        for part, days in enumerate((7, 30, 90)):
            window = rates[-min(len(rates), round(days * 24 / hours)) :]
            yield (
                _at(desk, "funding_coins", line, 3 + 3 * part),
                call("FUNDING_ANNUAL", window, hours),
            )
        horizons = column([1, 7, 14, 30, 60, 90])
        yield (
            _at(desk, "forecasts", 0, 4 * line),
            call("FUNDING_FORECAST", rates, horizons, hours, cell["forecast_confidence"]),
        )
        line += 1


def _legs(desk):
    names = ("asset", "instrument", "contract", "quantity", "price", "contract_size", "days")
    rows = desk.rows(*names)
    dated = [row for row in rows if row[1] != "spot" and row[-1] is not None]
    for line in range(8):
        leg = dated[line] if line < len(dated) else None
        value, roll = "", ["", "", "", ""]
        if leg is not None:
            asset, kind, _, quantity, price, size, days = leg
            value = call("CARRY_RATE", desk.price(asset), price, days)
            later = [row for row in dated if row[:2] == leg[:2] and row[-1] > days]
            roll = ["none"] * 4
            if later:
                far = min(later, key=lambda row: row[-1])
                table = call("ROLL_COST", quantity, price, far[4], days, far[-1], size or 1, kind,
                             desk.cell["fee_rate"], desk.cell["spread"])  # fmt: skip
                roll = [row[1] for row in table[1:]]
        yield _at(desk, "legs", line, 5), value
        for part, wanted in enumerate(roll):
            yield _at(desk, "legs", line, 9 + part), wanted
    own = [row for row in dated if row[0] == desk.hedge]
    curve = "no dated future of this coin"
    if own:
        curve = call("CARRY_CURVE", desk.price(desk.hedge), column([row[4] for row in own]),
                     column([row[-1] for row in own]))  # fmt: skip
    yield place(desk.book, "curve_of_hedge"), curve


def dashboard(desk):
    """Its measures, held and after, by the core."""
    found = {"dash_contracts": desk.trade}
    scenarios = desk.scenarios()
    volatilities, correlations = estimates(desk)
    for name, positions, accounts in desk.sides():
        after = name == "after"
        found[f"dash_exposure_{name}"] = desk.left if after else desk.exposed + desk.futures
        share = 1 - desk.left / desk.exposed if after else -desk.futures / desk.exposed
        found[f"dash_share_{name}"] = share
        delta = {row[0]: row[3] for row in call("PORTFOLIO_DELTA", positions, accounts)[1:-1]}
        for number, asset in enumerate(desk.assets[:3], 1):
            found[f"dash_delta_{number}_{name}"] = delta.get(asset, 0)
        var = dict(call("BOOK_VAR", positions, desk.history, desk.periods,
                        desk.cell["confidence"], None, None, accounts))  # fmt: skip
        found[f"dash_var_{name}"], found[f"dash_es_{name}"] = var["var"], var["es"]
        status = call("ACCOUNT_STATUS", positions, accounts, desk.brackets)[1:]
        found[f"dash_ratio_{name}"] = max(row[3] for row in status)
        found[f"dash_top_up_{name}"] = sum(row[4] for row in status)
        prices = call("ACCOUNT_LIQUIDATION", positions, accounts, desk.brackets,
                      desk.cell["others_move"])[1:]  # fmt: skip
        near = [value for row in prices for value in row[5:7] if value is not None]
        found[f"dash_distance_{name}"] = min(near, default="none")
        days = [[desk.cell[f"days_{number}"] for number in (1, 2, 3)]]
        chances = call("ACCOUNT_PROBABILITY", positions, accounts, volatilities, correlations,
                       days, desk.brackets, None, desk.cell["simulation_paths"])[-1]  # fmt: skip
        for number in (1, 2, 3):
            found[f"dash_chance_{number}_{name}"] = chances[number]
        stressed = call("STRESS_PNL", positions, scenarios, accounts, desk.brackets)[1:]
        worst = min(stressed, key=lambda row: row[-1])
        found[f"dash_worst_{name}"], found[f"dash_worst_loss_{name}"] = worst[0], -worst[-1]
        found[f"dash_worst_call_{name}"] = max(row[9] for row in stressed)
        found[f"dash_liquidations_{name}"] = sum(row[10] > 0 for row in stressed)
    return found


def assert_desk_is_right(path):
    """Every cell that calls us, and the dashboard, equal the core."""
    assert_shows(path, figures(path))
    desk = Desk(path)
    for name, want in dashboard(desk).items():
        got = desk.cell[name]
        if isinstance(want, str):
            assert got == want, name
        else:
            assert got == pytest.approx(want, rel=1e-9, abs=1e-9), name
    assert desk.cell["dash_as_of"] == desk.table["History"]["time"][-1]
