"""The worksheet's own rules to the letter: what cells become, and how each refusal is worded."""

import math
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from declared import Row, blankable, double, facts, listed, must, pair, rest, rows, spec_of
from places import DOCS
from sheet_calls import column
from tables import each

from xlhedge import CellError
from xlhedge.catalog import CATALOG
from xlhedge.errors import InputError
from xlhedge.sheet import cells, convert, labelled
from xlhedge.sheet.call import evaluate

MANUAL = DOCS / "functions"


@each("name", CATALOG)
def test_the_manual_shows_the_names_the_order_and_the_defaults_that_the_code_has(name):
    page = (MANUAL / f"{name}.md").read_text(encoding="utf-8")
    assert f"={CATALOG[name].syntax}\n" in page


class TestCells:
    def test_a_blank_is_nothing_or_the_empty_text(self):
        assert cells.is_blank(None)
        assert cells.is_blank("")
        assert not any(map(cells.is_blank, (" ", 0, 0.0, False, CellError.NA, [])))

    def test_day_numbers_are_excels(self):
        assert cells.serial(date(1900, 3, 1)) == 61
        assert cells.serial(date(2024, 3, 29)) == 45380
        assert cells.serial(datetime(2024, 3, 29, 18)) == 45380.75
        assert cells.serial(datetime(2024, 3, 29, 0, 0, 1)) == 45380 + 1 / 86400

    @each(
        ("given", "want"),
        [
            (5, 5), (None, None), ("", ""), (date(2024, 1, 1), date(2024, 1, 1)), ([[7.0]], 7.0),
            ([1.0, 2.0], [[1.0, 2.0]]), ((1.0, 2.0), [[1.0, 2.0]]),
             ([[1.0], [2.0]], [[1.0], [2.0]]),
            (((1.0, 2.0),), [(1.0, 2.0)]), ([7.0], 7.0), (np.array([1.0, 2.0]), [[1.0], [2.0]]),
            (np.array([[1.0, 2.0]]), [[1.0, 2.0]]), (np.float64(3), 3.0), (np.array(4.0), 4.0),
            (pd.Series([1.0, 2.0]), [[1.0], [2.0]]), (pd.DataFrame({"a": [1], "b": [2]}), [[1, 2]]),
            (CellError.NA, CellError.NA), (Decimal(1), Decimal(1)),
        ],
    )  # fmt: skip
    def test_what_a_host_passes_becomes_a_cell_or_rows(self, given, want):
        got = cells.normalise(given)
        assert got == want
        assert type(got) is type(want)

    @each(
        ("given", "sentence"),
        [
            ([], "the range is empty"),
            ([[]], "the range is empty"),
            ([[], []], "the range is empty"),
            ([[1.0], [1.0, 2.0]], "the rows of a range must all have the same length"),
            ([[1.0], 2.0], "the rows of a range must all have the same length"),
            ([[1.0, 2.0], (3.0,)], "the rows of a range must all have the same length"),
        ],
    )
    def test_what_is_no_rectangle_is_refused(self, given, sentence):
        with pytest.raises(InputError) as refused:
            cells.normalise(given)
        assert str(refused.value) == sentence

    def test_rows_may_be_lists_and_tuples_mixed(self):
        assert cells.normalise([[1.0, 2.0], (3.0, 4.0)]) == [[1.0, 2.0], (3.0, 4.0)]

    @each(
        ("cell", "number"),
        [
            (1.5, 1.5), (2, 2.0), (True, None), (None, None), ("5", None), (CellError.NA, None),
            (date(1900, 3, 1), 61.0), (Decimal("1.5"), 1.5), (np.float32(1.5), 1.5),
            (np.int64(3), 3.0), (1j, None), (object(), None), (np.True_, None),
        ],
    )  # fmt: skip
    def test_a_cells_number(self, cell, number):
        got = cells.number_of(cell)
        assert got == number
        assert type(got) is type(number)

    @each(
        ("cell", "words"),
        [
            (None, "a blank"), ("", "a blank"), (True, "TRUE"), (False, "FALSE"),
            (np.True_, "TRUE"), (np.False_, "FALSE"), (CellError.NA, "#N/A"), ("x", 'the text "x"'),
            ("a" * 40, f'the text "{"a" * 40}"'), ("a" * 41, f'the text "{"a" * 37}..."'),
            (0.1, "0.1"), (1 / 3, "0.333333333333"), (date(1900, 3, 1), "61"), ([1], "a list"),
        ],
    )  # fmt: skip
    def test_how_a_sentence_names_a_cell(self, cell, words):
        assert cells.describe(cell) == words


