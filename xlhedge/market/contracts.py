"""A venue's contracts in the units of a book: linear or inverse, and what one contract is."""

from __future__ import annotations

from typing import Any, NamedTuple

from xlhedge.errors import VenueError
from xlhedge.market.checks import DAY

_COIN_SIZED = {"binance", "bybit", "hyperliquid", "bitget", "krakenfutures"}
"""Venues whose linear contracts are one coin each."""


class Contract(NamedTuple):
    """A future.

    Parameters
    ----------
    symbol
        As ccxt calls it.
    name
        As the venue calls it.
    asset
        The coin.
    instrument
        linear or inverse.
    size
        Coins (linear) or face value in quote currency (inverse) of one contract.
    lot
        Smallest step of an order, in contracts; None where the venue does not say.
    tick
        Smallest step of the price, or None.
    settle
        The coin that it settles in.
    quote
        The currency of its price.
    expiry
        In milliseconds; None for a perpetual.
    """

    symbol: str
    name: str
    asset: str
    instrument: str
    size: float
    lot: float | None
    tick: float | None
    settle: str
    quote: str
    expiry: int | None

    def days(self, now: int) -> float | None:
        """Days to expiry; None for a perpetual."""
        return None if self.expiry is None else (self.expiry - now) / DAY


HEADER = (
    "asset", "contract", "instrument", "contract_size", "lot", "tick", "settle", "quote", "expiry",
    "symbol",
)  # fmt: skip


def contract(venue: str, market: dict[str, Any]) -> Contract:
    """A market of ccxt as a contract.

    Raises
    ------
    VenueError
        When it is no future, or its size is not known for certain.

    Notes
    -----
    ccxt takes the size of bybit's inverse contracts from the smallest order; it is 1 USD. The
    amounts of deribit's inverse contracts, and with them the steps, are in USD and not in
    contracts. An expiry stands on perpetuals, too (deribit, xt), so the type decides.
    """
    symbol = market["symbol"]
    if market.get("linear") == market.get("inverse") or market["type"] not in {"swap", "future"}:
        raise VenueError(f"{symbol} of {venue} is no linear or inverse future")
    inverse = bool(market["inverse"])
    size = market.get("contractSize")
    step = (market.get("precision") or {}).get("amount")
    if venue == "bybit" and inverse:
        size, step = 1.0, 1.0
    if venue in _COIN_SIZED and not inverse and size != 1:
        raise VenueError(
            f"{venue} gave the contract size {size} for {symbol}; its linear contracts are 1 coin"
        )
    if not isinstance(size, int | float) or not size > 0:
        raise VenueError(f"{venue} does not say how large a contract of {symbol} is")
    if venue == "deribit" and step:
        step /= size
    name = market["id"] if venue != "hyperliquid" else market["base"]
    return Contract(
        symbol,
        str(name),
        market["base"],
        "inverse" if inverse else "linear",
        float(size),
        float(step) if step else None,
        (market.get("precision") or {}).get("price"),
        market["settle"],
        market["quote"],
        int(market["expiry"]) if market["type"] == "future" and market.get("expiry") else None,
    )


def refuse_other(venue: str, market: dict[str, Any], info: Any) -> None:
    """Refuse a row of the venue's reply that is about another market than the one asked for."""
    if not isinstance(info, dict):
        return
    wanted = {str(market["id"]).lower(), str(market["base"]).lower(), market["symbol"].lower()}
    for name in ("symbol", "instId", "coin", "contract", "instrument_name"):
        given = info.get(name)
        if isinstance(given, str) and given and given.lower() not in wanted:
            raise VenueError(
                f"{venue} was asked for {market['symbol']} and answered about {given!r}"
            )
