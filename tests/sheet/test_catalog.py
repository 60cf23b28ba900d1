"""Every function of the catalogue, driven by its declaration: new functions join by existing.

Each starts from a call that is known to work (its first golden row that is not an error) and
spoils one argument at a time.
"""

import math
import re

import numpy as np
from catalog_cases import (
    NUMBERS,
    RANGES,
    baselines,
    cells_of,
    error_of,
    example,
    is_range,
    only_cells,
    spoiled,
    with_argument,
)
from places import DOCS
from tables import each

from xlhedge import CellError, call
from xlhedge.catalog import CATALOG
from xlhedge.hosts import reference

NO_EXAMPLE = {"XLHEDGE_VERSION", "STRESS_SCENARIOS"}
MUST_BE_POSITIVE = re.compile(
    r"(^|_)(price|prices|size)$|^(lag|paths|periods_per_year)$|interval_hours$"
)


def test_every_function_has_a_golden_row_to_start_from():
    assert set(CATALOG) - set(baselines()) - NO_EXAMPLE - {"XLHEDGE_WHY"} == set()


@each("name", list(CATALOG))
def test_a_declaration_is_complete_and_fits_the_function_wizard(name):
    spec = CATALOG[name]
    assert re.fullmatch(r"[A-Z]+(_[A-Z]+)*", name)
    assert "_" in name or name in {"BASIS", "BETA", "RETURNS"}
    assert 10 < len(spec.summary) <= 255
    assert spec.summary.endswith(".")
    for parameter in spec.parameters:
        assert len(spec.help.get(parameter.name, "")) > 0, f"{parameter.name} has no help"
    assert set(spec.help) == {parameter.name for parameter in spec.parameters}
    optional = [parameter.optional for parameter in spec.parameters]
    assert optional == sorted(optional), "an optional argument stands before a required one"
    assert spec.doc.returns
    assert spec.doc.returns.description


def test_the_manual_is_what_the_catalogue_renders():
    pages = reference.render()
    folder = DOCS / "functions"
    assert set(pages) == {path.name for path in folder.iterdir()}
    changed = [n for n, text in pages.items() if (folder / n).read_text(encoding="utf-8") != text]
    assert changed == [], "xlhedge build writes them anew"


@each(("name", "index"), spoiled(*NUMBERS))
def test_what_is_not_a_number_is_refused(name, index):
    parameter = CATALOG[name].parameters[index]
    for bad in ("abc", "5", *([] if parameter.choices else [True])):
        assert error_of(with_argument(name, index, bad)) is CellError.VALUE
    for bad in (math.nan, math.inf):
        assert error_of(with_argument(name, index, bad)) is CellError.NUM
    assert error_of(with_argument(name, index, CellError.REF)) is CellError.REF
    assert parameter.name in with_argument(name, index, "abc").reason


@each(("name", "index"), spoiled(*NUMBERS))
def test_negative_zero_and_huge_numbers_give_numbers_or_their_error(name, index):
    parameter = CATALOG[name].parameters[index]
    for number in (-1.0, 0.0, -1e-300, 1e-300, 1e300, -1e300, 0.5, 2.0):
        outcome = with_argument(name, index, number)
        only_cells(outcome.value)
        for cell in cells_of(outcome.value):
            if isinstance(cell, CellError):
                assert cell in (CellError.NUM, CellError.NA, CellError.DIV0, CellError.VALUE)
                assert outcome.reason
    if parameter.name == "confidence":
        for number in (0.0, 1.0, -0.1, 1.5, 99.0):
            assert error_of(with_argument(name, index, number)) is CellError.NUM
    elif MUST_BE_POSITIVE.search(parameter.name):
        for number in (0.0, -1.0):
            assert error_of(with_argument(name, index, number)) is CellError.NUM


