"""What the cells of the sheet Checks that call us must show, by numpy from the columns alone."""

import numpy as np

_LABEL, _STATUS, _FIRST = "C", "D", "L"
_END = ": spot and future in step"


def expected_correlations(book, columns):
    """Place to correlation: a coin and its future in the same row, and one row apart either way.

    `columns` gives the prices of spot and future for the coin that a check names. Where the check
    is not judged its cells are blank.
    """
    sheet, found = book["Checks"], {}
    for cell in sheet[_LABEL]:
        if not str(cell.value).endswith(_END):
            continue
        first = sheet[f"{_FIRST}{cell.row}"]
        values = [""] * 3
        if sheet[f"{_STATUS}{cell.row}"].value != "NOT JUDGED":
            values = correlations(*columns(cell.value.removesuffix(_END)))
        for place, value in enumerate(values):
            found["Checks", first.offset(0, place).coordinate] = value
    assert found
    return found


def correlations(spot, futures):
    """In the same row, with spot a row later, and with the future a row later."""
    one, other = (np.diff(np.log(np.array(prices, float))) for prices in (spot, futures))
    return [
        float(np.corrcoef(*pair)[0, 1])
        for pair in ((one, other), (one[1:], other[:-1]), (other[1:], one[:-1]))
    ]
