"""`xlhedge report`: the committee's page, and what is written on it."""

import re
from datetime import datetime

import pytest
from places import ROOT
from recalc_helpers import Book
from said_books import FIGURES, judged_book, said_book
from typer.testing import CliRunner

from xlhedge.cli import app
from xlhedge.daily.report import report
from xlhedge.daily.report.charts import charts_of
from xlhedge.daily.report.content import gather
from xlhedge.daily.report.drawing import SIZE
from xlhedge.daily.report.fonts import Fonts
from xlhedge.daily.report.scales import date_ticks, labels, number_ticks
from xlhedge.daily.summary import paired, read
from xlhedge.errors import FileError
from xlhedge.sheet.cells import serial
from xlhedge.templates import TEMPLATES
from xlhedge.workbook.package import TEMPLATE, Package

DESK = ROOT / "workbooks" / "hedge_desk.xlsx"


@pytest.fixture
def written(monkeypatch):
    """Every text that is drawn, with its size and its page."""
    found = []
    original = Fonts.write

    def write(self, canvas, x, y, text, size, *rest, **options):
        found.append((text, size, canvas.getPageNumber()))
        original(self, canvas, x, y, text, size, *rest, **options)

    monkeypatch.setattr(Fonts, "write", write)
    return found


def texts(written):
    return " ".join(text for text, *_ in written)


def declared(path, figures, *values):
    """A book that was made from the hedge desk, with these figures as constants."""
    with Book(path) as book:
        book.set_custom_property(TEMPLATE, "hedge_desk")
        sheet = book.add_worksheet("S")
        for row, (figure, value) in enumerate(zip(figures, values, strict=True)):
            sheet.write(row, 0, value)
            book.define_name(figure.name, f"=S!$A${row + 1}")
    return path


def test_the_page_of_the_desk_shows_what_the_workbook_says(tmp_path, written):
    done = report(DESK, tmp_path / "desk.pdf")
    assert (done.pages, done.lacking) == (1, "")
    said, shown = read(DESK), texts(written)
    wanted = [said.status, said.calculated, "hedge_desk.xlsx", "Page 1 of 1"]
    wanted += [text for row in paired(said.figures) for text in (row.label, row.value)]
    wanted += [row.after for row in paired(said.figures) if row.after]
    wanted += [chart.title for _, chart in charts_of(Package.open(DESK))[:2]]
    assert [text for text in wanted if " ".join(text.split()) not in shown] == []
    assert min(size for _, size, _ in written) == SIZE == 8