def value(function, *given):
    return evaluate(spec_of(function), given).value


def why(function, *given):
    return evaluate(spec_of(function), given).reason


class TestConversion:
    @each(
        ("function", "given", "sentence"),
        [
            (pair, ("x",), 'one row 1 must be a number, got the text "x"'),
            (pair, (column(1.0, 2.0), column(1.0, 2.0, 3.0)),
             "all series must have the same number of rows: one has 2, two has 3"),
            (pair, (column(1.0, 2.0), column(1.0, CellError.REF, 3.0)),
             "two row 2 holds the error #REF!"),
            (pair, (column(None, 1.0, CellError.NUM, "x"),), "one row 3 holds the error #NUM!"),
            (pair, (column(None, 1.0, None, "x"),), "one row 3 must be a number, got a blank"),
            (pair, (column(1.0, math.inf),), "one row 2 must be finite, got inf"),
            (pair, ([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]],),
             "one must be a single row or column, got 3 rows × 2 columns"),
            (pair, (column(1.0, 2.0), column(*[None] * 300)),
             "two row 1 must be a number, got a blank"),
            (pair, (1.0, True), "two must be a number, got TRUE"),
            (pair, (1.0, 2.0, 1.5), "lag must be a whole number, got 1.5"),
            (pair, (1.0, 2.0, 1.0, 5.0), "name must be a text, got 5"),
            (pair, (1.0, 2.0, 1.0, CellError.NULL), "name holds the error #NULL!"),
            (pair, (1.0, 2.0, column(1.0, 2.0, 3.0)),
             "lag must be a single cell, got 3 rows × 1 columns"),
            (pair, (1.0, 2.0, column(1.0, CellError.NUM)), "lag holds the error #NUM!"),
            (pair, (1.0, 2.0, 1.0, "x", 5.0), "PAIR takes at most 4 arguments, got 5"),
            (pair, (), "one is missing"),
            (pair, ([[1.0], [2.0, 3.0]],),
             "one: the rows of a range must all have the same length"),
            (double, (1.0, 1.0, "left"), 'way must be one of "up", "down", got the text "left"'),
            (double, (1.0, 1.0, CellError.NA), "way holds the error #N/A"),
            (double, ([[1.0, 2.0], [3.0, "x"]],),
             'first row 2 column 2 must be a number, got the text "x"'),
            (double, (column(1.0, "x"),), 'first row 2 must be a number, got the text "x"'),
            (double, (column(1.0, 13.0, -1.0),), "row 2: first must not be 13, got 13"),
            (double, ([[1.0, 13.0], [-2.0, 1.0]],), "row 1: first must not be 13, got 13"),
            (double, (column(1.0, None),), "first row 2 is missing"),
            (double, ([[1.0, 2.0], [1.0, None]],), "first row 2 is missing"),
            (double, (column(1.0, math.nan),), "first row 2 must be finite, got nan"),
            (double, (column(1.0, 2.0), column(1.0, 2.0, 3.0)),
             "the ranges do not fit each other: first is 2 × 1, second is 3 × 1"),
            (listed, ("x", 1.0), 'moves must be a number, got the text "x"'),
            (listed, (1.0, [[1.0, 2.0], [3.0, "x"]]),
             'grid row 2 column 2 must be a number, got the text "x"'),
            (listed, (1.0, [[1.0, CellError.NA]]), "grid row 1 column 2 holds the error #N/A"),
            (rows, (5.0,), "table must be a range with a header row, got 5"),
            (rows, (CellError.REF,), "table holds the error #REF!"),
            (rows, ([["name", "size"], ["x", CellError.DIV0]],),
             "table row 2 holds the error #DIV/0!"),
            (rows, ([["name", "colour"], ["x", 1.0]],),
             'table has the unknown column the text "colour": known are '
             "name, size, kind, note, rate, on"),
            (rows, ([["name", None], ["x", 1.0]],),
             "table has the unknown column a blank: known are name, size, kind, note, rate, on"),
            (rows, ([["name", "NAME "], ["x", 1.0]],), "table has the column name twice"),
            (rows, ([["note", "on"], ["x", 1.0]],), "table lacks the column name, size"),
            (rows, ([["name", "size"], [None, ""]],), "table has a header and no rows"),
            (rows, ([["name", "size"], ["x", 1.0], ["y", None], ["z", 1.0]],),
             "table row 3, size is blank"),
            (rows, ([["name", "size"], ["x", "y"]],),
             'table row 2, size must be a number, got the text "y"'),
            (rows, ([["name", "size", "on"], ["x", 1.0, "maybe"]],),
             'table row 2, on must be TRUE or FALSE, got the text "maybe"'),
            (rows, ([["name", "size", "on"], ["x", 1.0, 2.0]],),
             "table row 2, on must be TRUE or FALSE, got 2"),
            (rows, ([["name", "size", "kind"], ["x", 1.0, "c"]],),
             'table row 2, kind must be one of "a", "b", got the text "c"'),
            (facts, (5.0,), "record must be a table of label and value, got 5"),
            (facts, (CellError.REF,), "record holds the error #REF!"),
            (facts, ([["alpha", 1.0], ["beta two", CellError.NA]],),
             "record row 2 holds the error #N/A"),
            (facts, ([["alpha", 1.0], ["gamma", 1.0]],),
             'record has the unknown label the text "gamma"'),
            (facts, ([["alpha", 1.0], ["ALPHA", 1.0]],), "record has the label alpha twice"),
            (facts, ([["beta_two", 1.0], [None, None]],), "record lacks alpha"),
            (facts, ([["alpha", "x"], [None, None]],),
             'record, alpha must be a number, got the text "x"'),
            (facts, ([["alpha", 1.0, 2.0]],),
             "record must have two columns, label and value, got 1 rows × 3 columns"),
            (facts, ([["alpha"], [1.0], [2.0]],),
             "record must have two columns, label and value, got 3 rows × 1 columns"),
        ],
    )  # fmt: skip
    def test_a_refusal_says_exactly_why(self, function, given, sentence):
        assert why(function, *given) == sentence

    @each(
        ("function", "given", "want"),
        [
            (pair, (column(1.0, 2.0),), 6.0 + 2),
            (pair, (column(1, 2.0), [[10.0, 20]], 5.0, "abc"), 50.0 + 5 + 3),
            (pair, (column(None, None),), 2.0),
            (pair, (column(None, 3.0, 4.0, ""), column(7.0, 1.0, 2.0, None)), CellError.VALUE),
            (pair, (column(None, 3.0, 4.0, ""), column(None, 1.0, 2.0, None)), 11.0 + 2),
            (pair, (column(None, 3.0, 4.0, ""), column("", 1.0, 2.0)), 11.0 + 2),
            (pair, (5.0, column(2.0)), 10.0 + 2),
            (double, (2.0,), 7.0),
            (double, (2.0, 1.0, " DOWN "), -5.0),
            (double, (column(1, 2.0), 1), [[3.0], [5.0]]),
            (double, ([[1.0, 2.0], [3.0, 4.0]], 1.0), [[3.0, 5.0], [7.0, 9.0]]),
            (double, ([[1.0, 2.0]], column(10.0, 20.0)), [[12.0, 14.0], [22.0, 24.0]]),
            (double, (column(1.0, 2.0), column(None, 1.0)), [[5.0], [5.0]]),
            (double, (column(1.0, 2.0), 0.0, column("up", "down")), [[2.0], [-4.0]]),
            (double, (column(1.0, 2.0, 3.0), 0.0, column(None, "down", 5.0)),
             [[2.0], [-4.0], [CellError.VALUE]]),
            (double, (column(1.0, -1.0, 13.0, CellError.NAME, "x", None), 0.0),
             [[2.0], [CellError.NUM], [CellError.NA], [CellError.NAME], [CellError.VALUE],
              [CellError.VALUE]]),
            (double, (column(1e308, 1.0), 0.0), [[CellError.NUM], [2.0]]),
            (double, ([[1.0, CellError.REF]], column(0.0, "x")),
             [[2.0, CellError.REF], [CellError.VALUE, CellError.REF]]),
            (blankable, (column(1.0, 2.0), column(None, 5.0)), [[1.0], [7.0]]),
            (blankable, (column(1.0, 2.0),), [[1.0], [2.0]]),
            (must, (column(1.0, 2.0), column(None, 5.0)), [[1.0], [10.0]]),
            (must, (1.0, None), 1.0),
            (must, (1.0,), 1.0),
            (listed, (1.0, 2.0), "[1.0] [[2.0]]"),
            (listed, (column(1.0, 2.0), [[1, 2.0], [3.0, 4.0]]),
             "[1.0, 2.0] [[1.0, 2.0], [3.0, 4.0]]"),
            (listed, ([[1.0, None]], [[1.0, 2.0, 3.0]]), "[1.0] [[1.0, 2.0, 3.0]]"),
            (rows, ([["Size", None, " NAME"], [1.0, None, " x "], [2, "", 5.0],
             [None, None, None]],),
             "[['x', '5'], [1.0, 2.0], ['a', 'a'], ['', ''], [nan, nan], [False, False]]"),
            (rows, ([["name", "size", "kind", "note", "rate", "on"],
                     ["x", 1.0, "B", True, 0.5, 1.0], [1 / 3, 2.0, None, None, None, " true "],
                     ["z", 3.0, "a", "n", 0.0, False], ["z", 3.0, "a", "n", 0.0, "FALSE"]],),
             "[['x', '0.333333333333333', 'z', 'z'], [1.0, 2.0, 3.0, 3.0], ['b', 'a', 'a', 'a'], "
             "['True', '', 'n', 'n'], [0.5, nan, 0.0, 0.0], [True, True, False, False]]"),
            (facts, ([["alpha", 1.0], ["beta two", 2.0]],), "1.0 2.0"),
            (facts, ([["Label", "Value"], ["Alpha", 1.0]],), "1.0 7.0"),
            (facts, ([["alpha", "beta_two"], [1.0, 2.0]],), "1.0 2.0"),
            (facts, ([["alpha", 1.0], ["beta_two", None]],), "1.0 7.0"),
            (facts, ([["beta_two", 3.0], [None, None], ["alpha", 1.0]],), "1.0 3.0"),
            (rest, (1.0, [[2.0]], None), "(1.0, [[2.0]], None)"),
            (rest, (), "()"),
        ],
    )  # fmt: skip
    def test_what_the_core_receives(self, function, given, want):
        assert value(function, *given) == want

    def test_a_clean_range_of_numbers_is_handed_over_without_marks(self):
        parameter = spec_of(double).parameters[0]
        clean = convert.elements(parameter, [[1.0, 2], [3.0, 4.0]])
        assert np.array_equal(clean[0], [[1.0, 2.0], [3.0, 4.0]])
        assert clean.blank is None
        assert clean.problems == {}
        marked = convert.elements(parameter, [[1.0, ""], ["x", 4.0]])
        assert marked.blank.tolist() == [[False, True], [False, False]]
        assert list(marked.problems) == [2]
        assert str(marked.problems[2]) == 'first row 2 column 1 must be a number, got the text "x"'
        assert convert.elements(parameter, [[True]]).blank is None

    def test_columns_are_read_once(self):
        assert labelled.columns_of(Row) is labelled.columns_of(Row)
        assert [c.required for c in labelled.columns_of(Row)] == [True, True, *[False] * 4]
        assert [c.choices for c in labelled.columns_of(Row)] == [(), (), ("a", "b"), (), (), ()]
