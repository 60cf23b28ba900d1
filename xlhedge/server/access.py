"""Who may ask: the user of this machine by a token, a team by its identity provider's."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import time
import urllib.request
from http.client import HTTPException
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

import jwt

from xlhedge.errors import InputError

_ALGORITHMS = {
    "RSA": ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
    "EC": ["ES256", "ES384"],
    "OKP": ["EdDSA"],
}
"""Of signatures, by the kind of their key: none that a shared secret or nothing could make."""

_CONFIGURATION = ".well-known/openid-configuration"
_LEEWAY = 60
_KEPT = 3600.0
_PAUSE = 30.0
_LARGEST = 1_000_000
_SECONDS = 10


class Access(Protocol):
    """Decides on a request's ``Authorization`` header."""

    async def refusal(self, authorization: str) -> str | None:
        """Why the request is refused; None where it is not."""


class Token:
    """One secret that the add-in's manifest carries."""

    def __init__(self, token: str) -> None:
        self._expected = f"Bearer {token}".encode()

    async def refusal(self, authorization: str) -> str | None:
        """Why the request is refused; None where it is not."""
        if hmac.compare_digest(authorization.encode("utf-8", "replace"), self._expected):
            return None
        return "the add-in's token is not this server's: install its manifest again"


class _Key(NamedTuple):
    """A key of the provider's, and the algorithms in which it may have signed."""

    public: Any
    algorithms: list[str]


class OpenIdConnect:
    """Tokens that an identity provider has signed, as the company's proxy passes them on.

    Parameters
    ----------
    issuer
        The provider's address, as in its tokens' claim ``iss``.
    audience
        What the tokens' claim ``aud`` must name.
    """

    def __init__(self, issuer: str, audience: str) -> None:
        if urlsplit(issuer).scheme != "https":
            raise InputError(f"the issuer must be an https address, got {issuer}")
        self._issuer = issuer
        self._audience = audience
        self._keys: dict[str | None, _Key] = {}
        self._asked = float("-inf")
        self._lock = asyncio.Lock()

    async def refusal(self, authorization: str) -> str | None:
        """Why the request is refused; None where it is not."""
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer" or not token:
            return "no token came with the request: sign in through the company's address"
        try:
            key = await self._key(jwt.get_unverified_header(token).get("kid"))
            jwt.decode(
                token,
                key.public,
                algorithms=key.algorithms,
                audience=self._audience,
                issuer=self._issuer,
                leeway=_LEEWAY,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            return "the session has ended: sign in again"
        except (jwt.PyJWTError, InputError):
            return "the token is not one of the identity provider for this server"
        return None

    async def _key(self, kid: str | None) -> _Key:
        """The key of that name; a provider changes its keys from time to time."""
        if self._is_stale(kid):
            async with self._lock:
                if self._is_stale(kid):
                    # A provider that is away for a while has not withdrawn its keys.
                    with contextlib.suppress(InputError):
                        await asyncio.to_thread(self.read)
        if kid not in self._keys:
            raise InputError("the key is not known")
        return self._keys[kid]

    def _is_stale(self, kid: str | None) -> bool:
        age = time.monotonic() - self._asked
        return age > (_KEPT if kid in self._keys else _PAUSE)

    def read(self) -> None:
        """Read the provider's keys.

        Raises
        ------
        InputError
            When it does not answer, or with something else.
        """
        self._asked = time.monotonic()
        try:
            known = _fetch(f"{self._issuer.rstrip('/')}/{_CONFIGURATION}")
            if known["issuer"] != self._issuer:
                raise InputError(f"{self._issuer} calls itself {known['issuer']}")
            self._keys = _usable(_fetch(known["jwks_uri"])["keys"])
        except InputError:
            raise
        except (OSError, HTTPException, ValueError, KeyError, TypeError, AttributeError) as problem:
            reason = " ".join(str(problem).split()) or type(problem).__name__
            raise InputError(f"{self._issuer} does not answer as a provider: {reason}") from None


def _usable(keys: list[dict[str, Any]]) -> dict[str | None, _Key]:
    """The public keys for signatures among a provider's."""
    found = {}
    for key in keys:
        algorithms = _ALGORITHMS.get(key.get("kty", ""), [])
        if "alg" in key:
            algorithms = [name for name in algorithms if name == key["alg"]]
        if algorithms and key.get("use", "sig") == "sig":
            with contextlib.suppress(jwt.PyJWTError):  # a curve of tomorrow
                found[key.get("kid")] = _Key(jwt.PyJWK(key).key, algorithms)
    if not found:
        raise ValueError("it names no key for signatures")
    return found


def _fetch(address: str) -> dict[str, Any]:
    if urlsplit(address).scheme != "https":
        raise InputError(f"the identity provider names {address}, which is not https")
    opener = urllib.request.build_opener(_NoRedirect)
    with opener.open(address, timeout=_SECONDS) as reply:
        content: dict[str, Any] = json.loads(reply.read(_LARGEST))
    return content


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect could lead to an address without TLS: it is an error."""

    def redirect_request(self, *_: Any) -> None:
        """Follow no redirect."""
