"""Closed formulas against mpmath: 1e-12 times the condition number; `judge.py` says how."""

import math

import pytest
from judge import formulas, run

from xlhedge import call
from xlhedge.catalog import CATALOG

MANY = 10
"""The long round is so many times the short one."""

ALL = formulas()


def identity(formula):
    return formula.name


@pytest.mark.parametrize("formula", ALL, ids=identity)
def test_a_formula_is_right_within_its_condition_number(formula):
    verdict = run(formula, formula.few, measured=False)
    assert not verdict.failures, "\n".join(verdict.failures[:3])


@pytest.mark.slow
@pytest.mark.parametrize("formula", ALL, ids=identity)
def test_a_formula_is_right_within_its_condition_number_at_many_points(formula):
    verdict = run(formula, MANY * formula.few, seed=1, measured=False)
    assert not verdict.failures, "\n".join(verdict.failures[:3])


def test_the_judge_finds_a_digit_that_is_wrong(monkeypatch):
    from dataclasses import replace

    carry = next(formula for formula in ALL if formula.name == "CARRY_RATE")
    wrong = replace(carry, truth=lambda *a: carry.truth(*a) * (1 + carry.truth(*a) * 0 + 2e-12))
    assert run(wrong, 10).failures


@pytest.mark.parametrize("fall", [1e-3, 1e-6, 1e-9, 1e-15])
def test_a_price_that_falls_to_nearly_nothing_keeps_the_digits_of_its_log_return(fall):
    log_return = call("RETURNS", [[80.0], [80.0 * fall]])
    assert log_return == pytest.approx(math.log(fall), rel=1e-15)


NOT_JUDGED = {
    "HEDGE_RATIO_TAIL": "a search, to 1e-6",
    "VAR_FILTERED": "a simulation",
    "VAR_JOINT": "a simulation",
    "JOINT_FIT": "a search on a grid; golden rows go row by row",
    "HEDGE_RATIOS": "a library's least squares; golden rows by another",
    "HEDGE_ROLLING": "HEDGE_STATS, window by window",
    "CARRY_CURVE": "CARRY_RATE, row by row",
    "ROLL_COST": "arithmetic; golden rows by hand",
    "FUNDING_FORECAST": "JOINT_FIT's search; golden rows go payment by payment",
    "ES_BACKTEST": "a bootstrap",
    "BOOK_VAR": "golden rows of 30 digits, window by window",
    "BOOK_PNL": "golden rows of 30 digits, window by window",
    "BOOK_CONTRIBUTION": "golden rows of 30 digits, window by window",
    "ACCOUNT_STATUS": "the engine of MARGIN_RATIO; golden rows",
    "ACCOUNT_LIQUIDATION": "the engine of LIQ_PRICE_CROSS; held against a walk in small steps",
    "ACCOUNT_PROBABILITY": "a simulation",
    "ACCOUNT_BUFFER": "a simulation",
    "STRESS_ACCOUNTS": "the engine of STRESS_PNL, whose sums it adds up to",
    "VOL_GARCH": "a likelihood that a library maximises",
    "STRESS_SCENARIOS": "a library of events",
    "XLHEDGE_WHY": "a sentence",
    "XLHEDGE_VERSION": "a text",
}


def test_every_other_function_is_judged():
    assert {formula.name for formula in ALL} | set(NOT_JUDGED) == set(CATALOG)
    assert not {formula.name for formula in ALL} & set(NOT_JUDGED)
