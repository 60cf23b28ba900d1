"""A connection to one exchange: ccxt, with our own pace, retries and guards."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

from xlhedge.errors import VenueError
from xlhedge.market import failures, pace
from xlhedge.market.failures import Passing
from xlhedge.market.venues import Venue, venue

ATTEMPTS = 5
FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
TIMEOUT = 20.0
"""Seconds."""

Told = Callable[[str], None]


class Connection:
    """One exchange, asked with care.

    Parameters
    ----------
    venue
        The exchange.
    secrets
        A key as `xlhedge.market.keys.read` gives it; market data need none.
    told
        Called with a sentence when a request is tried again.
    """

    def __init__(
        self, venue: Venue, secrets: dict[str, str] | None = None, told: Told = lambda text: None
    ) -> None:
        self.venue = venue
        self._secrets = secrets or {}
        self._told = told
        # The markets are everybody's: with a key ccxt would ask private questions, and for a
        # private key of hyperliquid even sign actions, only to load them.
        self._public = exchange(venue)
        self._private: Any = None

    def load(self) -> None:
        """Load the list of markets."""
        self._retried(self._public, self._public.load_markets)
        if not self._public.markets:
            raise VenueError(f"{self.venue.name} gave an empty list of markets")

    def market(self, symbol: str) -> dict[str, Any]:
        """A market by its symbol, such as BTC/USDT:USDT."""
        found = self._public.markets.get(symbol.strip()) or self._public.markets.get(
            symbol.strip().upper()
        )
        if found is None:
            base = symbol.strip().upper().partition("/")[0]
            alike = [name for name in self._public.markets if name.startswith(f"{base}/")]
            hint = f"; it has {', '.join(sorted(alike)[:6])}" if alike else ""
            raise VenueError(f"{self.venue.name} has no market {symbol!r}{hint}")
        return dict(found)

    def markets(self) -> list[dict[str, Any]]:
        """All markets."""
        return list(self._public.markets.values())

    def code(self, coin: str) -> str:
        """A coin's usual name, such as BTC for XBT."""
        return str(self._public.safe_currency_code(coin))

    @property
    def timeframes(self) -> list[str]:
        """Lengths of bars that the venue has, such as 1h."""
        return [name for name, known in (self._public.timeframes or {}).items() if known]

    def now(self) -> int:
        """The venue's time in milliseconds, from its last reply; without one the computer's."""
        headers = self._public.last_response_headers or {}
        try:
            date = parsedate_to_datetime(headers["Date"])
        except (KeyError, TypeError, ValueError):
            return int(self._public.milliseconds())
        return int(date.timestamp() * 1000)

    def ask(self, method: str, *arguments: Any, **named: Any) -> Any:
        """Call a public method of ccxt, again while the failure may pass.

        Raises
        ------
        VenueError
            One sentence.
        """
        return self._retried(self._public, getattr(self._public, method), *arguments, **named)

    def ask_privately(self, method: str, *arguments: Any, **named: Any) -> Any:
        """Call a method that needs the key."""
        if self._private is None:
            self._private = exchange(self.venue, self._secrets)
            self._private.set_markets(self._public.markets, self._public.currencies)
        return self._retried(self._private, getattr(self._private, method), *arguments, **named)

    def _retried(self, client: Any, call: Callable[..., Any], *given: Any, **named: Any) -> Any:
        from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

        def seconds(state: RetryCallState) -> float:
            problem = state.outcome.exception() if state.outcome else None
            asked = float(problem.after) if isinstance(problem, Passing) else 0.0
            grown = FIRST_WAIT * 2.0 ** (state.attempt_number - 1)
            return max(asked, min(LONGEST_WAIT, grown))

        def announce(state: RetryCallState) -> None:
            problem = state.outcome.exception() if state.outcome else None
            delay = seconds(state)
            self._told(f"{problem}; trying again in {delay:.0f} s")
            if isinstance(problem, Passing) and problem.after:
                pace.hold(self.venue.name, delay)

        def once() -> Any:
            try:
                return call(*given, **named)
            except VenueError as problem:
                if isinstance(problem, Passing) and problem.after > LONGEST_WAIT:
                    raise VenueError(
                        f"{problem}; it asks to wait {problem.after:.0f} s: run this again then"
                    ) from None
                raise
            except Exception as problem:
                raise self._meant(client, problem) from None

        again = Retrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=seconds,
            retry=retry_if_exception_type(Passing),
            before_sleep=announce,
            sleep=time.sleep,
            reraise=True,
        )
        try:
            return again(once)
        except Passing as problem:
            raise VenueError(f"{problem} (tried {ATTEMPTS} times)") from None

    def _meant(self, client: Any, problem: Exception) -> VenueError:
        """The sentence for what ccxt raised outside a request."""
        import ccxt

        if isinstance(problem, ccxt.BaseError):
            secrets = self._secrets.values()
            return failures.failure(problem, self.venue.name, client.status, None, 0.0, secrets)
        return VenueError(
            f"{self.venue.name} gave a reply that ccxt {ccxt.__version__} cannot read "
            f"({type(problem).__name__})"
        )


def connect(
    name: str, secrets: dict[str, str] | None = None, told: Told = lambda text: None
) -> Connection:
    """Open an exchange and load its markets."""
    connection = Connection(venue(name), secrets, told)
    connection.load()
    return connection


def exchange(venue: Venue, secrets: dict[str, str] | None = None) -> Any:
    """A client of ccxt, with our guards around its one function that opens connections."""
    try:
        import ccxt
    except ImportError:
        raise VenueError(
            "exchanges are asked with ccxt, which is not installed: pip install 'xlhedge[market]'"
        ) from None
    base = getattr(ccxt, venue.name, None)
    if base is None:
        raise VenueError(f"ccxt {ccxt.__version__} does not know {venue.name}")
    options: dict[str, Any] = {"timeout": TIMEOUT * 1000, **(secrets or {})}
    return _guarded(base, tuple((secrets or {}).values()))(options)


def _guarded(base: Any, secrets: tuple[str, ...]) -> Any:
    import ccxt

    class Guarded(base):  # type: ignore[misc]
        """ccxt's client, which waits for its turn, and takes nothing but data for data."""

        status = 0
        after = 0.0

        def throttle(self, cost: float | None = None) -> None:
            pace.wait(self.id, self.rateLimit * (1 if cost is None else cost) / 1000)

        def fetch(
            self, url: str, method: str = "GET", headers: Any = None, body: Any = None
        ) -> Any:
            self.status, self.after, self.last_http_response = 0, 0.0, None
            if self._note not in self.session.hooks["response"]:
                self.session.hooks["response"].append(self._note)
            try:
                answer = super().fetch(url, method, headers, body)
            except ccxt.BaseError as problem:
                said = self.last_http_response
                raise failures.failure(
                    problem, self.id, self.status, said, self.after, secrets
                ) from None
            if not isinstance(answer, dict | list):
                raise failures.page(self.id, answer)
            return answer

        def _note(self, response: Any, *given: Any, **named: Any) -> None:
            self.status = response.status_code
            asked = response.headers.get("Retry-After", "")
            self.after = float(asked) if asked.replace(".", "", 1).isdigit() else 0.0

    return Guarded
