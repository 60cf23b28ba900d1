"""Keys of an exchange: from the environment or the system's keyring, nowhere else."""

from __future__ import annotations

import os
import re
from typing import Any

from xlhedge.errors import VenueError
from xlhedge.market.connection import Connection
from xlhedge.market.venues import Venue

_ADDRESS = re.compile("0x[0-9a-fA-F]{40}")
_CCXT = {"key": "apiKey", "secret": "secret", "passphrase": "password", "address": "walletAddress"}
_KEYRING = "xlhedge"
_RIGHTS = {
    "binance": "sapi_get_account_apirestrictions",
    "bybit": "private_get_v5_user_query_api",
    "okx": "private_get_account_config",
}


def variable(venue: Venue, part: str) -> str:
    """The environment variable that holds a part of a key."""
    return f"XLHEDGE_{venue.name.upper()}_{part.upper()}"


def read(venue: Venue) -> dict[str, str]:
    """A venue's key, as ccxt names its parts.

    Parameters
    ----------
    venue
        The exchange.

    Returns
    -------
    dict
        For hyperliquid the wallet's address alone: whoever knows its private key can move money,
        and reading needs none.

    Raises
    ------
    VenueError
        When a part is missing, or is a private key. The sentence never holds any of it.
    """
    found = {part: _part(venue, part) for part in venue.secrets}
    missing = [variable(venue, part) for part, value in found.items() if not value]
    if missing:
        raise VenueError(
            f"{venue.name} shows this only with a key: set {' and '.join(missing)}, or store "
            f"{' and '.join(part for part, value in found.items() if not value)} in the keyring "
            f"under {_KEYRING}-{venue.name} (a read-only key)"
        )
    if "address" in found:
        for part in ("private_key", "key", "secret"):
            if os.environ.get(variable(venue, part)):
                raise VenueError(
                    f"{variable(venue, part)} is set: {venue.name} needs the wallet's address "
                    "alone, and a private key could move money: remove it"
                )
        if not _ADDRESS.fullmatch(found["address"]):
            raise VenueError(
                f"{variable(venue, 'address')} must be a wallet's address, 0x and 40 hexadecimal "
                "digits; a private key is never taken"
            )
    return {_CCXT[part]: value for part, value in found.items()}


def refuse_rights(connection: Connection) -> None:
    """Refuse a key that can do more than read, where its exchange tells so.

    binance, bybit and okx do. binance wants the right to futures for reading them, so that only
    those to move money are looked at. An exchange that does not answer this is asked nothing more.
    """
    question = _RIGHTS.get(connection.venue.name)
    if question is None:
        return
    try:
        told = connection.ask_privately(question)
    except VenueError:
        return
    found = _rights(connection.venue.name, told) if isinstance(told, dict) else []
    if found:
        raise VenueError(
            f"this key of {connection.venue.name} may do more than read ({', '.join(found)}): make "
            "one that may only read"
        )


def _rights(name: str, told: Any) -> list[str]:
    if name == "binance":
        moving = ("enableWithdrawals", "enableInternalTransfer", "permitsUniversalTransfer")
        return [right for right in moving if told.get(right)]
    if name == "bybit":
        return ["readOnly 0"] if (told.get("result") or {}).get("readOnly") == 0 else []
    given = str((told.get("data") or [{}])[0].get("perm", "read_only"))
    return [right for right in given.split(",") if right.strip() != "read_only"]


def _part(venue: Venue, part: str) -> str:
    given = os.environ.get(variable(venue, part), "").strip()
    if given:
        return given
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return ""
    try:
        return (keyring.get_password(f"{_KEYRING}-{venue.name}", part) or "").strip()
    except KeyringError:
        return ""
