"""Value at risk of spot and futures under the joint model, by simulation in blocks of paths."""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from itertools import islice

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.risk.joint_model import JointModel, OneFactorModel, TwoFactorModel
from xlhedge.core.risk.paths import Book, simulate_block
from xlhedge.core.statistics.tail import tail_risk
from xlhedge.core.types import ContractType, Floats, LabelValue, Record, Value
from xlhedge.errors import ZeroVariance

Process = OneFactorModel | TwoFactorModel

BLOCK_PATHS = 4096
"""Paths per block: its arrays stay in the processor's cache, and its random numbers are its own."""

MANY_DRAWS = 200_000
"""Paths times intervals from which threads are worth their start."""

MOST_PATHS = 10_000_000

TASK_BLOCKS = 16
"""Blocks per task of an executor: some tenths of a second of work, a megabyte and a half back."""

TASKS_AHEAD = 64
"""Tasks in flight at an executor: enough for many workers, and never all paths' results waiting."""


def joint_var(
    spot_quantity: float,
    spot_price: float,
    contracts: float,
    model: Record[JointModel],
    horizon_days: float = 1,
    confidence: float = 0.99,
    contract_size: float = 1,
    paths: int = 20000,
    seed: int = 42,
    contract_type: ContractType = "linear",
) -> LabelValue:
    """Value at risk of coins and futures with spot, basis and funding simulated together.

    Parameters
    ----------
    spot_quantity
        Coins held, negative when borrowed and sold.
    spot_price
        Spot price today, in quote currency.
    contracts
        Contracts held, negative for a short.
    model
        Joint model of spot, basis and funding: the table that JOINT_FIT gives. Without its rows of
        funding it is that of a dated future.
    horizon_days
        Horizon in days: a whole number of funding intervals.
    confidence
        Confidence level, for example 0.99.
    contract_size
        Coins per contract (linear) or face value in quote currency (inverse).
    paths
        Number of simulated paths, at least 5/(1 − confidence) and at most 10,000,000.
    seed
        Seed of the random numbers: the same seed gives the same result.
    contract_type
        linear or inverse.

    Returns
    -------
    table
        var and es (losses positive); mean and sd of the profit and loss; basis_share and
        funding_share of its variance (the remainder is spot); loss_probability;
        var_standard_error of the simulation.

    Raises
    ------
    InputError
        When the model lacks a row, or mixes those of two versions.
    DomainError
        When spot_price, contract_size or interval_hours is not positive, a volatility or theta is
        negative, the correlations are impossible, degrees of freedom are not above 2, the horizon
        is no whole number of intervals, paths are too few or too many for it, confidence lies
        outside (0, 1), or the seed is negative.

    Notes
    -----
    The model is JOINT_FIT's, simulated interval by interval from where it stands now. A shock is
    e = √v·z·√((ν − 2)/χ²) with correlated normal z. Spot's χ² is drawn once a day, the first day
    starting now, so that the large moves of a day come together; basis and funding draw their own
    in each row. Log returns carry −v/2. A table of JOINT_FIT's first version is taken as what it
    was: one factor each by the exact transition of the Ornstein-Uhlenbeck process, no clustering,
    and one χ² for all three shocks of an interval.

    With F = S·e^(−b), Q = contracts·contract_size and P&L = spot + basis + funding:

    - spot: (spot_quantity + Q·e^(−b₀))·(S_T − S₀),
    - basis: Q·S_T·(e^(−b_T) − e^(−b₀)),
    - funding: −Q·Σ F_k·f_k over the intervals' ends; a short receives positive rates.

    Inverse contracts of face N earn N·(S_T/F₀ − S_T/F_T) in quote currency: spot
    (spot_quantity + N/F₀)·(S_T − S₀), basis −N·(e^(b_T) − e^(b₀)), funding −N·Σ f_k.

    basis_share is Cov(basis, P&L)/Var(P&L), and so on: the three sum to 1, and a part that offsets
    the others has a negative share. var and es follow VAR_HISTORICAL's convention on the simulated
    losses. var_standard_error is half the distance between the losses at the ranks that lie one
    standard deviation of the binomial count, √(n·confidence·(1 − confidence)), above and below the
    quantile's. Student log-returns have no finite mean price: mean, sd and the shares are those of
    the sample.

    The paths are simulated in blocks of 4,096, each with random numbers of its own that are
    derived from the seed: the result does not depend on the number of processors.

    References
    ----------
    Glasserman (2003), Monte Carlo Methods in Financial Engineering, Springer.
    Kotz, Nadarajah (2004), Multivariate t Distributions and Their Applications, Cambridge
    University Press.

    Examples
    --------
    One coin, hedged with a perpetual, over a day; the same coin without its hedge:

    >>> from xlhedge import risk
    >>> model = {
    ...     "spot_volatility": 0.6,
    ...     "basis_current": -0.0003,
    ...     "basis_theta": 1500,
    ...     "basis_mu": -0.0002,
    ...     "basis_sigma": 0.02,
    ...     "funding_current": 0.0001,
    ...     "funding_theta": 300,
    ...     "funding_mu": 0.0001,
    ...     "funding_sigma": 0.002,
    ...     "corr_spot_basis": -0.1,
    ...     "corr_spot_funding": 0.1,
    ...     "corr_basis_funding": -0.3,
    ...     "degrees_of_freedom": 4,
    ...     "interval_hours": 8,
    ... }
    >>> hedged = risk.joint_var(1, 70000, -1, model)
    >>> bare = risk.joint_var(1, 70000, 0, model)
    >>> hedged.var < 0.1 * bare.var, hedged.mean > 0
    (True, True)
    """
    return simulated_var(
        spot_quantity, spot_price, contracts, model, horizon_days, confidence, contract_size,
        paths, seed, contract_type,
    )  # fmt: skip


