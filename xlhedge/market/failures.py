"""What an exchange's failure means: one sentence, and whether trying again makes sense."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from xlhedge.errors import VenueError

_ELSEWHERE = re.compile(
    r"restricted location|restricted region|not available in your", re.IGNORECASE
)
_TEXTS = ("retMsg", "msg", "message", "label", "error", "errors", "sMsg", "msgInfo", "mc")
_LONGEST_QUOTE = 160


class Passing(VenueError):
    """A failure that may pass.

    Parameters
    ----------
    message
        One sentence.
    after
        Seconds that the venue asks to wait; 0 where it says nothing.
    """

    def __init__(self, message: str, after: float = 0.0) -> None:
        super().__init__(message)
        self.after = after


def failure(
    problem: Exception,
    venue: str,
    status: int,
    body: Any,
    after: float,
    secrets: Iterable[str] = (),
) -> VenueError:
    """What a failed request means.

    Parameters
    ----------
    problem
        What ccxt raised. Its text is not quoted: it holds the address with the signature.
    venue
        Name of the exchange.
    status
        HTTP status of the reply; 0 where there was none.
    body
        The reply, as text or decoded.
    after
        Seconds that the reply asks to wait.
    secrets
        Texts that no sentence may hold.

    Returns
    -------
    VenueError
        `Passing` where trying again makes sense.

    Notes
    -----
    Classes alone would mislead: ccxt reports a refused country (451, 403) as a passing outage, and
    a 429 whose text it does not know as a final error.
    """
    import ccxt

    said = quoted(body, secrets)
    if status in {451, 403} or _ELSEWHERE.search(said):
        return VenueError(
            f"{venue} does not serve this place or this network (status {status}){said}: use its "
            "files with xlhedge history, or another exchange"
        )
    if status == 418:
        return VenueError(f"{venue} has banned this address for a while (status 418){said}")
    if isinstance(problem, ccxt.BadSymbol):
        return VenueError(f"{venue} does not know that symbol{said}")
    if status == 401 or isinstance(problem, ccxt.AuthenticationError):
        return VenueError(f"{venue} does not accept the key, or the key may not read this{said}")
    if status == 429 or isinstance(problem, ccxt.RateLimitExceeded | ccxt.DDoSProtection):
        return Passing(f"{venue} says that there are too many requests{said}", max(after, 1.0))
    if isinstance(problem, ccxt.InvalidNonce):
        return VenueError(f"{venue} says that this computer's clock is wrong{said}")
    if isinstance(problem, ccxt.RequestTimeout):
        return Passing(f"{venue} did not answer in time")
    if status >= 500 or isinstance(problem, ccxt.OnMaintenance):
        return Passing(f"{venue} is out of order (status {status}){said}", after)
    if status == 0 and isinstance(problem, ccxt.NetworkError):
        return Passing(f"{venue} cannot be reached: is there a connection to the internet?")
    if status == 200 and isinstance(problem, ccxt.OperationFailed):
        return Passing(f"{venue} could not do it{said}", after)
    if isinstance(problem, ccxt.NotSupported):
        return VenueError(f"{venue} does not offer this")
    what = f"status {status}" if status else type(problem).__name__
    return VenueError(f"{venue} refused the request ({what}){said}")


def page(venue: str, text: Any) -> Passing:
    """The failure of a reply that is a page for people, with status 200."""
    kind = "a web page" if "<" in str(text)[:200] else "an empty reply" if not text else "a text"
    return Passing(
        f"{venue} answered with {kind} instead of data (status 200): it is out of order, or a "
        "proxy stands in between"
    )


def quoted(body: Any, secrets: Iterable[str] = ()) -> str:
    """What the venue's own reply says, on one line and without secrets; "" for nothing."""
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError:
            return ""
    text = _text(body)
    for secret in secrets:
        if secret:
            text = text.replace(secret, "…")
    text = " ".join(text.split())[:_LONGEST_QUOTE]
    return f": it says {text!r}" if text else ""


def _text(body: Any) -> str:
    if isinstance(body, list):
        return next(filter(None, map(_text, body)), "")
    if not isinstance(body, dict):
        return body if isinstance(body, str) else ""
    for name in _TEXTS:
        value = body.get(name)
        if isinstance(value, dict | list):
            value = _text(value)
        if isinstance(value, str) and value and value.lower() not in {"ok", "success", "error"}:
            return value
    return ""
