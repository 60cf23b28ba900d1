"""What is judged: a worksheet function with its truth, and the arguments that are drawn for it."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath as mp

mp.mp.dps = 50


@dataclass(frozen=True)
class Formula:
    """A worksheet function, how to draw arguments for it, and what they must give.

    `truth` takes the arguments with mpf for every float. It gives a number, a list or a list of
    lists of numbers, a dict of labels to numbers for a table, or a `CellError`.
    """

    name: str
    group: str
    draw: Callable[[random.Random], tuple]
    truth: Callable[..., Any]
    few: int = 30
    """Points of the short round."""
    sharp: bool = False
    """Whether 1e-12 must hold at any condition: inputs are exact, only our own steps may round."""


def magnitude(rng, low=-8.0, high=8.0):
    """A positive number, uniform in its logarithm."""
    return 10.0 ** rng.uniform(low, high)


def signed(rng, low=-8.0, high=8.0):
    """The same with a random sign."""
    return rng.choice((-1.0, 1.0)) * magnitude(rng, low, high)


def near(rng, value, closest=-15.5, furthest=-0.5):
    """A number next to another, at a distance uniform in its logarithm; sometimes far away."""
    if rng.random() < 0.2:
        return magnitude(rng)
    return value * (1 + signed(rng, closest, furthest))


def confidence(rng):
    """0.5 to 0.999999, uniform in the logarithm of the tail."""
    return 1.0 - 10.0 ** rng.uniform(-6.0, -0.31)


def correlation(rng):
    """Anything, or within 1e-15 of 1 or −1."""
    if rng.random() < 0.3:
        return rng.uniform(-1.0, 1.0)
    return rng.choice((-1.0, 1.0)) * (1.0 - 10.0 ** rng.uniform(-15.5, -0.5))


def column(values):
    """A column of cells."""
    return [[value] for value in values]
