"""Rows 1, 2, 3 and 6: worksheet functions against what else would give the same numbers."""

import os
import subprocess
import sys
import warnings
from functools import partial

import numpy as np

from benchmarks._market import MODEL, TIERS, clustered, column, positions, returns, spot_and_future
from benchmarks._measure import (
    WALL,
    agree,
    alternate,
    compare,
    left_out,
    repeated,
    timed,
    within,
)
from xlhedge import call
from xlhedge.core.basis import stationarity
from xlhedge.core.book.ranges import Tiers
from xlhedge.core.margin import liquidation
from xlhedge.core.risk import historical, simulation, tails
from xlhedge.core.risk.joint_model import JointModel
from xlhedge.core.sizing import contracts as sizing
from xlhedge.core.volatility import estimators as volatility
from xlhedge.core.volatility.garch import STARTS


def tiered():
    return Tiers(*(np.array(part, dtype=float) for part in zip(*TIERS[1:], strict=True)))


def plain_loop(contracts, prices, wallets):
    """LIQ_PRICE by tiers as one would write it for lists, element by element."""
    floors = [float(row[0]) for row in TIERS[1:]]
    rates = [row[1] for row in TIERS[1:]]
    amounts = [0.0]
    for i in range(1, len(rates)):
        amounts.append(amounts[-1] + floors[i] * (rates[i] - rates[i - 1]))
    found = []
    for contract, price, wallet in zip(contracts, prices, wallets, strict=True):
        if price <= 0 or contract == 0:
            raise ValueError("no position")
        side = 1.0 if contract > 0 else -1.0
        shortfall = abs(contract) * price - side * wallet
        tier = 0
        for i in range(1, len(floors)):
            if floors[i] - side * (rates[i] * floors[i] - amounts[i]) >= shortfall:
                break
            tier = i
        notional = (shortfall - side * amounts[tier]) / (1 - side * rates[tier])
        if notional <= 0:
            raise ValueError("no price liquidates it")
        found.append(notional / abs(contract))
    return found


def column_of_positions(quick):
    """Row 1."""
    rounds, count = (5, 10_000) if quick else (15, 10_000)
    arrays = positions(count)
    cells = [column(values) for values in arrays]
    lists = [values.tolist() for values in arrays]
    rest = (None, 1, "linear", 0, 0, "mark", TIERS)
    tiers = tiered()
    looped = plain_loop(*lists)
    one_call = partial(call, "LIQ_PRICE", *cells, *rest)
    agree([row[0] for row in one_call()], looped)
    few = count // 20

    def scalars():
        for row in zip(*(values[:few] for values in lists), strict=True):
            call("LIQ_PRICE", *row, *rest)

    loop = partial(plain_loop, *lists)
    core = partial(liquidation.liquidation_price, *arrays, None, tiers=tiers)
    yield within(
        1,
        "LIQ_PRICE, tiers, 10,000 rows: one call",
        [timed(one_call) for _ in range(3 * rounds)],
        0.006,
    )
    yield compare(
        1, "one call / scalar calls", one_call, scalars, rounds, least=50, per=(1, few / count),
        note=f"{few} scalar calls are timed and scaled to 10,000",
    )  # fmt: skip
    yield compare(1, "core / plain loop", core, loop, rounds, least=15)
    yield compare(1, "one call / plain loop", one_call, loop, rounds, most=1)
    sentence = "a test marked wine holds it: a column at least 100 times as fast as cell by cell"
    yield left_out(1, "LIQ_PRICE through COM", sentence)


def simulated(quick):
    """Row 2."""
    model = JointModel(**MODEL)
    paths, intervals = 20_000, 90

    def bare():
        rng = np.random.default_rng(1)
        rng.standard_normal((intervals, 3, paths))
        rng.chisquare(4, (intervals, paths))

    ours = partial(simulation.joint_var, 1, 70_000, -1, model, 30, 0.99, 1, paths)
    name = "VAR_JOINT, 20,000 × 90 / only drawing its numbers"
    yield compare(2, name, ours, bare, 5 if quick else 11, most=1.5, clock=WALL)
    many = 200_000 if quick else 1_000_000
    script = (
        "import sys, time; from benchmarks._market import MODEL;"
        "from xlhedge.core.risk.joint_model import JointModel;"
        "from xlhedge.core.risk.simulation import joint_var;"
        "a, c = time.perf_counter(), time.process_time();"
        "joint_var(1, 70000, -1, JointModel(**MODEL), 30, 0.99, 1, int(sys.argv[1]));"
        "print(time.perf_counter() - a, time.process_time() - c,"
        " *(int(line.split()[1]) / 1024 for line in open('/proc/self/status') if 'VmHWM' in line))"
    )
    try:
        told = subprocess.run(
            [sys.executable, "-c", script, str(many)], capture_output=True, text=True, check=True
        ).stdout
    except subprocess.CalledProcessError:
        yield left_out(2, "VAR_JOINT's memory", "this system does not tell a process's peak memory")
        return
    wall, busy, megabytes = map(float, told.split())
    row = within(2, f"VAR_JOINT, {many:,} paths × 90", [wall], 1e9)
    row.limit = "peak memory < 500 MB"
    row.passed = megabytes < 500
    row.note = f"{megabytes:.0f} MB; {busy / wall:.2f} of {os.cpu_count()} processors busy"
    row.more = {"megabytes": megabytes, "processors": busy / wall}
    yield row