def test_the_same_book_gives_the_same_bytes_and_no_clock_is_read(tmp_path, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    first, second = tmp_path / "first.pdf", tmp_path / "second.pdf"
    report(DESK, first)
    report(DESK, second)
    content = first.read_bytes()
    assert content == second.read_bytes()
    assert set(re.findall(rb"\(D:(\d{8})", content)) == {b"20000101"}


def test_charts_are_vectors_and_the_font_is_embedded(tmp_path):
    report(DESK, tmp_path / "desk.pdf")
    content = (tmp_path / "desk.pdf").read_bytes()
    assert b"/FontFile2" in content
    assert b"/Image" not in re.sub(rb"/ImageB|/ImageC|/ImageI", b"", content)


def test_failed_checks_and_sources_stand_on_the_page(tmp_path, written):
    finding = "the last row is old: append rows"
    rows = [("history", f"age {number}", "CHECK", finding) for number in range(12)]
    rows.append(("prices", "lag", "OK", ""))
    book = said_book(tmp_path / "book.xlsx", "CHECK: no", checks=rows, sources="History: p.csv")
    report(book, tmp_path / "book.pdf")
    shown = texts(written)
    assert f"history, age 0: {finding}" in shown
    assert "and 2 more: the sheet Checks lists them" in shown
    assert "history, age 10" not in shown
    assert "prices, lag" not in shown
    assert "Sources: History: p.csv" in shown


def test_what_is_held_stands_beside_what_it_is_after_the_trade(tmp_path, monkeypatch, written):
    status, first, second, third, *_ = FIGURES
    figures = (
        status,
        first._replace(label="Delta of BTC, held", name="delta_held"),
        second._replace(label="Delta of BTC, after the trade", name="delta_after"),
        third._replace(label="Worst scenario", name="worst"),
    )
    monkeypatch.setitem(TEMPLATES, "hedge_desk", TEMPLATES["hedge_desk"]._replace(figures=figures))
    book = declared(tmp_path / "book.xlsx", figures, "OK: fine", 500, 100, "a squeeze")
    rows = gather(Package.open(book), str(book)).rows
    assert [(row.label, row.value, row.after) for row in rows] == [
        ("Delta of BTC", "500", "100"),
        ("Worst scenario", "a squeeze", None),
    ]
    report(book, tmp_path / "book.pdf")
    shown = texts(written)
    assert "Worst scenario a squeeze" in shown
    assert "held after the trade unit Delta of BTC 500 100" in shown


HEADS = ["account", "asset", "top_up", "ratio"]
HELD = [["Venue A", None, 12_000_000, 0.25], [None, None, None, None]]


def accounts_book(path, *calculated, held=HELD):
    """A book with a table Accounts, and with what formulas fill that are named so."""
    with Book(path) as book:
        book.set_custom_property(TEMPLATE, "hedge_desk")
        sheet = book.add_worksheet("S")
        sheet.write("Z1", "OK: fine")
        book.define_name(FIGURES[0].name, "=S!$Z$1")
        sheet.set_column("D:D", 9, book.add_format({"num_format": "0.0%"}))
        columns = [{"header": head} for head in HEADS]
        sheet.add_table("A1:D3", {"name": "Accounts", "data": held, "columns": columns})
        for number, name in enumerate(calculated):
            row = 10 + 5 * number
            formula = "=ACCOUNT_STATUS(A1:D3,Accounts[#All])"
            sheet.write_dynamic_array_formula(row, 0, row + 1, 1, formula, None, "account")
            sheet.write_row(row, 1, ["status"])
            sheet.write_row(row + 1, 0, [f"Venue {number}", "ok"])
            book.define_name(name, f"=S!$A${row + 1}")
    return path


def test_margin_accounts_are_a_table_with_the_columns_that_hold_something(tmp_path, written):
    path = accounts_book(tmp_path / "book.xlsx")
    assert gather(Package.open(path), "book.xlsx").accounts == (
        (("account", "top_up", "ratio"), ("Venue A", "12,000,000", "25.0%")),
    )
    report(path, tmp_path / "book.pdf")
    assert "account top up ratio Venue A 12,000,000 25.0%" in texts(written)


def test_calculated_accounts_stand_in_the_place_of_what_was_entered(tmp_path):
    path = accounts_book(tmp_path / "book.xlsx", "status_held", "status_after")
    assert gather(Package.open(path), "book.xlsx").accounts == (
        (
            ("account", "", "status"),
            ("Venue 0", "held", "ok"),
            ("Venue 1", "after the trade", "ok"),
        ),
    )


def overlapping(lines):
    """Texts of one line of a page that run into each other."""
    found = []
    for place, (text, page, x, y, width) in enumerate(lines):
        found += [
            (text, other)
            for other, *where, start, height, _ in lines[place + 1 :]
            if where == [page] and abs(height - y) < 3 and x <= start < x + width - 0.1
        ]
    return found


def last_pass(lines):
    """What was drawn when the number of pages was known: all is drawn twice."""
    return lines[len(lines) // 2 :]


@pytest.fixture
def lines(monkeypatch):
    """Every text that is drawn: its page, where it begins, and its width."""
    found = []
    original = Fonts.write

    def write(self, canvas, x, y, text, size, *rest, bold=False):
        width = self.width(text, size, bold=bold)
        found.append((self.text(text), canvas.getPageNumber(), x, y, width))
        original(self, canvas, x, y, text, size, *rest, bold=bold)

    monkeypatch.setattr(Fonts, "write", write)
    return found


LONG = "enter a contract and an account that Positions has"


def test_long_labels_and_texts_do_not_run_into_each_other(tmp_path, monkeypatch, lines):
    status, first, *_ = FIGURES
    figures = (status, *(first._replace(label=f"The loss in the worst of all scenarios {n}",
                                        name=f"worst_{n}.x") for n in range(4)))  # fmt: skip
    monkeypatch.setitem(TEMPLATES, "hedge_desk", TEMPLATES["hedge_desk"]._replace(figures=figures))
    endless = "word " * 6_000
    values = ("OK: fine", LONG, f"{LONG}, too", LONG, endless)
    report(declared(tmp_path / "book.xlsx", figures, *values), tmp_path / "book.pdf")
    drawn = last_pass(lines)
    assert overlapping(drawn) == []
    told = [text for text, *_ in drawn]
    assert told.count(LONG) == 1
    assert "The loss in the worst of all scenarios 0 and 1 more" in told
    assert min(y for *_, y, _ in drawn) > 15


@pytest.mark.parametrize("name", ["Venue " + "X" * 200, "a name of many words " * 12, "账户" * 90])
def test_a_long_name_of_an_account_takes_no_room_from_its_numbers(tmp_path, lines, name):
    held = [[name, "BTC", 12_000_000, 0.25]] * 2
    report(accounts_book(tmp_path / "book.xlsx", held=held), tmp_path / "book.pdf")
    drawn = last_pass(lines)
    assert overlapping(drawn) == []
    told = [text for text, *_ in drawn]
    assert told.count("12,000,000") == told.count("25.0%") == 2
    assert {"account", "top up", "ratio"} <= set(told)


def test_the_foot_says_when_it_was_calculated_also_under_a_long_name(tmp_path, lines):
    path = tmp_path / f"{'a book of a desk ' * 6}.xlsx"
    calculated = "Calculated by xlhedge 0.1.0 (embedded engine) on 2026-11-29 12:00 UTC"
    with Book(path) as book:
        book.set_custom_property(TEMPLATE, "hedge_desk")
        sheet = book.add_worksheet("S")
        sheet.write_column("A1", ["OK: fine", calculated])
        sheet.write("A3", 46_022, book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
        for row, name in enumerate((FIGURES[0].name, "calculated_by", "judged_at"), 1):
            book.define_name(name, f"=S!$A${row}")
    report(path, tmp_path / "book.pdf")
    told = [text for text, *_ in last_pass(lines)]
    assert calculated in told
    (foot,) = [text for text in told if text.endswith(", valued at 2025-12-31 00:00 UTC")]
    assert foot.startswith("a book of a desk")
    assert overlapping(last_pass(lines)) == []


def test_a_text_without_spaces_is_broken_and_nothing_of_it_is_lost():
    fonts = Fonts()
    for text in ("abcdefghij" * 40, "short " + "x" * 300 + " end", "口" * 50):
        found = fonts.wrapped(text, SIZE, 100)
        assert "".join(found).replace(" ", "") == fonts.text(text).replace(" ", "")
        assert all(fonts.width(line, SIZE) <= 100 for line in found)
    assert fonts.wrapped("ab", SIZE, 0.1) == ["a", "b"]
    assert fonts.cut("ab" * 20_000, SIZE, 100).endswith("ab...")


def test_what_one_page_does_not_hold_goes_on_over_the_next_in_type_as_large(
    tmp_path, monkeypatch, written
):
    figures = (FIGURES[0], *(FIGURES[1]._replace(label=f"Figure {n}", name=f"figure_{n}.x")
                             for n in range(90)))  # fmt: skip
    monkeypatch.setitem(TEMPLATES, "hedge_desk", TEMPLATES["hedge_desk"]._replace(figures=figures))
    book = declared(tmp_path / "book.xlsx", figures, "OK: fine", *range(90))
    assert report(book, tmp_path / "book.pdf").pages == 2
    assert {"Page 1 of 2", "Page 2 of 2"} <= {text for text, *_ in written}
    last = next(number for text, _, number in written if text == "Figure 89")
    assert last == 2
    assert min(size for _, size, _ in written) == SIZE


def test_a_history_without_a_chart_of_its_own_gets_one_of_its_basis(tmp_path):
    path = tmp_path / "book.xlsx"
    heads = ["time", "BTC spot", "BTC futures", "ETH spot", "ETH futures"]
    rows = [[45_000 + day, 100, 101, 50, 0] for day in range(5)]
    with Book(path) as book:
        book.set_custom_property(TEMPLATE, "hedge_desk")
        sheet = book.add_worksheet("S")
        columns = [{"header": head} for head in heads]
        sheet.add_table("A1:E6", {"name": "History", "data": rows, "columns": columns})
        sheet.write("H1", "OK: fine")
        book.define_name(FIGURES[0].name, "=S!$H$1")
    (chart,) = gather(Package.open(path), "book.xlsx").charts
    assert [(one.name, one.values[0]) for one in chart.series] == [("BTC", -100), ("ETH", 10_000)]
    report(path, tmp_path / "book.pdf")


def charts_book(path, *places):
    """A book with charts of a line on its sheets, so many on each."""
    with Book(path) as book:
        book.set_custom_property(TEMPLATE, "hedge_desk")
        for number, count in enumerate(places):
            sheet = book.add_worksheet(f"S{number}")
            sheet.write_column("A1", [1, 2, 3])
            for place in range(count):
                chart = book.add_chart({"type": "scatter", "subtype": "straight"})
                cells = f"=S{number}!$A$1:$A$3"
                chart.add_series({"categories": cells, "values": cells})
                chart.set_title({"name": f"chart {place} of sheet {number}"})
                sheet.insert_chart(5 + 20 * place, 3, chart)
        sheet.write("Z1", "OK: fine")
        book.define_name(FIGURES[0].name, f"=S{len(places) - 1}!$Z$1")
    return path


def test_all_charts_of_the_first_sheet_are_drawn_and_others_where_there_is_room(tmp_path, written):
    assert report(charts_book(tmp_path / "few.xlsx", 3, 9), tmp_path / "few.pdf").pages == 1
    shown = [text for text, *_ in written if text.startswith("chart ")]
    assert {f"chart {place} of sheet 0" for place in range(3)} < set(shown)
    assert len(set(shown)) == 8
    written.clear()
    assert report(charts_book(tmp_path / "many.xlsx", 13, 1), tmp_path / "many.pdf").pages == 2
    shown = {text: page for text, _, page in written if text.startswith("chart ")}
    assert set(shown) == {f"chart {place} of sheet 0" for place in range(13)}
    assert set(shown.values()) == {1, 2}


def test_letters_that_the_font_lacks_are_named_and_another_font_can_be_given(tmp_path):
    book = said_book(tmp_path / "book.xlsx", "WATCH: Счёт → 口座")
    done = CliRunner().invoke(app, ["report", str(book), "-o", str(tmp_path / "a.pdf")])
    assert done.exit_code == 0
    lacking = re.search(r"the font lacks (.+): give one", done.output)[1]
    assert sorted(lacking) == sorted("Счёт口座")
    words = ["report", str(book), "-o", str(tmp_path / "b.pdf"), "--font", str(book)]
    assert "is not a TrueType font" in str(CliRunner().invoke(app, words).exception)


@pytest.mark.parametrize(
    ("target", "said"),
    [("out.txt", "name ends with .pdf"), ("there.pdf", "exists already"), ("no/x.pdf", "folder")],
)
def test_a_wrong_target_is_refused(tmp_path, target, said):
    (tmp_path / "there.pdf").write_bytes(b"mine")
    with pytest.raises(FileError, match=said):
        report(DESK, tmp_path / target)
    assert (tmp_path / "there.pdf").read_bytes() == b"mine"


def test_a_book_without_declared_figures_gets_no_page(tmp_path):
    with Book(tmp_path / "own.xlsx") as book:
        book.add_worksheet()
    with pytest.raises(FileError, match="no template of xlhedge that declares key figures"):
        report(tmp_path / "own.xlsx", tmp_path / "own.pdf")


def test_ticks_are_round_and_reach_around_the_values():
    assert number_ticks(0.0, 0.0, 4)[0] <= 0 <= number_ticks(0.0, 0.0, 4)[-1]
    for low, high in ((-7.2, 3.5), (1e6, 1.5e6), (0.0, 1e-7), (-3e9, -2e9)):
        ticks = number_ticks(low, high, 5)
        assert ticks[0] <= low < high <= ticks[-1]
        assert len(ticks) <= 8
    assert labels([0.1, 0.2], "0") == ["0.1", "0.2"]
    assert labels([0.1, 0.2], "0%") == ["10%", "20%"]


@pytest.mark.parametrize(
    ("first", "last", "wanted"),
    [
        (datetime(2020, 1, 5), datetime(2026, 1, 5), datetime(2022, 1, 1)),
        (datetime(2025, 1, 5), datetime(2025, 3, 25), datetime(2025, 3, 1)),
        (datetime(2025, 1, 5), datetime(2025, 1, 9), datetime(2025, 1, 7)),
    ],
)
def test_ticks_of_dates_are_first_days_of_months_or_years(first, last, wanted):
    ticks = date_ticks(serial(first), serial(last), 6)
    assert serial(wanted) in ticks
    assert 2 <= len(ticks) <= 7
    assert all(serial(first) <= tick <= serial(last) for tick in ticks)


@pytest.mark.parametrize("valuation", [None, datetime(2026, 1, 1)])
def test_who_prints_an_old_status_is_told_unless_it_is_of_a_time_that_was_entered(
    valuation, tmp_path
):
    book = judged_book(tmp_path / "desk.xlsx", valuation)
    done = CliRunner().invoke(app, ["report", str(book), "-o", str(tmp_path / "desk.pdf")])
    assert done.exit_code == 0
    assert ("its status is old: judged " in done.output) == (valuation is None)
