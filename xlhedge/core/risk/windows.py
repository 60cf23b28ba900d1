"""A book in every window of a history: what moves it, and how much of each move it holds."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np

from xlhedge.core.book.history import BookHistory, History
from xlhedge.core.book.names import Names, key
from xlhedge.core.book.ranges import Accounts, Positions, refuse
from xlhedge.core.statistics.series import START_ROWS, exponential
from xlhedge.core.statistics.stable import log_ratio
from xlhedge.core.types import Floats

Method = Literal["scaled", "windows"]

SPOT, BASIS, FUNDING = range(3)
LEAST_WINDOWS = 5
SLOW_DECAY = 0.985
"""Weight of the row before in the slow level of a funding rate."""


class Leg(NamedTuple):
    """A position or a coin balance."""

    asset: str
    instrument: str
    account: str


class Legs(NamedTuple):
    """Positions and coin balances, one entry each, in money per unit of what moves them."""

    names: list[Leg]
    asset: Any
    """Place of the asset among the book's."""
    contract: list[str]
    spot: Floats
    """Money per unit of s − 1."""
    linear: Floats
    """Value of linear contracts: money per unit of s·(e^(−Δb) − 1), and of −Σ rate·F/F₀."""
    inverse: Floats
    """Money per unit of −(e^(Δb) − 1)."""
    face: Floats
    """Face of inverse contracts: money per unit of −Σ rate."""
    is_future: Any
    pays: Any
    """Whether the leg pays funding."""
    identity: list[tuple[object, ...]]
    """What makes two futures of one asset one contract."""


class Windows(NamedTuple):
    """A book in the windows of a history.

    The profit and loss of leg i in window w is Σ loadings[i, k]·factors[k, w]; `part` says of each
    factor whether it is spot, basis or funding.
    """

    legs: list[Leg]
    loadings: Floats
    factors: list[Floats]
    part: list[int]
    ends: list[float]
    independent: float
    """Windows of the history that do not overlap."""
    funding_included: bool
    notes: list[str]

    def parts(self) -> Floats:
        """Profit and loss of the book: rows spot, basis, funding."""
        result = np.zeros((3, len(self.ends)))
        held = self.loadings.sum(axis=0).tolist()
        for part, amount, factor in zip(self.part, held, self.factors, strict=True):
            result[part] += amount * factor
        return result

    def of_legs(self) -> Floats:
        """Profit and loss of each leg, one row per leg."""
        if not self.factors:
            return np.zeros((len(self.legs), len(self.ends)))
        result: Floats = self.loadings @ np.array(self.factors)
        return result


def book_windows(
    positions: Positions,
    history: History,
    horizon: int,
    method: Method,
    decay: float,
    accounts: Accounts | None,
) -> Windows:
    """Every overlapping window of the history, applied to the book.

    Notes
    -----
    With s the growth of spot, b = ln(S/F), N contracts times size and P today's price, spot earns
    q·P·(s − 1). A linear future earns N·P·(s·e^(−Δb) − 1), which is N·P·(s − 1) of spot and
    N·P·s·(e^(−Δb) − 1) of basis; an inverse one
    U₁S₁ − U₀S₀ = N·S₀·[(s − 1)/E − (e^(Δb) − 1)/P].
    """
    assets, legs = _legs(positions, accounts)
    view = BookHistory(history, list(assets))
    first = START_ROWS if method == "scaled" else 0
    view.require_rows(first + horizon + LEAST_WINDOWS)
    moves = _Moves(view, horizon, decay if method == "scaled" else None)
    factors: list[Floats] = []
    loadings: list[Floats] = []
    part: list[int] = []

    def add(kind: int, factor: Floats, held: Floats) -> None:
        factors.append(factor)
        loadings.append(held)
        part.append(kind)

    notes: list[str] = []
    missing: list[str] = []
    spots = np.array([view.spot(asset).values for asset in assets])
    contracts = [
        (index, *contract)
        for index, asset in enumerate(assets)
        for contract in _contracts(view, legs, legs.asset == index, asset, notes)
    ]
    growths = moves.growth(spots)
    futures = np.array([prices for _, _, prices, _ in contracts])
    of_contract = [index for index, *_ in contracts]
    bases = moves.basis(spots[of_contract], futures) if contracts else futures
    rates = {place: rate for place, (*_, rate) in enumerate(contracts) if rate is not None}
    of_linear: dict[int, Floats] = {}
    of_inverse: dict[int, Floats] = {}
    if rates:
        paid = np.array(list(rates.values()))
        of_linear = dict(zip(rates, moves.funding(paid, futures[list(rates)]), strict=True))
        if legs.face.any():
            of_inverse = dict(zip(rates, moves.funding(paid, np.ones_like(paid)), strict=True))
    for index, growth in enumerate(growths):
        if (held := legs.spot * (legs.asset == index)).any():
            add(SPOT, growth, held)
        for place, (own, rows, _, rate) in enumerate(contracts):
            if own != index:
                continue
            linear, inverse = legs.linear * rows, legs.inverse * rows
            if linear.any():
                add(BASIS, (1 + growth) * np.expm1(-bases[place]), linear)
            if inverse.any():
                add(BASIS, -np.expm1(bases[place]), inverse)
            if rate is None and (legs.pays & rows).any():
                missing.append(list(assets)[index])
            if place in of_linear and (held := -linear * legs.pays).any():
                add(FUNDING, of_linear[place], held)
            if place in of_inverse and (held := -legs.face * rows * legs.pays).any():
                add(FUNDING, of_inverse[place], held)
    if missing:
        notes.append(f"history has no funding of {', '.join(dict.fromkeys(missing))}: not included")
    count = view.rows - horizon - first
    return Windows(
        legs=legs.names,
        loadings=np.array(loadings).T if loadings else np.zeros((len(legs.names), 0)),
        factors=factors,
        part=part,
        ends=view.names(np.arange(first, first + count) + horizon),
        independent=view.rows / horizon,
        funding_included=not missing,
        notes=notes,
    )