def simulated_var(
    spot_quantity: float,
    spot_price: float,
    contracts: float,
    model: JointModel,
    horizon_days: float = 1,
    confidence: float = 0.99,
    contract_size: float = 1,
    paths: int = 20000,
    seed: int = 42,
    contract_type: ContractType = "linear",
    executor: Executor | None = None,
) -> LabelValue:
    """VAR_JOINT from Python, by any executor of the standard library's interface.

    Parameters
    ----------
    spot_quantity, spot_price, contracts, model, horizon_days, confidence, contract_size
        As in `joint_var`.
    paths, seed, contract_type
        As in `joint_var`.
    executor
        Who simulates: a `ProcessPoolExecutor`, Dask's ``client.get_executor()``, or any other;
        threads of this process where it is left out.

    Returns
    -------
    table
        As in `joint_var`, the same to the last digit whoever simulates and with how many workers.

    Notes
    -----
    A task is 16 blocks of 4,096 paths; it carries the model and the number of its first block, and
    gives back three numbers per path. What a worker that died was doing is not repeated here: a
    Dask cluster does that itself, a process pool raises `BrokenProcessPool`.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> from xlhedge.core.risk.joint_model import JointModel
    >>> model = JointModel(0.6, 0, 0, 0, 0.02, 0, 0, 0, 0.002, -0.1, 0.1, -0.3)
    >>> with ThreadPoolExecutor(2) as executor:
    ...     there = simulated_var(1, 70000, -1, model, executor=executor)
    >>> there == simulated_var(1, 70000, -1, model)
    True
    """
    check.positive(spot_price=spot_price, contract_size=contract_size)
    check.inside(0, 1, confidence=confidence)
    check.between(check.rows_for_tail(confidence), MOST_PATHS, paths=float(paths))
    check.not_negative(seed=seed)
    process = model.read()
    intervals = whole_intervals(horizon_days, process.interval_hours)
    check.simulation_size(paths, intervals)
    units = contracts * contract_size
    book = Book(spot_quantity, units, spot_price, contract_type == "inverse")
    parts = simulate(process, book, intervals, paths, seed, executor)
    total = parts.sum(axis=0)
    losses = -total
    # The mean of equal numbers may differ from them in the last digit.
    variance = float(total.var(ddof=1)) if np.ptp(total) != 0 else 0.0
    shares: list[Value] = [
        float(np.cov(part, total)[0, 1]) / variance
        if variance != 0
        else ZeroVariance("the profit and loss does not vary: it has no shares")
        for part in parts[1:]
    ]
    return {
        "var": tail_risk(losses, confidence),
        "es": tail_risk(losses, confidence, "es"),
        "mean": float(total.mean()),
        "sd": math.sqrt(variance),
        "basis_share": shares[0],
        "funding_share": shares[1],
        "loss_probability": float((total < 0).mean()),
        "var_standard_error": quantile_standard_error(losses, confidence),
    }


