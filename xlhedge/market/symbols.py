"""The coin that a venue's symbol names."""

from __future__ import annotations

import re

_QUOTES = ("USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USD", "EUR", "PERP", "DAI")
_ALIASES = {"XBT": "BTC", "XXBT": "BTC", "XETH": "ETH", "XDG": "DOGE"}


def base(symbol: str) -> str:
    """The coin of a venue's symbol: BTC of BTCUSDT, BTC-USDT-SWAP, XBT/USD and PF_XBTUSD."""
    text = re.sub(r"^(PF|PI|FI|FF)_", "", symbol.upper())
    text = re.split(r"[-_/:]", text)[0]
    for quote in _QUOTES:
        if text.endswith(quote) and len(text) > len(quote):
            text = text.removesuffix(quote)
            break
    return _ALIASES.get(text, text)
