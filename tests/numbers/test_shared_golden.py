"""Published numbers that lie beside the checkout, with the data that they need."""

import json
import math

import numpy as np
import pytest
from golden_rows import agrees
from shared_data import DATA, SHARED, read
from tables import each

from xlhedge import call
from xlhedge.catalog import CATALOG

FILE = SHARED / "golden" / "rows.json"
ROWS = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else []


def span(rows):
    if isinstance(rows, str):
        return [int(item) for item in rows.split(":")]
    return rows


def from_csv(item):
    table = read(item["$csv"])
    if item.get("as") == "prices_from_log_returns":
        date = next(name for name in table if name.lower().startswith("date"))
        pairs = sorted(zip(table[date], table[item["series"]], strict=True))
        chosen = [float(r) for day, r in pairs if item["from"] <= day <= item["to"]]
        assert len(chosen) == item["n"]
        return [[100.0 * x] for x in np.exp(np.cumsum([0.0, *chosen]))]
    column = item.get("column") or list(table)[-1]
    values = [float(x) for x in table[column] if x != ""]
    if "rows" in item:
        first, last = span(item["rows"])
        values = values[first - 1 : last]
    if item.get("transform") == "negate":
        values = [-x for x in values]
    return [[x] for x in values]


def cells(arguments):
    done = []
    for item in arguments:
        if isinstance(item, dict) and "$csv" in item:
            done.append(from_csv(item))
        elif isinstance(item, dict) and "$exceptions" in item:
            n, places = item["$exceptions"]
            done.append([[-2.0 if i in set(places) else 0.0] for i in range(n)])
        elif isinstance(item, dict):
            losses = np.sort([-row[0] for row in done[0]])
            levels = np.linspace(0.0, 1.0, len(losses))
            done.append(float(np.interp(item["$quantile_of_threshold"], losses, levels)))
        else:
            done.append(item)
    return done


def without_blanks(want):
    if isinstance(want, dict):
        return {label: value for label, value in want.items() if value is not None}
    return want


@pytest.mark.skipif(
    not DATA.is_dir() or not ROWS, reason="the published rows are not beside the checkout"
)
@each("row", ROWS)
def test_a_published_number_holds(row):
    assert row["function"] in CATALOG
    tolerance = {key: value for key, value in row["tol"].items() if value}
    got = call(row["function"], *cells(row["args"]))
    want = without_blanks(row["want"])
    if not (isinstance(want, float) and math.isnan(want)):  # else the source has no figure
        agrees(got, want, tolerance)
