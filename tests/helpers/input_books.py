"""A workbook of named inputs, each with another rule, and results that read them."""

from datetime import datetime

from recalc_helpers import Book

RULES = {
    "share": (0.8, "0.0%", {"validate": "decimal", "criteria": "between", "minimum": -1,
                            "maximum": 2}),
    "size": (10, "General", {"validate": "integer", "criteria": ">", "value": 0}),
    "measure": ("var", "General", {"validate": "list", "source": ["var", "es"]}),
    "coin": ("BTC", "General", {"validate": "list", "source": "=Lists!$A$1:$A$2"}),
    "days": (None, "General", {"validate": "list", "source": [1, 7, 30]}),
    "loose": (1, "General", {"validate": "decimal", "criteria": "<", "value": 5,
                             "error_type": "warning"}),
    "at_most": (1, "0.00", {"validate": "decimal", "criteria": "<=", "value": "=$B$2"}),
    "odd": (1, "General", {"validate": "custom", "value": "=ISODD(B8)"}),
    "code": ("abc", "General", {"validate": "length", "criteria": "<=", "value": 4}),
    "note": ("as agreed", "General", None),
    "plain": (5, "#,##0", None),
    "flag": (True, "General", None),
    "when": (datetime(2026, 1, 2), "yyyy-mm-dd hh:mm", None),
    "expiry": (None, "General", {"validate": "date", "criteria": ">=",
                                 "value": datetime(2026, 1, 1)}),
    "free": (None, "General", None),
}  # fmt: skip
"""Name to value, format and rule; a row each from the first, the values in column B."""


def input_book(path, *, protect=False):
    with Book(path) as book:
        sheet, lists = book.add_worksheet("Inputs"), book.add_worksheet("Lists")
        lists.write_column("A1", ["BTC", "ETH"])
        for row, (name, (value, code, rule)) in enumerate(RULES.items()):
            style = book.add_format({"num_format": code, "bold": True})
            if value is None:
                sheet.write_blank(row, 1, None, style)
            elif isinstance(value, datetime):
                sheet.write_datetime(row, 1, value, style)
            else:
                sheet.write(row, 1, value, style)
            if rule:
                sheet.data_validation(row, 1, row, 1, rule)
            book.define_name(name, f"=Inputs!$B${row + 1}")
        limits = {"validate": "decimal", "criteria": "<=", "value": "=L1"}
        sheet.data_validation("K1:K2", limits)
        sheet.write_column("L1", [1, 50])
        book.define_name("second_limited", "=Inputs!$K$2")
        free = book.add_format({"locked": False})
        sheet.write("E1", "open", free)
        book.define_name("open_cell", "=Inputs!$E$1")
        book.define_name("nowhere", "=Inputs!$Z$99")
        book.define_name("several", "=Inputs!$B$1:$B$3")
        sheet.write_formula("G1", "=share*size", None, 8)
        book.define_name("product", "=Inputs!$G$1")
        sheet.write_dynamic_array_formula("H1:H2", "=Lists!A1:A2", None, "BTC")
        sheet.write("H2", "ETH")
        book.define_name("second", "=Inputs!$H$2")
        if protect:
            sheet.protect()
    return path
