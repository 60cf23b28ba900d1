import pytest
from fill_helpers import by_xlsxwriter


@pytest.fixture
def book(tmp_path):
    return by_xlsxwriter(tmp_path / "book.xlsx", 5)