def _contracts(
    view: BookHistory, legs: Legs, of_asset: Any, asset: str, notes: list[str]
) -> list[tuple[Any, Floats, Floats | None]]:
    """The asset's futures by the columns that they follow: their rows, prices and rates."""
    groups: dict[tuple[str, str], tuple[list[int], Floats, Floats | None]] = {}
    for row in np.flatnonzero(of_asset & legs.is_future).tolist():
        futures = view.futures(asset, legs.contract[row])
        rate = view.funding(asset, legs.contract[row]) if legs.pays[row] else None
        places = (futures.header, "" if rate is None else rate.header)
        values = None if rate is None else rate.values
        groups.setdefault(places, ([], futures.values, values))[0].append(row)
    shared: dict[str, set[tuple[object, ...]]] = {}
    for (header, _), (rows, _, _) in groups.items():
        shared.setdefault(header, set()).update(legs.identity[row] for row in rows)
    notes.extend(
        f"{len(contracts)} contracts of {asset} follow one column of the history: the risk between "
        "them is not in the figure"
        for contracts in shared.values()
        if len(contracts) > 1
    )
    found = []
    for rows, prices, rates in groups.values():
        mine = np.zeros(len(legs.names), dtype=bool)
        mine[rows] = True
        found.append((mine, prices, rates))
    return found


def _legs(positions: Positions, accounts: Accounts | None) -> tuple[Names, Legs]:
    """Positions and coin balances with their exposures; stablecoins carry no price risk here."""
    instrument = np.asarray(positions.instrument)
    spot, linear, inverse = (instrument == kind for kind in ("spot", "linear", "inverse"))
    coins = np.zeros(0, dtype=np.intp)
    if accounts is not None:
        _check_accounts(positions, accounts)
        coins = np.flatnonzero(~accounts.is_stable)
    held = [] if accounts is None else accounts.asset[coins].tolist()
    names = [] if accounts is None else accounts.account[coins].tolist()
    balance = np.zeros(0) if accounts is None else accounts.balance[coins]
    assets = Names(positions.asset.tolist(), held)
    price = coin_prices(assets, positions, accounts)
    place = assets.indices(np.array([*positions.asset.tolist(), *held], dtype=np.str_))
    coin = price[place]
    units = positions.quantity * np.where(spot, 1.0, positions.contract_size)
    entry = np.where(np.isnan(positions.entry_price), positions.price, positions.entry_price)
    today, size = coin[: len(units)], positions.contract_size
    per_move = np.where(inverse, units * today / entry, units * positions.price)

    def padded(values: Floats, rest: Floats | None = None) -> Floats:
        return np.concatenate([values, np.zeros(len(held)) if rest is None else rest])

    flags = np.zeros(len(held), dtype=np.bool_)
    perpetual = np.isnan(positions.days)
    identity: list[tuple[object, ...]] = [
        (kind, key(contract)) if contract else (kind, "", days, size)
        for kind, contract, days, size in zip(
            instrument.tolist(),
            positions.contract.tolist(),
            np.where(perpetual, -1.0, positions.days).tolist(),
            size.tolist(),
            strict=True,
        )
    ]
    rows = zip(
        positions.asset.tolist(), instrument.tolist(), positions.account.tolist(), strict=True
    )
    balances = [Leg(a, "balance", account) for a, account in zip(held, names, strict=True)]
    return assets, Legs(
        names=[*(Leg(*row) for row in rows), *balances],
        asset=place,
        contract=[*positions.contract.tolist(), *[""] * len(held)],
        spot=padded(per_move, balance * coin[len(units) :]),
        linear=padded(np.where(linear, units * positions.price, 0.0)),
        inverse=padded(np.where(inverse, units * today / positions.price, 0.0)),
        face=padded(np.where(inverse, units, 0.0)),
        is_future=np.concatenate([~spot, flags]),
        pays=np.concatenate([~spot & perpetual, flags]),
        identity=identity,
    )


