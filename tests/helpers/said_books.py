"""A small workbook that says it was made from the hedge desk, with its figures as constants."""

from datetime import datetime

from recalc_helpers import Book

from xlhedge.daily.summary import figures_of
from xlhedge.workbook.package import TEMPLATE

FIGURES = figures_of("hedge_desk")


def said_book(path, status="WATCH: results close to a limit: 1", *, checks=(), sources=""):
    """Each figure is its place in the list times 1,000, as a formula of the input `unit`."""
    with Book(path) as book:
        book.set_custom_property(TEMPLATE, "hedge_desk")
        sheet = book.add_worksheet("First")
        money = book.add_format({"num_format": "#,##0"})
        sheet.write("D1", 1000)
        book.define_name("unit", "=First!$D$1")
        for row, figure in enumerate(FIGURES):
            if row == 0:
                sheet.write_formula(
                    row, 0, f'=IF(unit>5000,"BREACH: too much","{status}")', None, status
                )
            else:
                sheet.write_formula(row, 0, f"={row}*unit", money, row * 1000)
            book.define_name(figure.name, f"=First!$A${row + 1}")
        sheet.write("F1", sources)
        book.define_name("sources_line", "=First!$F$1")
        table = book.add_worksheet("Checks")
        for number, row in enumerate([("area", "check", "status", "finding"), *checks]):
            table.write_row(number, 0, row)
        book.define_name("checks", f"=Checks!$A$1:$D${len(checks) + 5}")
    return path


def judged_book(path, valuation=None):
    """A desk that says OK, judged on New Year's Day by the clock or for that time."""
    with Book(path) as book:
        book.set_custom_property(TEMPLATE, "hedge_desk")
        sheet = book.add_worksheet("S")
        time = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write("A1", "OK: fine")
        sheet.write("A2", valuation, time)
        sheet.write("A3", datetime(2026, 1, 1), time)
        sheet.write("A4", 24)
        names = (FIGURES[0].name, "ValuationTime", "judged_at", "age_limit_hours")
        for row, name in enumerate(names, 1):
            book.define_name(name, f"=S!$A${row}")
    return path
