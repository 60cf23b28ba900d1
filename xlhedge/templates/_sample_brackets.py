"""Maintenance brackets for the examples: a venue's published ones, and invented ones."""

from __future__ import annotations

VENUE = "Binance, October 2024"
"""Where those of a coin come from."""
SOURCE = f"{VENUE}; contracts with a name are invented"
"""Where they come from, with those of the invented contracts."""
_BRACKETS = {
    "BTC": (
        (0, 0.004, 0, 125),
        (50_000, 0.005, 50, 100),
        (600_000, 0.0065, 950, 75),
        (3_000_000, 0.01, 11_450, 50),
        (12_000_000, 0.02, 131_450, 25),
        (70_000_000, 0.025, 481_450, 20),
        (100_000_000, 0.05, 2_981_450, 10),
        (230_000_000, 0.1, 14_481_450, 5),
        (480_000_000, 0.125, 26_481_450, 4),
        (600_000_000, 0.15, 41_481_450, 3),
        (800_000_000, 0.25, 121_481_450, 2),
        (1_200_000_000, 0.5, 421_481_450, 1),
    ),
    "ETH": (
        (0, 0.004, 0, 125),
        (50_000, 0.005, 50, 100),
        (600_000, 0.0065, 950, 75),
        (3_000_000, 0.01, 11_450, 50),
        (12_000_000, 0.02, 131_450, 25),
        (50_000_000, 0.025, 381_450, 20),
        (65_000_000, 0.05, 2_006_450, 10),
        (150_000_000, 0.1, 9_506_450, 5),
        (320_000_000, 0.125, 17_506_450, 4),
        (400_000_000, 0.15, 27_506_450, 3),
        (530_000_000, 0.25, 80_506_450, 2),
        (800_000_000, 0.5, 280_506_450, 1),
    ),
    "SOL": (
        (0, 0.005, 0, 100),
        (20_000, 0.0065, 30, 75),
        (100_000, 0.01, 380, 50),
        (800_000, 0.02, 8_380, 25),
        (4_000_000, 0.025, 28_380, 20),
        (8_000_000, 0.05, 228_380, 10),
        (40_000_000, 0.1, 2_228_380, 5),
        (80_000_000, 0.125, 4_228_380, 4),
        (100_000_000, 0.25, 16_728_380, 2),
        (200_000_000, 0.5, 66_728_380, 1),
    ),
}
ASSETS = tuple(_BRACKETS)
"""The coins that have brackets here."""
DATED, INVERSE = "BTC 28 MAR", "BTC-USD"
"""The invented contracts."""
INVERSE_ROWS = (
    ("BTC", None, None, INVERSE, 0, 0.004, 0, 125, "marginal", "notional"),
    ("BTC", None, None, INVERSE, 20, 0.01, 0.12, 50, "marginal", "notional"),
    ("BTC", None, None, INVERSE, 100, 0.025, 1.62, 20, "marginal", "notional"),
    ("BTC", None, None, INVERSE, 400, 0.1, 31.62, 5, "marginal", "notional"),
)
DATED_ROWS = (
    ("BTC", None, None, DATED, 0, 0.02, None, 25, "whole", "notional"),
    ("BTC", None, None, DATED, 5_000_000, 0.05, None, 10, "whole", "notional"),
    ("BTC", None, None, DATED, 20_000_000, 0.1, None, 5, "whole", "notional"),
)
"""Rows of the range tiers."""


def linear(*assets: str) -> tuple[tuple[object, ...], ...]:
    """The venue's brackets of some coins, as rows of the range tiers: marginal, of notional."""
    return tuple(
        (asset, None, None, None, *row, None, None) for asset in assets for row in _BRACKETS[asset]
    )
