"""What the fuzz of cells found, and a short round of it; the long one is `fuzz_cells.py`."""

import math

import pytest
from catalog_cases import baselines
from fuzz_cells import check, fuzz

from xlhedge import CellError, call
from xlhedge.catalog import CATALOG

CALLS = 5000


@pytest.mark.slow
@pytest.mark.parametrize("name", list(CATALOG))
def test_any_cells_give_cells(name):
    fuzz(name, -(-CALLS // len(CATALOG)), derandomize=True)


def test_a_horizon_of_too_many_intervals_is_a_number_out_of_range():
    rates = baselines()["FUNDING_VAR"][0]
    assert call("FUNDING_VAR", rates, 1.0, 1e308, 5e-324) is CellError.NUM


def test_an_interval_too_short_to_count_is_a_number_out_of_range():
    rates = baselines()["FUNDING_STATS"][0]
    assert call("FUNDING_STATS", rates, 5e-324) is CellError.NUM


def test_an_integer_beyond_floating_point_is_a_number_out_of_range():
    check("PORTFOLIO_VOL", [10**400, 0.5, 0.5])
    assert call("PORTFOLIO_VOL", 10**400, 0.5, 0.5) is CellError.NUM


def scaled(rows, factor):
    return [[cell * factor for cell in row] for row in rows]


def test_prices_at_the_edge_of_floating_point_are_a_number_out_of_range():
    spot, futures = baselines()["COINTEGRATION_TEST"][:2]
    assert call("COINTEGRATION_TEST", spot, scaled(futures, 1e-308)) is CellError.NUM
    check(
        "BASIS_STATS",
        [baselines()["BASIS_STATS"][0], scaled(baselines()["BASIS_STATS"][1], 1e-310)],
    )


def test_a_step_or_a_spread_that_vanishes_is_a_number_out_of_range():
    series, interval = baselines()["OU_FIT"][:2]
    assert call("OU_FIT", series, 5e-324) is CellError.NUM
    assert call("OU_FIT", scaled(series, 1e-217), interval) is CellError.NUM


def test_one_move_beside_a_constant_leaves_no_garch_model():
    """The likelihood has no maximum there; what an optimiser gives depends on the machine."""
    assert call("VOL_GARCH", [[5e-324], *[[100.0]] * 300]) is CellError.NUM
    check("VOL_GARCH", [[[5e-324], *[[100.0]] * 300]])


def test_a_price_far_beyond_its_neighbour_has_a_log_ratio_and_the_library_stays_quiet(capfd):
    """LAPACK prints a line of its own on standard output when it is given an infinity."""
    assert call("BASIS", 5e-324, 100, "log") == pytest.approx(math.log(5e-324) - math.log(100))
    assert call("BASIS", 1e308, 1e-308, "log") == pytest.approx(616 * math.log(10))
    prices = [[100.0 + row % 7] for row in range(300)]
    prices[50] = [5e-324]
    check("VOL_HAR", [prices])
    assert type(call("VOL_HAR", prices)) is float
    assert capfd.readouterr() == ("", "")
