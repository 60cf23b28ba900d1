"""Constants of time and size: templates keep them in named cells, so that no formula holds one."""

from __future__ import annotations

from xlhedge.templates._layout import Input

_UNITS = (
    Input("hours_per_day", "Hours in a day", 24, "hours", "integer", "Constant.",
          role="constant"),
    Input("days_per_year", "Days in a year", 365, "days", "integer", "Crypto trades all year.",
          role="constant"),
    Input("bp_per_unit", "Basis points in 1", 10_000, "bp", "integer", "Constant.",
          role="constant"),
    Input("gap_tolerance", "Tolerance of the interval check", 0.05, "hours", "quantity",
          "Rows this close to the interval count as regular.", role="constant"),
)  # fmt: skip
UNITS = {item.name: item for item in _UNITS}
"""Each constant by its name; the sheet History needs all of them."""
