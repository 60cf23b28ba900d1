"""How every template looks: colours, number formats, cell styles. Written once.

The colours are Okabe and Ito's, which stay apart for colour-blind readers; a status is always a
word too, never a colour alone.
"""

from __future__ import annotations

from typing import Any, Final

FONT: Final = "Calibri"

INK: Final = "#1F2A37"
MUTED: Final = "#5B6776"
LINE: Final = "#C9D1DA"
NAVY: Final = "#12324F"
BAND: Final = "#E4EBF2"
INPUT_FILL: Final = "#FFF6DC"
INPUT_INK: Final = "#0B4F9E"
NOTICE: Final = "#9A3B0B"

BLUE: Final = "#0072B2"
GREEN: Final = "#009E73"
AMBER: Final = "#E69F00"
VERMILLION: Final = "#D55E00"
PURPLE: Final = "#7A5195"
SKY: Final = "#56B4E9"

STATUS: Final = {
    "OK": {"bg_color": GREEN, "font_color": "#FFFFFF", "bold": True},
    "WATCH": {"bg_color": "#F5C044", "font_color": INK, "bold": True},
    "BREACH": {"bg_color": VERMILLION, "font_color": "#FFFFFF", "bold": True},
    "CHECK": {"bg_color": PURPLE, "font_color": "#FFFFFF", "bold": True},
    "TRADE": {"bg_color": BLUE, "font_color": "#FFFFFF", "bold": True},
    "EXAMPLE": {"bg_color": SKY, "font_color": INK, "bold": True},
}
"""What a status cell may say, and its conditional format."""

VERDICT: Final = {"PASS": STATUS["OK"], "FAIL": STATUS["BREACH"]}
"""What a test may say."""

NUMBERS: Final = {
    "general": "General",
    "text": "General",
    "integer": "#,##0",
    "row": "0;;",
    "money": "#,##0",
    "price": "#,##0.00",
    "ratio": "0.000",
    "quantity": "General",
    "coins": "#,##0.0000",
    "lots": "#,##0.000",
    "percent": "0.0%",
    "rate": "0.0000%",
    "share": "0.00%",
    "bp": "0.0",
    "days": "0.0",
    "decimal": "0.0000",
    "log": "0.000000",
    "tiny": "0.0E+00",
    "time": "yyyy-mm-dd hh:mm",
    "flag": '"TRUE";"TRUE";"FALSE"',
    "day": "yyyy-mm-dd",
}
"""Kind of number to its format. Negative numbers carry a minus sign, not a colour.

None has conditions such as [>=1000]: LibreOffice shows -300 as 300 under them.
"""

_BOX: dict[str, Any] = {"border": 1, "border_color": LINE}
_ROLES: dict[str, dict[str, Any]] = {
    "title": {"font_size": 20, "bold": True, "font_color": NAVY},
    "subtitle": {"font_color": MUTED, "font_size": 11},
    "notice": {"font_color": NOTICE, "bold": True},
    "section": {"bold": True, "font_size": 12, "font_color": NAVY, "bottom": 2,
                "bottom_color": NAVY},
    "header": {"bold": True, "font_color": "#FFFFFF", "bg_color": NAVY, "text_wrap": True,
               "valign": "vcenter", **_BOX},
    "unit": {"font_color": MUTED, "italic": True, "font_size": 10, "align": "right"},
    "label": {"bottom": 1, "bottom_color": LINE, "indent": 1},
    "measure": {"bottom": 1, "bottom_color": LINE, "font_color": MUTED, "indent": 1},
    "input": {"bg_color": INPUT_FILL, "font_color": INPUT_INK, **_BOX},
    "constant": {"font_color": MUTED, "bg_color": "#F3F5F7", **_BOX},
    "result": {"bold": True, "align": "right", "shrink": True, **_BOX},
    "calculated": {"align": "right", **_BOX},
    "entry": {"indent": 1, **_BOX},
    "spill": {"bottom": 1, "bottom_color": LINE},
    "status": {"align": "center", "valign": "vcenter", **_BOX},
    "headline": {"font_size": 14, "bold": True, "valign": "vcenter", "indent": 1},
    "note": {"font_color": MUTED, "font_size": 10, "indent": 1},
    "wrapped": {"font_color": MUTED, "font_size": 10, "text_wrap": True, "valign": "vcenter",
                "indent": 1, "bottom": 1, "bottom_color": LINE},
    "step": {"font_color": INK, "indent": 1},
    "plain": {},
}  # fmt: skip


class Theme:
    """The styles of one workbook; each combination is made once, in the order of first use."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._made: dict[tuple[str, str, tuple[tuple[str, Any], ...]], Any] = {}

    def style(self, role: str, number: str = "general", **more: Any) -> Any:
        """The XlsxWriter format of a role and a kind of number.

        Parameters
        ----------
        role
            A key of the roles: title, header, input, result, note, ...
        number
            A key of `NUMBERS`.
        more
            XlsxWriter's properties that this one place changes.
        """
        key = (role, number, tuple(sorted(more.items())))
        if key not in self._made:
            base = {"font_name": FONT, "font_size": 11, "font_color": INK, "valign": "vcenter"}
            layout = base | _ROLES[role] | {"num_format": NUMBERS[number]} | more
            self._made[key] = self._workbook.add_format(layout)
        return self._made[key]

    def grown(self, number: str) -> Any:
        """The conditional format of a number in a row that a spill has grown by."""
        key = ("grown row", number, ())
        if key not in self._made:
            line = {"bottom": 1, "bottom_color": LINE}
            self._made[key] = self._workbook.add_format({"num_format": NUMBERS[number], **line})
        return self._made[key]

    def status(self, word: str) -> Any:
        """The conditional format of a status word."""
        key = ("status word", word, ())
        if key not in self._made:
            self._made[key] = self._workbook.add_format((STATUS | VERDICT)[word])
        return self._made[key]
