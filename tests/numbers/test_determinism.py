"""The same inputs give the same bits: in another process, and in other surroundings."""

import json
import locale
import os
import re
import shutil
import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path

import determinism
import long_series
import numpy as np
import pytest
from determinism import THREADS
from fill_helpers import by_xlsxwriter, table_csv
from golden_rows import golden_rows

from xlhedge import CellError, call
from xlhedge.core.volatility import garch as _garch
from xlhedge.templates import build

SCRIPT = Path(determinism.__file__)
CHANGES = {
    "comma, Kolkata, one thread": {
        "PYTHONHASHSEED": "1", "LC_ALL": "de_DE.UTF-8", "TZ": "Asia/Kolkata",
        **dict.fromkeys(THREADS, "1"),
    },
    "another seed, St John's, two threads": {
        "PYTHONHASHSEED": "77", "TZ": "America/St_Johns", **dict.fromkeys(THREADS, "2"),
    },
    "one processor": {"ONE_PROCESSOR": "1"},
}  # fmt: skip
"""What is changed together: it takes as long as one change alone."""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="zones and locales are set as on Linux")


@pytest.fixture(scope="session")
def german(tmp_path_factory):
    """A folder with the locale de_DE, as glibc reads it; or None."""
    return locale_folder(tmp_path_factory.mktemp("locales"), "UTF-8")


def locale_folder(folder, letters):
    target = folder / f"de_DE.{letters}"
    if shutil.which("localedef") is None:
        return None
    command = ["localedef", "-i", "de_DE", "-f", letters, str(target)]
    subprocess.run(command, capture_output=True, check=False)
    return folder if (target / "LC_NUMERIC").is_file() else None


@pytest.fixture(scope="session")
def surroundings(tmp_path_factory, german):
    """What `determinism.py` writes with these variables set."""
    folder = tmp_path_factory.mktemp("determinism")

    def told(changes, *arguments):
        plain = {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
        fixed = {key: value for key, value in os.environ.items() if key not in THREADS}
        options = list(arguments)
        if "de_DE" in changes.get("LC_ALL", ""):
            if german is None:
                pytest.skip("there is no locale de_DE: install the package locales")
            plain["LOCPATH"] = str(german)
            options.append("--comma")
        if changes.get("ONE_PROCESSOR"):
            options.append("--one-processor")
        target = folder / "told.json"
        run = subprocess.run(
            [sys.executable, str(SCRIPT), str(target), *options],
            env={**fixed, **plain, **changes},
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        return json.loads(target.read_text(encoding="utf-8"))

    return told


def differing(one, other):
    return [key for key in one | other if one.get(key) != other.get(key)]


@pytest.mark.slow
@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_numbers_and_workbooks_are_the_same_whatever_is_changed(
    surroundings, changes, tmp_path, once
):
    there = surroundings(changes, "--workbooks", str(prepared(tmp_path)))
    assert len(there["numbers"]) > 500
    assert differing(once["numbers"], there["numbers"]) == []
    assert differing(once["workbooks"], there["workbooks"]) == []


@pytest.fixture(scope="session")
def once(surroundings, tmp_path_factory):
    told = surroundings({}, "--workbooks", str(prepared(tmp_path_factory.mktemp("workbooks"))))
    assert len(told["workbooks"]) > 16
    return told


def prepared(folder):
    """The folder with a workbook to fill and the rows for it."""
    by_xlsxwriter(folder / "book.xlsx")
    table_csv(folder / "rows.csv", 90)
    return folder


def test_a_workbook_built_in_a_german_locale_has_english_months(monkeypatch, tmp_path):
    german = locale_folder(tmp_path, "ISO-8859-1")  # made in a quarter of the time of UTF-8's
    if german is None:
        pytest.skip("there is no locale de_DE: install the package locales")
    monkeypatch.setenv("LOCPATH", str(german))
    before = locale.setlocale(locale.LC_ALL)
    locale.setlocale(locale.LC_ALL, "de_DE.ISO-8859-1")
    try:
        assert f"{datetime(2025, 12, 1):%b}" == "Dez"
        book = build("basis_history", tmp_path / "book.xlsx")
    finally:
        locale.setlocale(locale.LC_ALL, before)
    with zipfile.ZipFile(book) as package:
        texts = package.read("xl/sharedStrings.xml").decode()
    assert re.search(r"BTC \d\d Dec \d{4}", texts)
    assert not re.search(r"BTC \d\d (Mai|Dez|Mär) \d{4}", texts)


def test_a_series_that_its_past_determines_gives_no_rounding_for_a_statistic():
    row = next(row for row in golden_rows() if row["id"] == "basis-stats-no-reversion")
    told = dict(call("BASIS_STATS", *row["cells"]))
    assert told["adf_statistic"] is told["adf_p_value"] is CellError.DIV0
    series = [[cell] for cell in (100 + 0.01 * 1.1 ** np.arange(60)).tolist()]
    assert call("ADF_TEST", series) is CellError.DIV0


def garch_returns():
    row = next(row for row in golden_rows() if row["id"] == "garch-1")
    returns = np.diff(np.log(np.array(row["cells"][0]).ravel()))
    return returns / returns.std()


def test_garch_ends_at_the_same_digits_wherever_the_optimiser_stops():
    returns = garch_returns()
    start = _garch._first_variance(returns)
    forecast = _garch.fit(returns)
    ends = []
    for spread in (-1e-5, 1e-6, 1e-5):
        begun = np.array([returns.mean(), forecast.omega, 0.1, 0.0])
        begun[0], begun[2] = solved(returns)[0], solved(returns)[2]
        begun[3] = forecast.persistence - begun[2]
        begun *= 1 + spread * np.array([1, -1, 1, 0.1])
        ends.append(_garch._stationary(returns, start, begun, near=begun))
    for end in ends:
        assert end == pytest.approx(ends[0], rel=1e-11)
        assert end[1] == pytest.approx(forecast.omega, rel=1e-11)
        assert abs(_garch._slope(returns, start, end)).max() < 1e-14


def solved(returns):
    """The package's own parameters."""
    from arch import arch_model

    model = arch_model(returns, mean="Constant", vol="GARCH", p=1, q=1, rescale=False)
    return model.fit(disp="off", options={"ftol": 1e-12, "maxiter": 1000}).params.to_numpy()


def test_the_slope_of_the_garch_likelihood_is_that_of_the_packages():
    from arch import arch_model

    returns = garch_returns()
    model = arch_model(returns, mean="Constant", vol="GARCH", p=1, q=1, rescale=False)
    place = np.array([0.02, 0.1, 0.08, 0.8])
    slope = _garch._slope(returns, _garch._first_variance(returns), place)
    for index in range(4):
        by = np.zeros(4)
        by[index] = 1e-5
        up, down = (model.fix(place + sign * by).loglikelihood for sign in (1, -1))
        assert slope[index] == pytest.approx(-(up - down) / 2e-5 / len(returns), rel=1e-5)


@pytest.mark.slow
def test_long_series_have_the_same_bits_for_any_number_of_threads():
    told = []
    for threads in ("1", "2"):
        run = subprocess.run(
            [sys.executable, long_series.__file__],
            env=os.environ | dict.fromkeys(THREADS, threads),
            capture_output=True, text=True, timeout=100, check=True,
        )  # fmt: skip
        told.append(json.loads(run.stdout))
    assert not [name for name, text in told[0].items() if "CellError" in text]
    assert told[0] == told[1]