@each(("name", "index"), spoiled(*NUMBERS, "choice", *RANGES, "text"))
def test_a_blank_means_left_out(name, index):
    parameter = CATALOG[name].parameters[index]
    if name == "XLHEDGE_WHY":
        assert call(name, None) is CellError.VALUE
        return
    blank = with_argument(name, index, None)
    assert with_argument(name, index, "") == blank
    assert with_argument(name, index, [[None]]) == blank
    if parameter.optional and parameter.default is not None:
        assert with_argument(name, index, parameter.default) == blank
    elif not parameter.optional and not parameter.blank:
        assert error_of(blank) is CellError.VALUE


@each(("name", "index"), spoiled("choice"))
def test_an_unknown_option_is_refused_and_the_known_ones_are_named(name, index):
    parameter = CATALOG[name].parameters[index]
    for bad in ("no such option", 1.0, True):
        outcome = with_argument(name, index, bad)
        assert error_of(outcome) is CellError.VALUE
        assert all(option in outcome.reason for option in parameter.choices)
    assert error_of(with_argument(name, index, CellError.NAME)) is CellError.NAME
    option = parameter.choices[0]
    assert with_argument(name, index, option) == with_argument(name, index, f" {option.upper()} ")


@each(("name", "index"), spoiled("number", "integer"))
def test_a_range_for_a_single_value_is_refused(name, index):
    assert error_of(with_argument(name, index, [[0.5], [0.5]])) is CellError.VALUE


@each(("name", "index"), spoiled("series", "vector", where=is_range))
def test_a_spoiled_series_is_refused(name, index):
    line = [cell for row in example(name, index) for cell in row]
    middle = len(line) // 2
    for bad, error in (
        ("text", CellError.VALUE),
        (True, CellError.VALUE),
        (math.nan, CellError.NUM),
        (math.inf, CellError.NUM),
        (CellError.DIV0, CellError.DIV0),
    ):
        column = [[cell] for cell in line]
        column[middle] = [bad]
        outcome = with_argument(name, index, column)
        assert error_of(outcome) is error
        assert f"row {middle + 1}" in outcome.reason
    if len(line) > 2:
        column = [[cell] for cell in line]
        column[middle] = [None]
        assert error_of(with_argument(name, index, column)) is CellError.VALUE
    assert error_of(with_argument(name, index, [[1.0, 2.0], [3.0, 4.0]])) is CellError.VALUE
    assert error_of(with_argument(name, index, "text")) is CellError.VALUE


def series_given(name):
    """The places of a function's series, or none where the example gives no range for one."""
    indices = [i for i, p in enumerate(CATALOG[name].parameters) if p.kind == "series"]
    return indices if all(is_range(name, i) for i in indices) else []


@each("name", [name for name in CATALOG if series_given(name)])
def test_blank_rows_around_all_series_change_nothing(name):
    arguments = baselines()[name]
    padded = list(arguments)
    for i in series_given(name):
        padded[i] = [[None], *([cell] for row in arguments[i] for cell in row), [""], [None]]
    assert call(name, *padded) == call(name, *arguments)


@each(("name", "index"), spoiled("matrix"))
def test_a_spoiled_matrix_is_refused(name, index):
    for bad, error in (
        ("text", CellError.VALUE),
        ([[1.0, "x"], ["x", 1.0]], CellError.VALUE),
        ([[1.0, True], [True, 1.0]], CellError.VALUE),
        ([[1.0, None], [0.5, 1.0]], CellError.VALUE),
        ([[1.0, CellError.REF], [0.5, 1.0]], CellError.REF),
    ):
        assert error_of(with_argument(name, index, bad)) is error