def whole_intervals(horizon_days: float, interval_hours: float) -> int:
    """The number of intervals in the horizon, which must be a whole one."""
    exact = horizon_days * 24 / interval_hours
    intervals = round(exact)
    check.require(
        intervals >= 1 and abs(exact - intervals) <= 1e-9 * exact,
        f"horizon_days must be a whole number of intervals of {interval_hours:g} hours",
        horizon_days,
    )
    return intervals


def quantile_standard_error(losses: Floats, confidence: float) -> float:
    """Standard error of the sample quantile, from the losses one deviation of rank around it."""
    count = len(losses)
    reach = math.sqrt(confidence * (1 - confidence) / count)
    low, high = np.quantile(losses, np.clip([confidence - reach, confidence + reach], 0, 1))
    return float(high - low) / 2


def simulate(
    model: JointModel | Process,
    book: Book,
    intervals: int,
    paths: int,
    seed: int,
    executor: Executor | None = None,
) -> Floats:
    """Profit and loss per path: rows spot, basis, funding."""
    process = model.read() if isinstance(model, JointModel) else model
    result = np.empty((3, paths))
    blocks = -(-paths // BLOCK_PATHS)

    def run(block: int) -> None:
        part = result[:, block * BLOCK_PATHS : (block + 1) * BLOCK_PATHS]
        simulate_block(process, book, intervals, part, _generator(seed, block))

    if executor is not None:
        _collect(executor, process, book, intervals, seed, result)
    else:
        run_blocks(run, blocks, worker_count(blocks) if paths * intervals >= MANY_DRAWS else 1)
    return result


def worker_count(blocks: int) -> int:
    """Threads for a number of blocks."""
    return min(blocks, os.cpu_count() or 1)


def run_blocks(run: Callable[[int], None], blocks: int, workers: int) -> None:
    """Run each block, in that many threads."""
    if workers == 1:
        for block in range(blocks):
            run(block)
    else:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(run, range(blocks)))


def simulate_task(
    model: Process, book: Book, intervals: int, seed: int, first_block: int, paths: int
) -> Floats:
    """The paths of a few blocks in a row: what a worker does."""
    result = np.empty((3, paths))
    for start in range(0, paths, BLOCK_PATHS):
        rng = _generator(seed, first_block + start // BLOCK_PATHS)
        part = result[:, start : start + BLOCK_PATHS]
        simulate_block(model, book, intervals, part, rng)
    return result


def _collect(
    executor: Executor, model: Process, book: Book, intervals: int, seed: int, result: Floats
) -> None:
    """Give the blocks out, a limited number of tasks ahead, and put the answers in their place."""
    size = TASK_BLOCKS * BLOCK_PATHS
    paths = result.shape[1]
    starts = iter(range(0, paths, size))
    flying: deque[tuple[int, Future[Floats]]] = deque()
    while True:
        for start in islice(starts, TASKS_AHEAD - len(flying)):
            count = min(size, paths - start)
            work = model, book, intervals, seed, start // BLOCK_PATHS, count
            flying.append((start, executor.submit(simulate_task, *work)))
        if not flying:
            return
        start, future = flying.popleft()
        result[:, start : start + size] = future.result()


def _generator(seed: int, block: int) -> np.random.Generator:
    """A block's own random numbers: those of the seed's child of that number."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(block,)))
