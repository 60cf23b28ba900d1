"""What the core gives as cells, and what a declaration says, to the letter."""

import math
from typing import Any, Literal

import numpy as np
import pytest
from declared import (
    Facts,
    Row,
    blankable,
    double,
    facts,
    listed,
    must,
    pair,
    rest,
    rows,
    spec_of,
)

from xlhedge import CellError
from xlhedge.catalog import CATALOG
from xlhedge.core.types import Cells, Table
from xlhedge.errors import DomainError, InputError, NoSolution, TooFewData, ZeroVariance
from xlhedge.sheet.call import evaluate
from xlhedge.sheet.outcome import Outcome, cell_error
from xlhedge.sheet.spec import FunctionSpec, Parameter


class TestResults:
    @pytest.mark.parametrize(
        ("result", "want", "reason"),
        [
            (-0.0, 0.0, None), (np.float64(2), 2.0, None), (3, 3.0, None), (True, True, None),
            ("text", "text", None), (None, None, None), (np.True_, True, None),
            (np.array(5.0), 5.0, None), (np.array([5.0]), 5.0, None),
            (np.array([1.0, 2.0]), [[1.0], [2.0]], None), (np.array([[1.0, 2.0]]),
             [[1.0, 2.0]], None),
            ({"a": 1, "b": np.False_}, [["a", 1.0], ["b", False]], None),
            ({"a": NoSolution("none"), "b": TooFewData("few")},
             [["a", CellError.NA], ["b", CellError.NA]], "none"),
            ({"a": 1.0, "b": DomainError("bad")}, [["a", 1.0], ["b", CellError.NUM]], "bad"),
            ({"a": math.inf}, [["a", CellError.NUM]], "a result is not a finite number"),
            (Table(["h"], [[1], [None]]), [["h"], [1.0], [None]], None),
            (math.nan, CellError.NUM,
             "the result is not a finite number: the inputs are too extreme"),
            (np.array([1.0, math.inf]), CellError.NUM,
             "the result is not a finite number: the inputs are too extreme"),
        ],
    )  # fmt: skip
    def test_what_the_core_gives_becomes_cells(self, result, want, reason):
        def given(number: float) -> Any:
            return result

        outcome = evaluate(spec_of(given), (1.0,))
        assert outcome == Outcome(want, reason)
        assert type(outcome.value) is type(want)

    def test_each_kind_of_refusal_is_its_cell_error(self):
        for problem, error in (
            (InputError, "#VALUE!"), (DomainError, "#NUM!"), (TooFewData, "#N/A"),
            (NoSolution, "#N/A"), (ZeroVariance, "#DIV/0!"),
        ):  # fmt: skip
            assert cell_error(problem("x")) == error

            def refuses() -> float:
                raise problem("no")  # noqa: B023

            assert evaluate(spec_of(refuses), ()) == Outcome(CellError(error), "no")

    def test_overflow_and_singular_matrices_are_extreme_inputs(self):
        for problem in (OverflowError, ZeroDivisionError, np.linalg.LinAlgError):

            def fails() -> float:
                raise problem("x")  # noqa: B023

            assert evaluate(spec_of(fails), ()) == Outcome(
                CellError.NUM, "the result is not a finite number: the inputs are too extreme"
            )


class TestDeclarations:
    def test_parameters_are_read_from_signature_and_annotation(self):
        plain = {"default": None, "choices": (), "row": None, "blank": False, "number_too": False}
        plain |= {"optional": False, "variadic": False}

        def of(function):
            return list(spec_of(function).parameters)

        assert of(double) == [
            Parameter("first", "elementwise", **plain),
            Parameter("second", "elementwise", **plain | {"optional": True, "default": 3}),
            Parameter(
                "way", "choice",
                **plain | {"optional": True, "default": "up", "choices": ("up", "down")},
            ),
        ]  # fmt: skip
        assert of(pair) == [
            Parameter("one", "series", **plain),
            Parameter(
                "two", "series", **plain | {"optional": True, "default": 2.0, "number_too": True}
            ),
            Parameter("lag", "integer", **plain | {"optional": True, "default": 1}),
            Parameter("name", "text", **plain | {"optional": True, "default": "x"}),
        ]
        assert of(must)[1] == Parameter("second", "elementwise", **plain | {"blank": True})
        assert of(rows) == [Parameter("table", "labelled", **plain | {"row": Row})]
        assert of(facts) == [Parameter("record", "record", **plain | {"row": Facts})]
        assert [p.kind for p in of(listed)] == ["vector", "matrix"]
        assert of(rest) == [
            Parameter("others", "cells", **plain | {"optional": True, "variadic": True})
        ]

        def mixed(level: float | Literal["auto"], plain_number: float = 0.5) -> float:
            return 0.0

        level, number = of(mixed)
        assert (level.kind, level.choices, level.number_too) == ("number", ("auto",), True)
        assert (number.kind, number.default, number.number_too) == ("number", 0.5, True)

    def test_what_a_function_gives_and_whether_it_broadcasts(self):
        assert [spec_of(f).elementwise for f in (double, pair, rows)] == [True, False, False]
        assert not spec_of(blankable).returns_array
        assert not spec_of(pair).returns_array
        assert not spec_of(rows).returns_array
        assert CATALOG["STRESS_PNL"].returns_array
        assert CATALOG["FUNDING_STATS"].returns_array
        assert not CATALOG["LIQ_PRICE"].returns_array

    def test_the_syntax_shows_defaults_and_what_may_be_left_out(self):
        assert spec_of(double).syntax == 'DOUBLE(first, [second=3], [way="up"])'
        assert spec_of(pair).syntax == 'PAIR(one, [two=2], [lag=1], [name="x"])'
        assert spec_of(blankable).syntax == "BLANKABLE(first, [second])"
        assert spec_of(rest).syntax == "REST([others], …)"
        assert repr(spec_of(rest)) == "FunctionSpec(REST)"

    def test_the_declaration_as_data(self):
        told = FunctionSpec("CONTRACT_PNL", "Sizing", "sizing.contracts.pnl").describe()
        assert told["name"] == "CONTRACT_PNL"
        assert told["topic"] == "Sizing"
        assert told["summary"] == (
            "Profit and loss of a futures position, in quote currency (linear) "
            "or in coin (inverse)."
        )
        assert told["parameters"][0] == {
            "name": "contracts", "kind": "elementwise", "optional": False, "default": None,
            "choices": [], "help": "Contracts held, positive = long, negative = short.",
        }  # fmt: skip
        assert told["parameters"][4]["choices"] == ["linear", "inverse"]
        assert told["parameters"][4]["default"] == "linear"
        assert told["parameters"][4]["optional"] is True

    def test_help_of_several_names_and_of_variadic_arguments_is_found(self):
        def several(first: float, second: float, *more: Cells) -> float:
            """Several.

            Parameters
            ----------
            first, second
                Two
                numbers.
            *more
                Others.
            """
            return 0.0

        assert spec_of(several).help == {
            "first": "Two numbers.", "second": "Two numbers.", "more": "Others.",
        }  # fmt: skip
