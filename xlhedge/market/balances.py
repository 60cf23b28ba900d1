"""A venue's wallets as accounts of a book: balances without unrealised profit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from xlhedge.errors import VenueError
from xlhedge.market.connection import Connection

HEADER = ("account", "balance", "asset", "price", "kind", "haircut")
STABLECOINS = frozenset(("USDT", "USDC", "FDUSD", "DAI", "TUSD", "USDE", "PYUSD", "USD"))

_SETTLEMENT = {"hyperliquid": "USDC", "krakenfutures": "USD"}
_CENT = 1e-2


class Wallet(NamedTuple):
    """What an account holds of one coin; price and haircut where the reply tells them."""

    coin: str
    balance: float
    price: float | None = None
    haircut: float | None = None


def pooled(connection: Connection) -> bool:
    """Whether all coins of an account stand for all its positions; else each for those in it."""
    name = connection.venue.name
    if name == "okx":
        told = connection.ask_privately("private_get_account_config")
        level = str((told.get("data") or [{}])[0].get("acctLv", ""))
        if level not in {"1", "2", "3", "4"}:
            raise VenueError("okx does not say in which mode the account is")
        return level in {"3", "4"}
    return name in {"bybit", "krakenfutures", "hyperliquid"}


def account_of(account: str, coin: str, *, together: bool) -> str:
    """The name of the account that a coin or a contract settling in it belongs to."""
    return account if together else f"{account} {coin}"


def fetch(connection: Connection, account: str) -> list[dict[str, Any]]:
    """All wallets that margin futures, as rows of the range accounts.

    Parameters
    ----------
    connection
        The exchange, with a key.
    account
        What the account shall be called. Where each coin margins the contracts that settle in it
        alone, each is an account and its name ends in the coin.

    Raises
    ------
    VenueError
        When the parts of a reply do not add up, or a debt, a loan or a discount is in it that the
        range cannot express for certain.

    Notes
    -----
    A book adds the unrealised profit of its positions itself, so a balance must not hold it. Where
    a venue gives both, their sum must be the equity that it gives as well. Margin that is set apart
    for isolated positions is left out.
    """
    name = connection.venue.name
    together = pooled(connection)
    settlement = _SETTLEMENT.get(name, "USDT")
    rows = []
    for parameters, read in _QUESTIONS[name]:
        given = connection.ask_privately("fetch_balance", parameters)
        info = given.get("info") if isinstance(given, dict) else None
        if not info:
            raise VenueError(f"{name} gave no balances")
        for wallet in read(info):
            if wallet.balance == 0:
                continue
            coin = connection.code(wallet.coin)
            own = coin == settlement if together else coin in STABLECOINS
            rows.append(
                {
                    "account": account_of(account, coin, together=together),
                    "balance": wallet.balance,
                    "asset": "" if own else coin,
                    "price": None if own else wallet.price,
                    "kind": "" if own else ("stablecoin" if coin in STABLECOINS else "coin"),
                    "haircut": wallet.haircut,
                }
            )
    return rows


def _binance(info: Any) -> Iterator[Wallet]:
    for item in _items(info, "assets"):
        if _number(item, "marginBalance") or _number(item, "walletBalance"):
            _same("binance", item, "marginBalance", "walletBalance", "unrealizedProfit")
        # The isolated positions' own wallets are left out of this one.
        yield Wallet(item["asset"], _number(item, "crossWalletBalance"))


def _bybit(info: Any) -> Iterator[Wallet]:
    account = next(iter(_items(info.get("result") or {}, "list")), {})
    if account.get("accountType") != "UNIFIED":
        raise VenueError("bybit's account is no unified one: its balances cannot be verified")
    coins = _items(account, "coin")
    for item in coins:
        if _number(item, "borrowAmount"):
            raise VenueError(f"bybit shows a loan of {item['coin']}: enter this account by hand")
        _same("bybit", item, "equity", "walletBalance", "unrealisedPnl")
    held = [item for item in coins if _number(item, "walletBalance")]
    others = [item["coin"] for item in held if item["coin"] not in {"USDT", "USDC"}]
    if others:
        raise VenueError(
            f"bybit does not tell at what share {', '.join(others)} counts as margin: enter this "
            "account by hand, with the haircut"
        )
    for item in held:
        yield Wallet(item["coin"], _number(item, "walletBalance"), haircut=0.0)


def _okx(info: Any) -> Iterator[Wallet]:
    account = next(iter(_items(info, "data")), {})
    for item in _items(account, "details"):
        if _number(item, "liab"):
            raise VenueError(f"okx shows a debt of {item['ccy']}: enter this account by hand")
        # Money in trading bots and in isolated positions is equity, but margins nothing else.
        _same("okx", item, "eq", "cashBal", "upl", "isoEq", "stgyEq")
        worth, equity = _number(item, "eqUsd"), _number(item, "eq")
        counted = _number(item, "disEq")
        known = worth > 0 and counted > 0
        yield Wallet(
            item["ccy"],
            _number(item, "cashBal"),
            worth / equity if worth > 0 and equity > 0 else None,
            max(0.0, 1 - counted / worth) if known and account.get("adjEq") else None,
        )


def _deribit(info: Any) -> Iterator[Wallet]:
    summaries = info.get("summaries") or [info]
    for item in summaries:
        if _number(item, "options_value") or _number(item, "options_pl"):
            raise VenueError("deribit's account holds options: enter it by hand")
        if str(item.get("margin_model", "")).startswith("cross"):
            raise VenueError("deribit's account pools its coins: enter it by hand")
        # What was settled is in the balance; the rest is the positions' profit since then.
        yield Wallet(item["currency"], _number(item, "equity") - _number(item, "session_upl"))


def _hyperliquid(info: Any) -> Iterator[Wallet]:
    if "crossMarginSummary" not in info:
        raise VenueError("hyperliquid's account is a unified one: its balances cannot be verified")
    summary = info["crossMarginSummary"]
    value = profit = 0.0
    for item in info.get("assetPositions") or []:
        position = item["position"]
        if position["leverage"]["type"] == "cross":
            signed = _number(position, "positionValue")
            value += signed if _number(position, "szi") > 0 else -signed
            profit += _number(position, "unrealizedPnl")
    told = _number(summary, "accountValue")
    if abs(_number(summary, "totalRawUsd") + value - told) > _CENT:
        raise VenueError("hyperliquid's account value is not its cash and positions together")
    yield Wallet("USDC", told - profit)


def _krakenfutures(info: Any) -> Iterator[Wallet]:
    accounts = info.get("accounts") or {}
    old = [
        name for name, item in accounts.items()
        if item.get("type") == "marginAccount" and any(item.get("balances", {}).values())
    ]  # fmt: skip
    if old:
        raise VenueError(
            f"krakenfutures has single-collateral accounts ({', '.join(old)}): enter them by hand"
        )
    for coin, item in ((accounts.get("flex") or {}).get("currencies") or {}).items():
        quantity, value = _number(item, "quantity"), _number(item, "value")
        if quantity and value:
            counted = _number(item, "collateralValue")
            yield Wallet(coin, quantity, value / quantity, max(0.0, 1 - counted / value))


def _bitget(info: Any) -> Iterator[Wallet]:
    for item in info:
        if item.get("unrealizedPL") in {None, ""} and _number(item, "accountEquity"):
            raise VenueError("bitget gives no unrealised profit of the account: enter it by hand")
        _refuse_isolated("bitget", item, "isolatedMargin")
        yield Wallet(
            item["marginCoin"], _number(item, "accountEquity") - _number(item, "unrealizedPL")
        )


def _gate(info: Any) -> Iterator[Wallet]:
    for item in info if isinstance(info, list) else [info]:
        if _number(item, "total"):
            _same("gate", item, "total", "available", "position_margin", "order_margin")
            _refuse_isolated("gate", item, "position_margin")
            yield Wallet(item["currency"], _number(item, "total"))


def _kucoin(info: Any) -> Iterator[Wallet]:
    item = info.get("data") or {}
    _same("kucoinfutures", item, "accountEquity", "marginBalance", "unrealisedPNL")
    _refuse_isolated("kucoinfutures", item, "positionMargin")
    yield Wallet(item["currency"], _number(item, "marginBalance"))


def _xt(info: Any) -> Iterator[Wallet]:
    for item in info if isinstance(info, list) else _items(info, "result"):
        _same(
            "xt", item, "walletBalance", "availableBalance", "openOrderMarginFrozen",
            "isolatedMargin", "crossedMargin",
        )  # fmt: skip
        yield Wallet(
            item["coin"].upper(), _number(item, "walletBalance") - _number(item, "isolatedMargin")
        )


_Read = Callable[[Any], Iterator[Wallet]]
_QUESTIONS: Mapping[str, list[tuple[dict[str, Any], _Read]]] = {
    "binance": [
        ({"type": "swap", "subType": "linear"}, _binance),
        ({"type": "swap", "subType": "inverse"}, _binance),
    ],
    "bybit": [({}, _bybit)],
    "okx": [({}, _okx)],
    "deribit": [({}, _deribit)],
    "hyperliquid": [({"type": "swap"}, _hyperliquid)],
    "krakenfutures": [({}, _krakenfutures)],
    "bitget": [
        ({"type": "swap", "productType": kind}, _bitget)
        for kind in ("USDT-FUTURES", "USDC-FUTURES", "COIN-FUTURES")
    ],
    "gate": [({"type": "swap", "settle": coin}, _gate) for coin in ("usdt", "btc")],
    "kucoinfutures": [({"code": coin}, _kucoin) for coin in ("USDT", "USDC", "BTC", "ETH")],
    "xt": [({"type": "swap"}, _xt), ({"type": "swap", "subType": "inverse"}, _xt)],
}


def _items(info: Any, name: str) -> list[dict[str, Any]]:
    found = info.get(name) if isinstance(info, dict) else None
    if not isinstance(found, list):
        raise VenueError(f"the reply has no list of {name}")
    return found


def _number(item: Mapping[str, Any], name: str) -> float:
    value = item.get(name)
    try:
        return 0.0 if value in {None, ""} else float(value)
    except (TypeError, ValueError):
        raise VenueError(f"the reply holds {value!r} for {name}") from None


def _refuse_isolated(venue: str, item: Mapping[str, Any], name: str) -> None:
    """Refuse a balance from which the margin of isolated positions cannot be told apart."""
    if _number(item, name):
        raise VenueError(
            f"{venue}'s balance holds the margin of its positions ({name}), which may be isolated: "
            "enter this account by hand"
        )


def _same(venue: str, item: Mapping[str, Any], total: str, *parts: str) -> None:
    """Refuse a reply whose parts do not add up to the total that it gives."""
    if total not in item or parts[0] not in item:
        raise VenueError(f"{venue} gives no {total} or no {parts[0]}: it cannot be verified")
    whole = _number(item, total)
    found = sum(_number(item, part) for part in parts)
    if abs(whole - found) > 1e-6 * max(1.0, abs(whole)):
        raise VenueError(
            f"{venue}'s {total} is {whole:.12g}, but {' + '.join(parts)} is {found:.12g}: what the "
            "balance holds cannot be verified"
        )