def estimators(quick):
    """Row 3."""
    from arch import arch_model
    from scipy import stats

    rounds = 5 if quick else 15
    warnings.simplefilter("ignore")
    prices = clustered(2_000)
    standard = np.diff(np.log(prices))
    standard /= standard.std()

    def fit(**options):
        model = arch_model(standard, mean="Constant", vol="GARCH", p=1, q=1, rescale=False)
        model.fit(disp="off", show_warning=False, **options).forecast(horizon=1, reindex=False)

    def several():
        tight = {"ftol": 1e-12, "maxiter": 1000}
        fit(options=tight)
        for alpha, beta in STARTS:
            start = np.array([0.0, 1 - alpha - beta, alpha, beta])
            fit(options=tight, starting_values=start)

    ours = partial(volatility.garch, prices)
    name = "VOL_GARCH, 2,000 rows / arch's fit"
    yield compare(3, f"{name}, as many starts", ours, several, rounds, most=1.2)
    yield compare(
        3, f"{name}, its own tolerance", ours, fit, rounds, note="one start, good to 3 digits only"
    )

    count = 50_000
    sample = returns(count)
    name = "VAR_HISTORICAL, 50,000 rows / numpy"
    core = partial(historical.historical_var, sample, 1e6)
    yield compare(3, name, core, lambda: np.quantile(-1e6 * sample, 0.99), 2 * rounds, most=2)

    def cornish_fisher():
        mean, sd, skew, kurtosis = (
            sample.mean(),
            sample.std(),
            stats.skew(sample),
            stats.kurtosis(sample),
        )
        z = stats.norm.ppf(0.01)
        g = z + (z**2 - 1) * skew / 6 + (z**3 - 3 * z) * kurtosis / 24
        return -1e6 * (mean + sd * (g - (2 * z**3 - 5 * z) * skew**2 / 36))

    core = partial(tails.cornish_fisher_var, sample, 1e6)
    agree(core(), cornish_fisher())
    name = "VAR_CORNISH_FISHER, 50,000 rows / scipy"
    yield compare(3, name, core, cornish_fisher, 2 * rounds, most=2)
    spot, future = spot_and_future(count)
    core = partial(stationarity.basis_statistics, spot, future)
    yield compare(
        3, "BASIS_STATS, 50,000 rows / scipy, statsmodels", core, partial(described, spot, future),
        3 if quick else 7, most=2,
    )  # fmt: skip


def described(spot, future):
    """What BASIS_STATS gives, as one would write it with the libraries."""
    from scipy import stats
    from statsmodels.tsa.stattools import adfuller

    basis = np.log(spot / future)
    return (
        basis.mean(), basis.std(ddof=1), basis.min(), basis.max(),
        np.quantile(basis, [0.05, 0.5, 0.95]), np.diff(basis).std(ddof=1),
        stats.skew(basis), stats.kurtosis(basis), np.corrcoef(basis[1:], basis[:-1]),
        stats.linregress(basis[:-1], basis[1:]),
        adfuller(basis, maxlag=stationarity.default_lags(len(basis)), autolag=None),
        np.corrcoef(np.diff(np.log(spot)), np.diff(np.log(future))),
    )  # fmt: skip


def overhead(quick):
    """Row 6."""
    rounds, times = 7 if quick else 25, 1000
    ours = repeated(partial(call, "HEDGE_CONTRACTS", 1000.0, 70_000.0), times)
    core = repeated(partial(sizing.contracts, 1000.0, 70_000.0), times)
    extra = [(a - b) / times for a, b in alternate(ours, core, rounds)]
    yield within(6, "call over the core function, scalars", extra, 30e-6)
    holdings = np.random.default_rng(5).normal(0, 100, 10_000).round(2)
    ours = partial(call, "HEDGE_CONTRACTS", column(holdings), 70_000.0)
    core = partial(sizing.contracts, holdings[:, None], 70_000.0)
    extra = [a - b for a, b in alternate(ours, core, rounds)]
    yield within(6, "call over the core function, 10,000 rows", extra, 0.005)
