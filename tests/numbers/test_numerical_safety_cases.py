"""Degenerate series, books and matrices: the right value, or an honest error with its reason."""

import math
import random

import pytest
from judge import Verdict, formulas, judge
from judge_formula import column
from tables import each

from xlhedge import CellError, call
from xlhedge.catalog import explain

RNG = random.Random(9)
ROWS = 130
FORMULA = {formula.name: formula for formula in formulas()}


def walk(step, rows=ROWS, start=100.0):
    prices = [start]
    while len(prices) < rows:
        prices.append(prices[-1] * math.exp(step * RNG.gauss(0, 1)))
    return prices


def scaled(rows, factor):
    return [[cell * factor for cell in row] for row in rows]


SPOT = walk(0.01)
FUTURES = column([price * math.exp(0.001 * RNG.gauss(0, 1)) for price in SPOT])
RATES = [0.0]
while len(RATES) < ROWS:
    RATES.append(0.6 * RATES[-1] + 1e-4 * RNG.gauss(0, 1))
SPOT, RATES = column(SPOT), column(RATES)
NOISE = column([RNG.gauss(0, 0.01) for _ in range(600)])

CONSTANT = column([100.0] * ROWS)
GROWING = column([100 * 1.01**row for row in range(ROWS)])
LINE = column([0.1 * row for row in range(ROWS)])
ALTERNATING = column([3.0 + (-1) ** row for row in range(ROWS)])
EXPONENTIAL = column([1.1**row for row in range(ROWS)])
DETERMINED = column([2 + 0.9**row for row in range(ROWS)])
TWICE = [row for row in SPOT[: ROWS // 2] for _ in range(2)]
SAME_RETURNS = column([0.01] * 600)
STEPS = column([-0.05] * 60 + [0.01] * 540)
SHOCKED = [[1.0], *NOISE[1:]]
LONG_CONSTANT, LONG_GROWING = column([100.0] * 300), column([1.001**row for row in range(300)])

ERRORS = {
    "a constant market has no beta": ("BETA", CellError.DIV0, SPOT, CONSTANT),
    "nor has one that grows at one rate": ("BETA", CellError.DIV0, SPOT, GROWING),
    "a constant future hedges nothing": ("HEDGE_RATIO", CellError.DIV0, SPOT, CONSTANT),
    "nor does one that grows at one rate": ("HEDGE_RATIO", CellError.DIV0, SPOT, GROWING),
    "with weights neither": ("HEDGE_RATIO_EWMA", CellError.DIV0, SPOT, CONSTANT),
    "in the tail neither": ("HEDGE_RATIO_TAIL", CellError.DIV0, SPOT, CONSTANT),
    "a constant spot has no correlation": ("HEDGE_STATS", CellError.DIV0, CONSTANT, FUTURES),
    "nothing to remove": ("HEDGE_EFFECTIVENESS", CellError.DIV0, CONSTANT, FUTURES, 1.0),
    "a constant does not revert": ("OU_FIT", CellError.DIV0, CONSTANT, 1.0),
    "a line does not revert": ("OU_FIT", CellError.NUM, LINE, 1.0),
    "what explodes does not revert": ("OU_FIT", CellError.NUM, EXPONENTIAL, 1.0),
    "what alternates is no such process": ("OU_FIT", CellError.NUM, ALTERNATING, 1.0),
    "a constant has no unit root": ("ADF_TEST", CellError.DIV0, CONSTANT),
    "a line leaves nothing to test": ("ADF_TEST", CellError.DIV0, LINE),
    "nor what alternates": ("ADF_TEST", CellError.DIV0, ALTERNATING),
    "nor what its past determines": ("ADF_TEST", CellError.DIV0, DETERMINED),
    "nor what explodes": ("ADF_TEST", CellError.DIV0, EXPONENTIAL),
    "a series and itself": ("COINTEGRATION_TEST", CellError.DIV0, SPOT, SPOT),
    "a multiple of it": ("COINTEGRATION_TEST", CellError.DIV0, SPOT, scaled(SPOT, 3.0)),
    "a constant future": ("COINTEGRATION_TEST", CellError.DIV0, SPOT, CONSTANT),
    "a constant basis does not revert": (
        "BASIS_VAR", CellError.DIV0, SPOT, scaled(SPOT, 2.0), 100.0, 0.99, 1, "ou",
    ),
    "constant returns have no moments": ("VAR_CORNISH_FISHER", CellError.DIV0, SAME_RETURNS, 1.0),
    "an outlier of 100 deviations is not near normal": (
        "VAR_CORNISH_FISHER", CellError.NUM, SHOCKED, 1.0, 0.99,
    ),
    "constant returns have no tail": ("VAR_EVT", CellError.NA, SAME_RETURNS, 1.0),
    "losses that are all the same have no law": (
        "VAR_EVT", CellError.DIV0, STEPS, 1.0, 0.99, 0.9,
    ),
    "constant returns cannot be filtered": ("VAR_FILTERED", CellError.DIV0, SAME_RETURNS, 1.0),
    "constant prices have no clusters": ("VOL_GARCH", CellError.DIV0, LONG_CONSTANT),
    "nor have prices that grow at one rate": ("VOL_GARCH", CellError.DIV0, LONG_GROWING),
    "constant funding has no law": (
        "JOINT_FIT", CellError.DIV0, SPOT, FUTURES[1:] + FUTURES[:1], column([1e-4] * ROWS),
    ),
    "no basis has no law": ("JOINT_FIT", CellError.DIV0, SPOT, SPOT, RATES),
    "no assets move like this": (
        "PORTFOLIO_VOL", CellError.NUM, [[1.0]] * 3, [[0.5]] * 3,
        [[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]],
    ),
    "three cannot all be opposite": (
        "VAR_COVARIANCE", CellError.NUM, [[1.0]] * 3, [[0.5]] * 3,
        [[1.0, -0.6, -0.6], [-0.6, 1.0, -0.6], [-0.6, -0.6, 1.0]],
    ),
    "a correlation above 1 by more than rounding": (
        "PORTFOLIO_VOL", CellError.NUM, [[1.0]] * 2, [[1.0]] * 2, 1.00000001,
    ),
    "no price liquidates what the wallet covers": (
        "LIQ_PRICE", CellError.NA, 1.0, 1e-8, 1e-8, 0.005,
    ),
    "no volatility reaches less than the basis leaves": (
        "VOL_TARGET_HEDGE", CellError.NUM, 1e-8, 0.5, 0.1,
    ),
}  # fmt: skip


@each("case", ERRORS)
def test_what_has_no_answer_is_an_error_that_tells_why(case):
    name, error, *cells = ERRORS[case]
    outcome = explain(name, *cells)
    assert outcome.value is error, (outcome.value, outcome.reason)
    assert outcome.reason
    assert "unexpectedly" not in outcome.reason
    assert call("XLHEDGE_WHY", name, *cells) == outcome.reason


FEW, FEW_FUTURES = SPOT[:26], FUTURES[:26]
FEW_TWICE = [row for row in SPOT[:13] for _ in range(2)]
OUTLIER = [*FEW[:12], [FEW[12][0] * 2.7], *FEW[13:]]
SLOW = column([math.exp(-1e-9 * row) + 1e-12 * RNG.gauss(0, 1) for row in range(26)])
FAR_UP = column([1e8 + RNG.gauss(0, 1) for _ in range(26)])
TINY = scaled(column([RNG.gauss(0, 1) for _ in range(26)]), 1e-8)
ALL_ONE = [[1.0] * 4 for _ in range(4)]
NEARLY_ALL_ONE = [[1.0 if i == j else 1 - 1e-14 for j in range(4)] for i in range(4)]
FIVE = column([1.0, -2.0, 0.5, 0.5000001])

VALUES = {
    "a hedge that copies its coin": ("HEDGE_STATS", FEW, FEW, 1),
    "rows that come twice": ("HEDGE_STATS", FEW_TWICE, FEW_FUTURES, 1),
    "an outlier of 100 deviations": ("HEDGE_STATS", OUTLIER, FEW_FUTURES, 1),
    "a basis with an outlier": ("BASIS_STATS", OUTLIER, FEW_FUTURES, 8.0),
    "a tiny basis on large prices": (
        "BASIS_STATS", scaled(FEW, 1e6), [[1e6 * row[0] * (1 + 1e-9 * RNG.gauss(0, 1))]
                                          for row in FEW], 8.0,
    ),
    "a hedge that removes next to nothing": (
        "HEDGE_EFFECTIVENESS", FEW, FEW_FUTURES, 1e-13, "variance", 0.95,
    ),
    "the same as a deviation": ("HEDGE_EFFECTIVENESS", FEW, FEW_FUTURES, 1e-13, "sd", 0.95),
    "a hedge that removes next to all": (
        "HEDGE_EFFECTIVENESS", FEW, [[row[0] * (1 + 1e-13 * i)] for i, row in enumerate(FEW)], 1.0,
        "variance", 0.95,
    ),
    "a root next to 1": ("OU_FIT", SLOW, 1.0),
    "a series far from 0": ("OU_FIT", FAR_UP, 1.0),
    "a series of tiny numbers": ("OU_FIT", TINY, 1.0),
    "a series that its past determines": ("OU_FIT", DETERMINED[:26], 1.0),
    "a test far from 0": ("ADF_TEST", FAR_UP, 2),
    "a test of tiny numbers": ("ADF_TEST", TINY, 2),
    "prices of 1e8 against prices of 1e-8": (
        "COINTEGRATION_TEST", scaled(FEW, 1e6), scaled(FEW_FUTURES, 1e-10),
    ),
    "the volatility of an outlier": ("VOL_EWMA", OUTLIER, 0.94, 365.0),
    "the volatility of rows that come twice": ("VOL_REALIZED", FEW_TWICE, 365.0),
    "the volatility of a price that grows at one rate": ("VOL_REALIZED", GROWING[:26], 365.0),
    "one asset in four names": ("VAR_CONTRIBUTION", FIVE, [[0.5]] * 4, ALL_ONE, 0.99, 1.0),
    "nearly one asset": ("VAR_CONTRIBUTION", FIVE, [[0.5]] * 4, NEARLY_ALL_ONE, 0.99, 1.0),
    "tiny rates compound": ("FUNDING_ANNUAL", column([1e-15] * 50), 8.0, "compound"),
    "tiny rates of both signs": (
        "FUNDING_ANNUAL", column([(-1) ** i * 1e-12 + 1e-16 for i in range(50)]), 8.0, "compound",
    ),
    "a long product": ("FUNDING_ANNUAL", column([0.0001 * (i % 7) for i in range(2000)]), 1.0,
                       "compound"),
    "a coin of 1e-8 that trebles": (
        "CONTRACT_PNL", 1e8, 1e-8, 3e-8, 1.0, "inverse",
    ),
    "the smallest tick of a large price": (
        "CONTRACT_PNL", -3.0, 1e8, 100000000.00000001, 1.0, "inverse",
    ),
    "a carry of one tick": ("CARRY_RATE", 1e8, 100000000.00000001, 90.0, "annual"),
    "a future that lost nearly all": ("CARRY_RATE", 1e8, 1e-8, 90.0, "continuous"),
}  # fmt: skip


@each("case", VALUES)
def test_a_degenerate_case_is_right_within_its_condition_number(case):
    name, *cells = VALUES[case]
    verdict = Verdict()
    # The long product's condition number takes a minute, and is not needed.
    judge(FORMULA[name], tuple(cells), verdict, measured=False)
    assert not verdict.failures, verdict.failures[0]


@each("power", [10, 30, 45, 50, 52])
def test_a_hedge_keeps_every_digit_of_what_its_correlation_lacks_to_1(power):
    lack = 2.0**-power
    left = call("PORTFOLIO_VOL", [[1.0], [-1.0]], [[0.6], [0.6]], 1 - lack)
    assert left == pytest.approx(0.6 * math.sqrt(2 * lack), rel=4e-16)
    parts = call("VAR_CONTRIBUTION", [[1.0], [-1.0]], [[0.6], [0.6]], 1 - lack)
    assert parts[0][0] == pytest.approx(parts[1][0], rel=4e-16)
    assert call("PORTFOLIO_VOL", [[1.0], [1.0]], [[0.6], [0.6]], lack - 1) == left


@each("size", [2, 3, 7])
def test_a_perfect_hedge_has_no_risk_at_all(size):
    ones = [[1.0] * size for _ in range(size)]
    amounts = column([0.1] * (size - 1) + [-0.1 * (size - 1)])
    assert call("PORTFOLIO_VOL", amounts, [[0.3]] * size, ones) == 0
    assert call("VAR_CONTRIBUTION", amounts, [[0.3]] * size, ones) == [[0.0]] * size


@each(
    ("name", "extra"),
    [
        ("BETA", ()), ("HEDGE_RATIO", ()), ("HEDGE_RATIO_EWMA", ()), ("HEDGE_RATIO_TAIL", ()),
        ("HEDGE_STATS", ()), ("HEDGE_EFFECTIVENESS", (0.9,)), ("BASIS_STATS", ()),
        ("BASIS_VAR", (1000.0, 0.95, 2, "empirical")), ("COINTEGRATION_TEST", ()),
    ],
)  # fmt: skip
@each("power", [-27, 27])
def test_prices_in_another_unit_give_the_same_bits(name, extra, power):
    unit = 2.0**power
    here = call(name, SPOT, FUTURES, *extra)
    assert call(name, scaled(SPOT, unit), scaled(FUTURES, unit), *extra) == here


@each("name", ["VOL_REALIZED", "VOL_EWMA", "VOL_HAR", "RETURNS", "ADF_TEST"])
@each("power", [-27, 27])
def test_one_series_in_another_unit_gives_the_same_bits(name, power):
    assert call(name, scaled(SPOT, 2.0**power)) == call(name, SPOT)


@each("shock", [1e-15, 1e-9, -1e-12])
def test_the_smallest_shock_has_its_own_profit(shock):
    book = [["asset", "instrument", "quantity", "price"], ["A", "linear", 3.0, 1e8]]
    profit = call("STRESS_GRID", book, shock, 0.0)
    assert profit == pytest.approx(3e8 * shock, rel=1e-15)
