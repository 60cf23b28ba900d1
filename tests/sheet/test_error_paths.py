"""The errors that every function shares, tried on each by its declaration.

What one argument alone can be is in test_catalog.py; here are arguments that do not fit each
other, histories that are too short or stand still, and tables without their columns.
"""

from catalog_cases import (
    baselines,
    cells_of,
    error_of,
    example,
    is_range,
    only_cells,
    spoiled,
    with_argument,
)
from tables import each

from xlhedge import CellError
from xlhedge.catalog import CATALOG, explain
from xlhedge.sheet.labelled import columns_of

PRICES = ("price", "open", "high", "low", "close")
ONE_ROW_IS_ENOUGH = {"BETA_CONTRACTS", "FUNDING_ANNUAL", "FUNDING_PNL", "PORTFOLIO_VOL"}
ONE_ROW_IS_ENOUGH |= {"CARRY_CURVE", "VAR_COVARIANCE", "VAR_CONTRIBUTION", "VOL_RANGE"}


def series_of(name):
    """The arguments that the example gives as series: index and flat values."""
    found = {}
    for index, (parameter, value) in enumerate(
        zip(CATALOG[name].parameters, baselines().get(name, []), strict=False)
    ):
        if parameter.kind == "series" and isinstance(value, list):
            found[index] = [cell for row in value for cell in row]
        elif parameter.kind == "series" and not parameter.number_too:
            found[index] = [value]
    return found


def with_series(name, change):
    """The example's outcome with `change` applied to each of its series, and to columns beside."""
    arguments = list(baselines()[name])
    found = series_of(name)
    for index, line in found.items():
        arguments[index] = [[cell] for cell in change(line)]
    count = len(next(iter(found.values())))
    for index, value in enumerate(arguments):
        many = isinstance(value, list) and len(value) == count and len(value[0]) != count
        if index not in found and many and CATALOG[name].parameters[index].kind == "matrix":
            columns = map(change, zip(*value, strict=True))
            arguments[index] = [list(row) for row in zip(*columns, strict=True)]
    outcome = explain(name, *arguments)
    assert "unexpectedly" not in (outcome.reason or ""), outcome.reason
    return outcome


def documents(name, kind):
    return any(item.type_name == kind for item in CATALOG[name].doc.raises)


WITH_SERIES = [name for name in CATALOG if series_of(name)]
SEVERAL_SERIES = [name for name in WITH_SERIES if len(series_of(name)) > 1]


def test_every_series_function_is_tried():
    takes = {n for n, spec in CATALOG.items() if any(p.kind == "series" for p in spec.parameters)}
    assert takes == set(WITH_SERIES)


@each("name", SEVERAL_SERIES)
def test_series_of_different_length_are_a_value_error_that_names_them(name):
    for index, line in series_of(name).items():
        shorter = line[1:]
        if len(shorter) == 1 and CATALOG[name].parameters[index].number_too:
            shorter = [*line, *line]  # one row is a number for all rows
        for other in (shorter, [*line, line[-1]]):
            outcome = with_argument(name, index, [[cell] for cell in other])
            assert error_of(outcome) is CellError.VALUE
            assert CATALOG[name].parameters[index].name in outcome.reason


@each("name", sorted(set(WITH_SERIES) - ONE_ROW_IS_ENOUGH))
def test_too_few_rows_are_not_available_and_the_sentence_says_how_many_are_needed(name):
    beside = any(parameter.kind == "matrix" for parameter in CATALOG[name].parameters)
    for rows in (1,) if beside else (0, 1):  # no row of a rectangle is a blank in it
        outcome = with_series(name, lambda line, rows=rows: line[:rows] or [None, ""])
        errors = {cell for cell in cells_of(outcome.value) if isinstance(cell, CellError)}
        assert errors == {CellError.NA}, outcome
        assert any(character.isdigit() for character in outcome.reason)


@each("name", sorted(ONE_ROW_IS_ENOUGH))
def test_no_row_at_all_is_not_available(name):
    assert error_of(with_series(name, lambda line: [None, ""])) is CellError.NA


@each("name", WITH_SERIES)
def test_a_history_that_stands_still_gives_figures_or_says_that_it_has_no_variance(name):
    outcome = with_series(name, lambda line: [line[0]] * len(line))
    if name == "CARRY_CURVE":  # its rows are contracts: no two expire on one day
        assert error_of(outcome) is CellError.VALUE
        return
    only_cells(outcome.value)
    errors = {cell for cell in cells_of(outcome.value) if isinstance(cell, CellError)}
    if documents(name, "ZeroVariance") and name != "VAR_EVT":
        assert CellError.DIV0 in errors, outcome
    else:
        assert errors <= {CellError.DIV0, CellError.NUM, CellError.NA}
    assert bool(errors) is bool(outcome.reason)


def must_be_positive(name, index):
    """Whether a series holds prices; cointegration takes any levels."""
    parameter = CATALOG[name].parameters[index]
    return name != "COINTEGRATION_TEST" and any(word in parameter.name for word in PRICES)


@each(("name", "index"), spoiled("series", where=must_be_positive))
def test_a_price_of_0_in_a_history_is_outside_the_domain(name, index):
    parameter = CATALOG[name].parameters[index]
    line = series_of(name)[index]
    for bad in (0.0, -1.0):
        outcome = with_argument(name, index, [[cell] for cell in (*line[:-1], bad)])
        assert error_of(outcome) is CellError.NUM
        assert parameter.name in outcome.reason


