"""Backtests of values at risk of books of BTC and ETH, as docs/calibration.md prints them."""

import math

import numpy as np

from xlhedge.core.book.history import History
from xlhedge.core.book.ranges import Positions
from xlhedge.core.risk.backtest import backtest
from xlhedge.core.risk.historical import filtered_var
from xlhedge.core.risk.joint_model import TwoFactorModel, persistences
from xlhedge.core.risk.shortfall_backtest import es_backtest
from xlhedge.core.risk.simulation import Book, simulate
from xlhedge.core.risk.windows import book_windows
from xlhedge.core.sizing.ratios import min_variance_ratio
from xlhedge.core.statistics.clustering import correlations_of, fit_clustering
from xlhedge.core.statistics.stable import log_differences, log_ratio
from xlhedge.core.statistics.tail import tail_risk
from xlhedge.core.statistics.two_factor import filter_two_factors, fit_two_factors
from xlhedge.errors import HedgeError

YEAR, DAY, MONTH = 1095, 3, 90
HEDGES = (0.0, 0.5, 1.0)
PATHS, SEED = 5000, 42
AT_ONCE = 60
"""Fits whose volatilities run through the rows together."""


def joint_models(spot, perpetual, funding, ends):
    """JOINT_FIT on the year up to each end, as VAR_JOINT reads it; many at once."""
    basis = log_ratio(spot, perpetual)
    for first in range(0, len(ends), AT_ONCE):
        chunk, laws, shocks = ends[first : first + AT_ONCE], [], []
        for end in chunk:
            part = slice(end + 1 - YEAR, end + 1)
            pair = [fit_two_factors("rows", line[part], 8) for line in (basis, funding)]
            states = [
                filter_two_factors(line[part], law)
                for line, law in zip((basis, funding), pair, strict=True)
            ]
            laws.append((pair, states))
            shocks += [log_differences(spot[part]), *(state.shocks[1:] for state in states)]
        fit = fit_clustering(np.array(shocks), np.tile(persistences(8), len(chunk)))
        for k, (pair, states) in enumerate(laws):
            three = slice(3 * k, 3 * k + 3)
            yield TwoFactorModel(
                means=fit.mean[three],
                variances=fit.now[three],
                freedoms=fit.freedom[three],
                mu=np.array([law.mu for law in pair]),
                slow=np.array([state.slow for state in states]),
                fast=np.array([state.fast for state in states]),
                rho=np.array([law.rho for law in pair]),
                phi=np.array([law.phi for law in pair]),
                kappa=np.array([law.kappa for law in pair]),
                correlations=correlations_of(fit.standardised[three]),
                interval_hours=8.0,
                has_funding=True,
            )


def realised(spot, perpetual, funding, start, rows):
    """Profit and loss of one coin, and of one perpetual sold, from a row on."""
    after = slice(start + 1, start + rows + 1)
    paid = float(np.sum(funding[after] * perpetual[after]))
    return spot[start + rows] - spot[start], perpetual[start] - perpetual[start + rows] + paid


def legs(markets, coin, future, end, rows, method):
    """Profit and loss of one coin and of one perpetual sold, in each window of the year."""
    part = slice(end + 1 - YEAR, end + 1)
    columns = {}
    for name in dict.fromkeys((coin, future)):
        _, spot, perpetual, funding = markets[name]
        columns[f"{name} spot"], columns[f"{name} futures"] = spot[part], perpetual[part]
        columns[f"{name} funding"] = funding[part]
    book = Positions(
        asset=np.array([coin, future]),
        instrument=np.array(["spot", "linear"]),
        quantity=np.array([1.0, -1.0]),
        price=np.array([markets[coin][1][end], markets[future][2][end]]),
    )
    return book_windows(book, History(columns=columns), rows, method, 0.97, None).of_legs()


def samples(markets, coin, future, ends, rows, *, joint):
    """Per end and method, the losses' sample of a coin and of a perpetual sold."""
    _, spot, perpetual, funding = markets[future]
    models = joint_models(spot, perpetual, funding, ends) if joint else None
    for end in ends:
        found = {
            name: legs(markets, coin, future, end, rows, name) for name in ("windows", "scaled")
        }
        if models is not None:
            model = next(models)
            parts = simulate(model, Book(0.0, -1.0, spot[end]), rows, PATHS, SEED)
            found["joint"] = np.array([-parts[0] * math.exp(model.basis), parts.sum(axis=0)])
        yield end, found


def ratios(markets, coin, future, end):
    """Perpetuals sold per coin: the hedges tried, or the minimum-variance one of a proxy."""
    if coin == future:
        return {f"hedge {hedge:g}": hedge for hedge in HEDGES}
    part = slice(end + 1 - YEAR, end + 1)
    ratio = min_variance_ratio(markets[coin][1][part], markets[future][2][part], DAY)
    return {"proxy": ratio * markets[coin][1][end] / markets[future][2][end]}