@each(("name", "index"), spoiled("labelled", "record"))
def test_a_spoiled_table_is_refused_by_name(name, index):
    wrong = ["text", True, [["no such column"], [1.0]], [["a", "b"], ["c", "d"], [1.0, 2.0]]]
    if not CATALOG[name].parameters[index].number_too:
        wrong.append(5.0)
    for bad in wrong:
        assert error_of(with_argument(name, index, bad)) is CellError.VALUE
    assert error_of(with_argument(name, index, CellError.NAME)) is CellError.NAME
    given = example(name, index)
    if isinstance(given, list) and CATALOG[name].parameters[index].kind == "labelled":
        header, *rows = given
        extra = [[*header, "surprise"], *([*row, 1.0] for row in rows)]
        outcome = with_argument(name, index, extra)
        assert error_of(outcome) is CellError.VALUE
        assert "surprise" in outcome.reason
        mixed = [[str(cell).upper() for cell in header[::-1]], *(row[::-1] for row in rows)]
        assert with_argument(name, index, mixed) == with_argument(name, index, given)
        assert error_of(with_argument(name, index, [header])) is CellError.VALUE
        spoilt = [header, *rows[:-1], [CellError.DIV0, *rows[-1][1:]]]
        assert error_of(with_argument(name, index, spoilt)) is CellError.DIV0


def one_number(name, index):
    """The single number of an example without ranges that an argument has, or its default."""
    parameters = CATALOG[name].parameters
    if any(p.kind == "elementwise" and is_range(name, i) for i, p in enumerate(parameters)):
        return None
    given = example(name, index)
    return parameters[index].default if given in (None, "") else given


@each(("name", "index"), spoiled("elementwise", where=lambda n, i: one_number(n, i) is not None))
def test_ten_thousand_rows_are_one_call_and_a_bad_row_is_one_error(name, index):
    arguments = list(baselines()[name])
    arguments += [None] * (index + 1 - len(arguments))
    value = one_number(name, index)
    alone = call(name, *arguments)
    column = [[value]] * 10_000
    column[1234] = ["abc"]
    arguments[index] = column
    got = [row[0] for row in call(name, *arguments)]
    assert got.pop(1234) is CellError.VALUE
    assert len(got) == 9_999
    np.testing.assert_allclose(got, alone, rtol=1e-12)


def numbers_given(name):
    """The places of the elementwise arguments for which the example gives a number."""
    return [
        index
        for index, (parameter, value) in enumerate(
            zip(CATALOG[name].parameters, baselines().get(name, ()), strict=False)
        )
        if parameter.kind == "elementwise" and isinstance(value, (int, float))
    ]


@each("name", [name for name in CATALOG if len(numbers_given(name)) > 1])
def test_a_row_and_a_column_give_a_rectangle_of_the_single_calls(name):
    arguments = list(baselines()[name])
    first, second = numbers_given(name)[:2]
    down = [arguments[first], arguments[first] * 1.01]
    across = [arguments[second], arguments[second] * 1.02, arguments[second] * 0.99]
    rectangle = list(arguments)
    rectangle[first], rectangle[second] = [[x] for x in down], [across]
    got = call(name, *rectangle)
    for i, x in enumerate(down):
        for j, y in enumerate(across):
            single = list(arguments)
            single[first], single[second] = x, y
            alone = call(name, *single)
            if isinstance(alone, float):
                assert math.isclose(got[i][j], alone, rel_tol=1e-12, abs_tol=1e-300)
            else:
                assert got[i][j] == alone


@each("name", sorted(set(CATALOG) - {"XLHEDGE_WHY"}))
def test_why_says_ok_where_the_call_works_and_a_sentence_where_it_fails(name):
    arguments = baselines().get(name, [])
    assert call("XLHEDGE_WHY", name, *arguments) == "ok" or "#" in str(call(name, *arguments))
    if CATALOG[name].parameters and not CATALOG[name].parameters[0].optional:
        sentence = call("XLHEDGE_WHY", name)
        assert sentence != "ok"
        assert CATALOG[name].parameters[0].name in sentence
    too_many = [*arguments, *[1.0] * 20]
    assert call(name, *too_many) is CellError.VALUE


def test_why_passes_error_cells_on():
    assert "holds the error #REF!" in call("XLHEDGE_WHY", "HEDGE_CONTRACTS", CellError.REF, 1.0)
    assert call("XLHEDGE_WHY", "NO_SUCH") is CellError.VALUE
    assert call("XLHEDGE_WHY", 5.0) is CellError.VALUE