CORRELATIONS_OF_SERIES = spoiled(
    "matrix", where=lambda n, i: n in WITH_SERIES and CATALOG[n].parameters[i].name[0] == "c"
)
CORRELATIONS_OF_RANGES = spoiled("matrix", where=lambda n, i: n not in WITH_SERIES)


@each(("name", "index"), CORRELATIONS_OF_RANGES)
def test_impossible_correlations_of_the_assets_of_a_book_are_outside_the_domain(name, index):
    book = ["asset", "instrument", "quantity", "price", "account", "maintenance_rate"]
    given = {
        "positions": [book, *([asset, "linear", -1, 100, "A", 0.005] for asset in ("X", "Y"))],
        "accounts": [["account", "balance"], ["A", 500]],
        "volatilities": [["asset", "volatility"], ["X", 0.6], ["Y", 0.7]],
        "days": 7,
    }
    given["volatility"] = given["volatilities"]
    arguments = [given.get(parameter.name) for parameter in CATALOG[name].parameters]
    for bad, error in (
        ([[1, 1.5], [1.5, 1]], CellError.NUM),
        ([[1, -1.0001], [-1.0001, 1]], CellError.NUM),
        ([[1, 0.5], [-0.5, 1]], CellError.NUM),
        ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], CellError.VALUE),
        (1.5, CellError.NUM),
    ):
        arguments[index] = bad
        assert error_of(explain(name, *arguments)) is error


@each(("name", "index"), CORRELATIONS_OF_SERIES)
def test_impossible_correlations_are_outside_the_domain(name, index):
    size = len(next(iter(series_of(name).values())))
    one, other = ([float(i == j) for j in range(size)] for i in range(2))
    rest = [[float(i == j) for j in range(size)] for i in range(2, size)]
    for bad in (1.5, -1.0001):
        matrix = [[1.0, bad, *one[2:]], [bad, 1.0, *other[2:]], *rest]
        assert error_of(with_argument(name, index, matrix)) is CellError.NUM
    crooked = [[1.0, 0.5, *one[2:]], [-0.5, 1.0, *other[2:]], *rest]
    assert error_of(with_argument(name, index, crooked)) is CellError.NUM
    too_large = [[float(i == j) for j in range(size + 1)] for i in range(size + 1)]
    assert error_of(with_argument(name, index, too_large)) is CellError.VALUE


@each(("name", "index"), spoiled("text", where=lambda name, _: name != "XLHEDGE_WHY"))
def test_a_text_is_asked_for_where_one_is_needed(name, index):
    for bad, error in (
        (5.0, CellError.VALUE),
        (True, CellError.VALUE),
        ([["a"], ["b"]], CellError.VALUE),
        (CellError.NULL, CellError.NULL),
    ):
        assert error_of(with_argument(name, index, bad)) is error


@each(("name", "index"), spoiled("choice"))
def test_a_range_of_options_broadcasts_or_is_refused(name, index):
    option = CATALOG[name].parameters[index].choices[0]
    outcome = with_argument(name, index, [[option, "no such option", CellError.REF]])
    if CATALOG[name].elementwise:
        cells = outcome.value[0]
        assert cells[1:] == [CellError.VALUE, CellError.REF]
        assert cells[0] == cells_of(with_argument(name, index, option).value)[0]
    else:
        assert error_of(outcome) in (CellError.VALUE, CellError.REF)
        assert error_of(with_argument(name, index, [[option], [option]])) is CellError.VALUE


def elementwise_places(name):
    return [i for i, p in enumerate(CATALOG[name].parameters) if p.kind == "elementwise"]


@each("name", [name for name in CATALOG if len(elementwise_places(name)) > 1])
def test_ranges_that_do_not_fit_each_other_are_a_value_error(name):
    places = elementwise_places(name)
    arguments = list(baselines()[name])
    arguments += [None] * (places[1] + 1 - len(arguments))
    arguments[places[0]], arguments[places[1]] = [[1.0], [2.0]], [[1.0], [2.0], [3.0]]
    outcome = explain(name, *arguments)
    assert error_of(outcome) is CellError.VALUE
    assert CATALOG[name].parameters[places[1]].name in outcome.reason


@each(
    ("name", "index"), spoiled("elementwise", where=lambda name, index: not is_range(name, index))
)
def test_blanks_in_a_range_are_the_default_or_an_error_of_their_own_element(name, index):
    given, parameter = example(name, index), CATALOG[name].parameters[index]
    alone = cells_of(with_argument(name, index, None).value)
    outcome = with_argument(name, index, [[given], [None], [""]])
    cells = [row[0] for row in outcome.value]
    assert cells[1] == cells[2] == alone[0]
    if not parameter.optional and not parameter.blank:
        assert cells[1] is CellError.VALUE


@each(("name", "index"), spoiled("labelled", "record", where=is_range))
def test_a_missing_column_or_label_is_named(name, index):
    given, parameter = example(name, index), CATALOG[name].parameters[index]
    required = [column.name for column in columns_of(parameter.row) if column.required]
    for wanted in required:
        if parameter.kind == "labelled":
            place = given[0].index(wanted)
            cut = [[*row[:place], *row[place + 1 :]] for row in given]
            blank = [given[0], *([*r[:place], None, *r[place + 1 :]] for r in given[1:])]
        else:
            cut = [row for row in given if row[0] != wanted]
            blank = [[label, None if label == wanted else cell] for label, cell in given]
        for table in (cut, blank):
            outcome = with_argument(name, index, table)
            assert error_of(outcome) is CellError.VALUE
            assert wanted in outcome.reason
    if parameter.kind == "record":
        outcome = with_argument(name, index, [*given, ["surprise", 1.0]])
        assert error_of(outcome) is CellError.VALUE
        assert "surprise" in outcome.reason
