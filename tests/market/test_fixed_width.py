"""ISO times read by columns of digits: as pandas reads them, or left to the general reader."""

import numpy as np
import pandas as pd
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from xlhedge.market.fixed_width import read

FORMS = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S.123Z"]


@examples(30, 100)
@given(
    st.lists(st.integers(0, 4_000_000_000), min_size=1, max_size=50),
    st.sampled_from(FORMS),
    st.sampled_from([object, "str"]),
)
def test_times_are_those_that_were_written(seconds, form, kind):
    unit = 1 if "%S" in form else 60
    time = np.array(seconds, dtype=np.int64) // unit * unit * 1000
    texts = pd.Series(pd.to_datetime(time, unit="ms").strftime(form)).astype(kind)
    more = 123 if ".123" in form else 0
    assert read(texts).tolist() == (time + more).tolist()


@pytest.mark.parametrize(
    "text",
    [
        "2025-02-29T00:00Z", "2025-13-01T00:00Z", "2025-00-01T00:00Z", "2025-01-00T00:00Z",
        "2025-01-01T24:00Z", "2025-01-01T00:60Z", "2025-01-01T00:00:60Z", "2025-1-01T00:00Z",
        "2025-01-01T00:00+01:00", "2025-01-01", "01/02/2025 00:00",
    ],
)  # fmt: skip
def test_what_is_no_such_time_is_left_to_the_general_reader(text):
    assert read(pd.Series(["2025-01-01T00:00Z", text])) is None
    assert read(pd.Series([text])) is None


@pytest.mark.parametrize("other", ["2025-01-01T00:00:00", "2025-01-01T00:00X", "2025-01-01 00:00Z"])
def test_forms_that_differ_between_rows_are_left_to_the_general_reader(other):
    assert read(pd.Series(["2025-01-01T00:00Z", other])) is None
