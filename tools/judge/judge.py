"""mpmath as the judge of closed formulas: an independent value, its condition number, a verdict.

    python tools/judge/judge.py --points 2000 [--measure] [--only LIQ_PRICE]

A `Formula` draws arguments and knows the value at 50 digits, from the formula in the manual and
never from our own code. Floats are taken for exactly what they are. A result may be wrong by 1e-12
times the condition number, the sum over the inputs of |x f'(x)/f(x)|, at least 1; the derivatives
are taken by mpmath too. Where a value is 0 the same sum without the division is the measure.
"""

import argparse
import random
import time
from dataclasses import dataclass, field

import judge_closed
import judge_margin
import judge_risk
import judge_series
import judge_stress
import mpmath as mp
from mpmath import mpf

from xlhedge import CellError
from xlhedge.catalog import explain

STEP = mpf("1e-22")
"""Relative step of the derivatives: far above 50 digits, far below any curvature."""

BOUND = mpf("1e-12")
UNDERFLOW = mpf("1e-290")
"""Below this, floating point may give 0."""

TELLS_NOTHING = mpf("1e12")
"""From this condition number on any answer is within the bound."""


@dataclass
class Verdict:
    """What the points of one formula came to."""

    points: int = 0
    silent: int = 0
    errors: int = 0
    worst: float = 0.0
    raw: float = 0.0
    condition: float = 0.0
    failures: list = field(default_factory=list)


def exact(cell):
    """The cell with mpf for every float, in lists and rows too."""
    if isinstance(cell, float):
        return mpf(cell)
    return [exact(item) for item in cell] if isinstance(cell, list) else cell


def leaves(cell, place=()):
    """Places of all mpf numbers other than 0."""
    if isinstance(cell, mpf):
        if cell:
            yield place
    elif isinstance(cell, list | tuple):
        for index, item in enumerate(cell):
            yield from leaves(item, (*place, index))


def moved(cell, place):
    """A copy in which the number at `place` is larger by `STEP`."""
    if not place:
        return cell * (1 + STEP)
    copy = list(cell)
    copy[place[0]] = moved(copy[place[0]], place[1:])
    return copy


def flat(value):
    """The numbers of a truth, as one list."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [number for item in value for number in flat(item)]
    return [value]


def found_numbers(got, want):
    """The numbers of a cell value that stand where the truth has its own."""
    if isinstance(want, dict):
        if not isinstance(got, list):
            return [got]
        # A table of label, value and more, or a header with one row under it.
        lines = zip(*got, strict=True) if len(got) == 2 < len(got[0]) else got
        table = {label: value for label, value, *_ in lines}
        return [table[label] for label in want]
    return flat(got)


def sensitivities(formula, arguments, want):
    """Σ |x f'(x)| over the inputs, for each number of the truth."""
    totals = [mpf(0)] * len(want)
    for place in leaves(arguments):
        other = flat(formula.truth(*moved(arguments, place)))
        if len(other) != len(want):
            return [mp.inf] * len(want)
        totals = [
            total + (abs(b - a) / STEP if isinstance(a, mpf) else 0)
            for total, a, b in zip(totals, want, other, strict=True)
        ]
    return totals


def judge(formula, cells, verdict, *, measured=True):
    """Judge one point; a failure is noted in the verdict.

    Without `measured` the condition number is left out where the answer is right to 1e-12 anyhow.
    """
    outcome = explain(formula.name, *cells)
    arguments = [exact(cell) for cell in cells]
    truth = formula.truth(*arguments)
    verdict.points += 1
    if isinstance(truth, CellError):
        verdict.errors += 1
        if outcome.value is not truth or not outcome.reason:
            verdict.failures.append(f"{formula.name}{cells}: {outcome.value}, want {truth}")
        return
    want = flat(truth)
    whole = isinstance(outcome.value, CellError)
    got = [outcome.value] * len(want) if whole else found_numbers(outcome.value, truth)
    scales, refusals = None, []
    for index, (right, given) in enumerate(zip(want, got, strict=True)):
        problem = ""
        if isinstance(right, mpf) and isinstance(given, float):
            error = abs(mpf(given) - right)
            if error < UNDERFLOW:
                continue
            if not measured and error <= BOUND * abs(right):
                verdict.raw = max(verdict.raw, float(error / abs(right)))
                continue
            scales = sensitivities(formula, arguments, want) if scales is None else scales
            problem = weigh(formula, error, right, max(abs(right), scales[index]), verdict)
        elif isinstance(right, mpf) and isinstance(given, CellError):
            scales = sensitivities(formula, arguments, want) if scales is None else scales
            refusals.append(scales[index] >= TELLS_NOTHING * abs(right))
            problem = "" if whole or refusals[-1] else "refused"
        elif right != given:
            problem = "of another kind"
        if problem:
            said = f"{given!r} ({outcome.reason or 'ok'}), want {right}, {problem}"
            verdict.failures.append(f"{formula.name}{cells}[{index}]: {said}")
    # To refuse is honest where the inputs' own last digit decides, and nowhere else.
    verdict.errors += bool(refusals)
    if whole and not (any(refusals) and outcome.reason):
        verdict.failures.append(f"{formula.name}{cells}: {outcome.value} ({outcome.reason})")


def weigh(formula, error, right, scale, verdict):
    """Note an error in the verdict; in words what is wrong with it, if anything."""
    condition = scale / abs(right) if right else mp.inf
    verdict.silent += condition >= TELLS_NOTHING
    verdict.worst = max(verdict.worst, float(error / scale))
    verdict.raw = max(verdict.raw, float(error / abs(right)) if right else 0.0)
    verdict.condition = max(verdict.condition, float(condition))
    if error <= BOUND * (abs(right) if formula.sharp else scale):
        return ""
    relative = mp.nstr(error / (abs(right) or 1), 3)
    return f"error {relative} at condition {mp.nstr(condition, 3)}"


def run(formula, points, seed=0, *, measured=True):
    """Judge many points, the same for the same seed."""
    rng = random.Random(f"{formula.name} {seed}")
    verdict = Verdict()
    for _ in range(points):
        judge(formula, formula.draw(rng), verdict, measured=measured)
    return verdict


def formulas():
    """Every formula that is judged, by all modules."""
    modules = (judge_closed, judge_risk, judge_margin, judge_series, judge_stress)
    return [formula for module in modules for formula in module.FORMULAS]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--points", type=int, default=2000, help="per formula of 30 in short runs")
    parser.add_argument("--measure", action="store_true", help="condition numbers of all points")
    parser.add_argument("--only", help="one function")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for formula in formulas():
        if options.only not in {None, formula.name}:
            continue
        started = time.perf_counter()
        points = max(1, options.points * formula.few // 30)
        verdict = run(formula, points, options.seed, measured=options.measure)
        print(
            f"{formula.group:<10} {formula.name:<22} {verdict.points:>6} points, "
            f"{verdict.errors} refused, {verdict.silent} beyond 1e12, "
            f"error/condition {verdict.worst:.1e}, error {verdict.raw:.1e}, "
            f"condition {verdict.condition:.1e}, {len(verdict.failures)} failures, "
            f"{time.perf_counter() - started:.1f} s",
            flush=True,
        )
        for failure in verdict.failures[:3]:
            print("   ", failure[:1500], flush=True)


if __name__ == "__main__":
    main()
