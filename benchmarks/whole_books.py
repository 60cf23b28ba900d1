"""Whole books and the joint model, against numpy and scipy doing the same."""

from functools import partial

import numpy as np

from benchmarks._measure import compare
from xlhedge.core.book.history import History
from xlhedge.core.book.ranges import Positions
from xlhedge.core.risk.book import book_var
from xlhedge.core.risk.joint_model import TwoFactorModel
from xlhedge.core.risk.paths import Book, simulate_block

ROWS, ASSETS, PATHS, INTERVALS = 6_000, 10, 4_096, 90


def market():
    rng = np.random.default_rng(1)
    spot = 100 * np.exp(np.cumsum(0.01 * rng.standard_normal((ASSETS, ROWS)), axis=1))
    futures = spot * np.exp(-0.001 * rng.standard_normal((ASSETS, ROWS)))
    return spot, futures, 1e-4 + 1e-4 * rng.standard_normal((ASSETS, ROWS))


def script(spot, futures, rates):
    """BOOK_VAR's scaled windows of one row, for a coin of each asset and its future sold."""
    from scipy import signal

    start, end = slice(20, ROWS - 1), slice(21, ROWS)

    def average(values, decay):
        first = values[:, :20].mean(axis=1, keepdims=True)
        rest, _ = signal.lfilter([1 - decay], [1, -decay], values[:, 20:], zi=decay * first)
        return np.concatenate([first, rest], axis=1)

    def scale(moves):
        variances = average(moves**2, 0.97)
        return np.sqrt(variances[:, -1:] / variances[:, : ROWS - 21])

    logs = np.log(spot)
    basis = logs - np.log(futures)
    growth = np.exp(scale(np.diff(logs)) * (logs[:, end] - logs[:, start]))
    future = growth * np.exp(-scale(np.diff(basis)) * (basis[:, end] - basis[:, start]))
    levels = average(rates, 0.985)
    paid = rates[:, end] * futures[:, end] / futures[:, start]
    paid = paid + levels[:, -1:] - levels[:, 1 : ROWS - 20]
    total = (100 * (growth - 1) - 100 * (future - 1) + 100 * paid).sum(axis=0)
    return np.quantile(-total, 0.99), np.partition(-total, len(total) - 60)[-60:].mean()


def risk(quick):
    """Row 11."""
    rounds = 5 if quick else 15
    spot, futures, rates = market()
    columns = {}
    for k in range(ASSETS):
        columns |= {f"A{k} spot": spot[k], f"A{k} futures": futures[k], f"A{k} funding": rates[k]}
    book = Positions(
        asset=np.repeat([f"A{k}" for k in range(ASSETS)], 2),
        instrument=np.tile(["spot", "linear"], ASSETS),
        quantity=np.tile([1.0, -1.0], ASSETS),
        price=np.full(2 * ASSETS, 100.0),
    )
    name = "BOOK_VAR, 20 positions over 6,000 rows / numpy and scipy"
    ours, theirs = (
        partial(book_var, book, History(columns=columns)),
        partial(script, spot, futures, rates),
    )
    yield compare(11, name, ours, theirs, rounds, most=2)
    pair = np.full(2, 0.5)
    model = TwoFactorModel(
        np.full(3, 1e-4), np.full(3, 1e-4), np.array([3.0, 7.0, 2.7]), 0 * pair, 0 * pair, 0 * pair,
        1.98 * pair, pair, 0.2 * pair, np.eye(3), 8.0, True,
    )  # fmt: skip

    def simulated():
        rng = np.random.default_rng(1)
        simulate_block(model, Book(1.0, -1.0, 70_000.0), INTERVALS, np.empty((3, PATHS)), rng)

    def drawn():
        rng = np.random.default_rng(1)
        normals, gammas = np.empty((3, PATHS)), np.empty(PATHS)
        for interval in range(INTERVALS):
            rng.standard_normal(out=normals)
            for freedom in (7.0, 2.7, *([3.0] if interval % 3 == 0 else [])):
                rng.standard_gamma(freedom / 2, out=gammas)

    name = "VAR_JOINT, 4,096 paths of 90 intervals / drawing its numbers"
    yield compare(11, name, simulated, drawn, rounds, most=2)