def coin_prices(assets: Names, positions: Positions, accounts: Accounts | None) -> Floats:
    """Price of each asset: its first spot row's, else the accounts', else its first future's."""
    prices = np.full(len(assets), np.nan)
    of_position = assets.indices(positions.asset)
    is_spot = np.asarray(positions.instrument) == "spot"
    sources = [(of_position[is_spot], positions.price[is_spot])]
    if accounts is not None:
        sources.append((assets.indices(accounts.asset), accounts.price))
    sources.append((of_position, positions.price))
    for places, values in sources:
        for place, value in zip(places.tolist(), values.tolist(), strict=True):
            if place >= 0 and np.isnan(prices[place]):
                prices[place] = value
    if accounts is not None:
        for row, place in enumerate(assets.indices(accounts.asset).tolist()):
            if place >= 0 and np.isnan(prices[place]):
                message = f"has no price of {accounts.asset[row]}: give it in the column price"
                refuse("accounts", row, message)
    return prices


def _check_accounts(positions: Positions, accounts: Accounts) -> None:
    """Every future is in an account that there is, and no spot row is."""
    known = Names(accounts.account.tolist())
    is_spot = np.asarray(positions.instrument) == "spot"
    for row, account in enumerate(positions.account.tolist()):
        if is_spot[row] and account:
            message = "is spot and must have no account: enter coins held as margin in accounts"
            refuse("positions", row, message)
        if not is_spot[row] and account not in known:
            message = f"must be one of the accounts {known.listing()}, got {account or 'a blank'}"
            refuse("positions", row, message, "account")


class _Moves:
    """Moves of a history's prices over its windows, as they were or scaled to today's volatility.

    Scaled, a window's log moves are multiplied by k, the exponentially weighted volatility of
    one-row moves after the last row over that at the window's start: of spot, and of the basis.
    """

    def __init__(self, view: BookHistory, horizon: int, decay: float | None) -> None:
        self._horizon = horizon
        self._decay = decay
        first = 0 if decay is None else START_ROWS
        self._start = slice(first, view.rows - horizon)
        self._end = slice(first + horizon, view.rows)

    def growth(self, spot: Floats) -> Floats:
        """Simple returns of spot prices, a row per asset."""
        if self._decay is None:
            before = spot[:, self._start]
            simple: Floats = self._change(spot) / before
            return simple
        logs = np.log(spot)
        grown: Floats = np.exp(self._scale(np.diff(logs)) * self._change(logs))
        grown -= 1
        return grown

    def basis(self, spot: Floats, futures: Floats) -> Floats:
        """Changes of the log basis, a row per contract."""
        basis = log_ratio(spot, futures)
        change = self._change(basis)
        if self._decay is not None:
            change *= self._scale(np.diff(basis))
        return change

    def _change(self, values: Floats) -> Floats:
        change: Floats = values[:, self._end] - values[:, self._start]
        return change

    def funding(self, rates: Floats, futures: Floats) -> Floats:
        """Sums of the windows' rates, each times its row's price over that at the start.

        A row per contract. Scaled, today's slow level of a rate takes the place of the level at the
        window's start.
        """
        paid = np.zeros_like(rates)
        np.cumsum(rates[:, 1:] * futures[:, 1:], axis=1, out=paid[:, 1:])
        total: Floats = self._change(paid) / futures[:, self._start]
        if self._decay is None:
            return total
        levels = exponential(rates, SLOW_DECAY)
        total += self._horizon * (levels[:, -1:] - levels[:, 1 : 1 + total.shape[1]])
        return total

    def _scale(self, moves: Floats) -> Floats:
        """Volatility after the last row over that at the start of each window; 1 where one is 0."""
        assert self._decay is not None  # noqa: S101  # for the type checker
        variances = exponential(moves**2, self._decay)
        then, now = variances[:, : self._start.stop - self._start.start], variances[:, -1:]
        if then.min() <= 0 or now.min() <= 0:
            good = (then > 0) & (now > 0)
            then, now = np.where(good, then, 1.0), np.where(good, now, 1.0)
        scale: Floats = np.sqrt(now / then)
        return scale