def past(markets, coin, future, end, held):
    """The year's 8-hour and one-day returns of the book at their own prices, on today's value."""
    part = slice(end + 1 - YEAR, end + 1)
    spot, perpetual, funding = markets[coin][1][part], *(markets[future][k][part] for k in (2, 3))
    steps = np.diff(spot) - held * (np.diff(perpetual) - perpetual[1:] * funding[1:])
    day = np.convolve(steps, np.ones(DAY), "valid") / spot[:-DAY]
    return steps / spot[:-1], day


def one_day(markets, coin, future, hour):
    """Per book and method: exceptions and tests at 99, 95 and 97.5 %."""
    times = markets[coin][0]
    ends = [i for i in range(YEAR - 1, len(times) - DAY) if times[i].endswith(hour)]
    pnl, forecasts = {}, {}
    for end, found in samples(markets, coin, future, ends, DAY, joint=coin == future):
        gains = (
            realised(*markets[coin][1:], end, DAY)[0],
            realised(*markets[future][1:], end, DAY)[1],
        )
        for book, held in ratios(markets, coin, future, end).items():
            pnl.setdefault(book, []).append(gains[0] + held * gains[1])
            eight, day = past(markets, coin, future, end, held)
            value = markets[coin][1][end]
            losses = {name: -(both[0] + held * both[1]) for name, both in found.items()}
            losses["historical"] = -value * day
            figures = forecasts.setdefault(book, {})
            for name, sample in losses.items():
                line = [tail_risk(sample, level) for level in (0.99, 0.95, 0.975)]
                figures.setdefault(name, []).append([*line, tail_risk(sample, 0.975, "es")])
            if hour == "T00":
                quick = np.maximum(eight, -0.999)
                figures.setdefault("filtered", []).append(
                    [filtered_var(quick, value, 0.99, DAY, "var", 0.94, PATHS)]
                )
    return {
        book: {name: tests(np.array(pnl[book]), np.array(lines)) for name, lines in each.items()}
        for book, each in forecasts.items()
    }


def tests(pnl, lines):
    """Figures of one row of the table."""
    first = backtest(pnl, lines[:, 0], 0.99)
    row = [first["exceptions"], first["kupiec_p"], first["christoffersen_p"]]
    if lines.shape[1] > 1:
        second = backtest(pnl, lines[:, 1], 0.95)
        row += [second["exceptions"], second["kupiec_p"]]
        try:
            third = es_backtest(pnl, lines[:, 2], np.maximum(lines[:, 3], lines[:, 2]), 0.975)
            row += [third["z2"], third["zone"]]
        except HedgeError:
            row += ["", ""]
    return len(pnl), row


def one_month(markets, coin, future):
    """Per book and method: exceptions at 95 and 99 % from six offsets, 15 rows apart."""
    counts = {}
    for offset in range(6):
        ends = list(range(YEAR - 1 + 15 * offset, len(markets[coin][0]) - MONTH, MONTH))[:61]
        hits = {}
        for end, found in samples(markets, coin, future, ends, MONTH, joint=coin == future):
            gains = (
                realised(*markets[coin][1:], end, MONTH)[0],
                realised(*markets[future][1:], end, MONTH)[1],
            )
            for book, held in ratios(markets, coin, future, end).items():
                for name, both in found.items():
                    sample, loss = -(both[0] + held * both[1]), -(gains[0] + held * gains[1])
                    hit = [loss > tail_risk(sample, level) for level in (0.95, 0.99)]
                    hits.setdefault((book, name), []).append(hit)
        for key, lines in hits.items():
            counts.setdefault(key, []).append(np.sum(lines, axis=0).tolist())
    return counts


def shown(value):
    return value if isinstance(value, str) else f"{value:.3g}"


def print_day(markets, coin, future):
    print(f"\n{coin}, hedged with {future}, one day\n")
    head = "book | method | from | days | 99 %: exceptions | Kupiec p | Christoffersen p"
    print(f"| {head} | 95 %: exceptions | Kupiec p | Z2 at 97.5 % | zone |")
    print("|---" * 11 + "|")
    results = {hour: one_day(markets, coin, future, hour) for hour in ("T00", "T08", "T16")}
    for book in results["T00"]:
        for name in ("historical", "filtered", "joint", "windows", "scaled"):
            for hour, tables in results.items():
                if name in tables[book]:
                    days, row = tables[book][name]
                    cells = [shown(cell) for cell in row] + [""] * (7 - len(row))
                    print(f"| {book} | {name} | {hour[1:]}:00 | {days} |", " | ".join(cells), "|")


def print_month(markets, coin, future):
    print(f"\n{coin}, hedged with {future}, 30 days, 61 periods from each of six offsets\n")
    print("| book | method | exceptions at 95 % (3 due) | at 99 % (0.6 due) |\n|---|---|---|---|")
    for (book, name), counts in one_month(markets, coin, future).items():
        cells = [", ".join(str(count[k]) for count in counts) for k in (0, 1)]
        print(f"| {book} | {name} | {cells[0]} | {cells[1]} |")
