"""The exchanges that are known, and how each differs where a number depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from xlhedge.errors import VenueError
from xlhedge.market.checks import HOUR

TierUnit = Literal["notional", "contracts"]
Schedule = Literal["marginal", "whole"]


@dataclass(frozen=True, slots=True)
class Venue:
    """One exchange.

    Parameters
    ----------
    name
        As ccxt calls it.
    candles
        Bars in one reply at most.
    bars_end
        Whether ccxt lets the end of a span of bars be said; otherwise it follows from their number.
    funding
        Settlements in one reply at most; None: all of them, whatever was asked.
    pages
        How settlements are asked for: by a span of time, by the number of the page, or by the
        identifier of the row after.
    funding_hours
        The interval where it never changes.
    funding_pause
        Seconds between two requests for settlements where ccxt does not know the venue's limit.
    tiers
        Whether brackets can be fetched: from everybody, with a key, or not at all, since the venue
        has a formula instead.
    tier_unit
        Unit of the brackets' floors in linear contracts; inverse ones count coins, or contracts
        where this says so.
    schedule
        Whether a bracket's rate holds for the whole position; None where the venue's replies do
        not settle it.
    secrets
        What a key consists of.
    """

    name: str
    candles: int
    funding: int | None
    bars_end: bool = True
    pages: Literal["span", "number", "row"] = "span"
    funding_hours: int | None = None
    funding_pause: float = 0.0
    tiers: Literal["public", "key", "none"] = "public"
    tier_unit: TierUnit = "notional"
    schedule: Schedule | None = None
    secrets: tuple[str, ...] = ("key", "secret")

    @property
    def fixed(self) -> int | None:
        """The interval of funding in milliseconds where it never changes."""
        return self.funding_hours and self.funding_hours * HOUR


_WITH_PASSPHRASE = ("key", "secret", "passphrase")

VENUES = {
    venue.name: venue
    for venue in (
        # 500 requests for settlements in five minutes, which ccxt does not count.
        Venue("binance", 1000, 1000, funding_pause=0.6, tiers="key", schedule="marginal"),
        Venue("bybit", 1000, 200, schedule="marginal"),
        Venue("okx", 100, 100, tier_unit="contracts", schedule="whole", secrets=_WITH_PASSPHRASE),
        Venue("deribit", 1000, 744, funding_hours=1, tiers="none"),
        Venue("hyperliquid", 5000, 500, funding_hours=1, tiers="none", secrets=("address",)),
        Venue("krakenfutures", 2000, None, bars_end=False, funding_hours=1),
        Venue("bitget", 200, 100, pages="number", secrets=_WITH_PASSPHRASE),
        Venue("gate", 1000, 1000),
        Venue(
            "kucoinfutures", 200, 100, bars_end=False, schedule="whole", secrets=_WITH_PASSPHRASE
        ),
        Venue("xt", 1000, 200, pages="row"),
    )
}
"""Name to exchange."""


def venue(name: str) -> Venue:
    """An exchange by its name, in any case."""
    found = VENUES.get(name.strip().lower())
    if found is None:
        raise VenueError(f"{name!r} is no exchange that is known: {', '.join(VENUES)}")
    return found
