"""What the rewriting of formulas must know of Excel's own functions.

Each argument of a function is of one of three classes, which Excel stores with the formula:

V
    One value. Of a range it takes the cell in the formula's own row or column; where the formula
    is evaluated as an array, and for an array of constants, it is applied to each element.
R
    A reference, taken whole. What is computed inside it is computed from single values.
A
    An array: what is computed inside it is computed element by element in any formula.

References
----------
.. [1] OpenOffice.org's Documentation of the Microsoft Excel File Format, sections 3.2 (Token
   Classes) and 3.11 (Built-In Sheet Functions).
"""

from __future__ import annotations


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CLASSES: dict[str, str] = {
    # The last letter stands for all further arguments; two letters in brackets alternate.
    "R": """
        AND AREAS AVEDEV AVERAGE AVERAGEA CELL COLUMN COLUMNS CONCAT COUNT COUNTA COUNTBLANK
        DAVERAGE DCOUNT DCOUNTA DEVSQ DGET DMAX DMIN DPRODUCT DSTDEV DSTDEVP DSUM DVAR DVARP
        GCD GEOMEAN HARMEAN ISFORMULA ISREF KURT LCM MAX MAXA MEDIAN MIN MINA MULTINOMIAL OR
        PHONETIC PRODUCT ROW ROWS SHEET SHEETS SKEW SKEW.P STDEV STDEV.P STDEV.S STDEVA STDEVP
        STDEVPA SUM SUMSQ T N VAR VAR.P VAR.S VARA VARP VARPA XOR FORMULATEXT ANCHORARRAY
    """,
    "A": """
        BYCOL BYROW CHISQ.TEST CHITEST CHOOSECOLS CHOOSEROWS CORREL COVAR COVARIANCE.P
        COVARIANCE.S DROP EXPAND F.TEST FILTER FREQUENCY FTEST GROWTH HSTACK INTERCEPT LAMBDA LET
        LINEST LOGEST MAKEARRAY MAP MDETERM MINVERSE MMULT MODE MODE.MULT MODE.SNGL PEARSON REDUCE
        RSQ SCAN SERIESSUM SLOPE SORT SORTBY STEYX SUMPRODUCT SUMX2MY2 SUMX2PY2 SUMXMY2 TAKE
        TOCOL TOROW TRANSPOSE TREND UNIQUE VSTACK WRAPCOLS WRAPROWS XIRR
    """,
    "VR": "IF CHOOSE",
    "RV": """
        AVERAGEIF COUNTIF LARGE OFFSET PERCENTILE PERCENTILE.EXC PERCENTILE.INC PERCENTRANK
        PERCENTRANK.EXC PERCENTRANK.INC QUARTILE QUARTILE.EXC QUARTILE.INC SMALL TRIMMEAN Z.TEST
        ZTEST
    """,
    "RVR": "SUMIF",
    "(RV)": "COUNTIFS",
    "R(RV)": "AVERAGEIFS MAXIFS MINIFS SUMIFS",
    "AV": "INDEX IRR MIRR",
    "VA": "FORECAST FORECAST.LINEAR LOOKUP NPV XNPV",
    "VRV": "HLOOKUP MATCH RANK RANK.AVG RANK.EQ VLOOKUP",
    "VRRV": "XLOOKUP",
    "VAAV": "FVSCHEDULE",
    "AAV": "T.TEST TTEST PROB",
    "VR ": "SUBTOTAL",
    "VVAA": "AGGREGATE",
    "VVR": "TEXTJOIN NETWORKDAYS WORKDAY",
    "VVVR": "NETWORKDAYS.INTL WORKDAY.INTL",
    "VAA": "XMATCH",
    "RVV": "SINGLE",
}
"""Classes by argument; functions that are not listed take single values."""

_ARGUMENTS = {
    name: classes.strip() for classes, names in _CLASSES.items() for name in names.split()
}
_ARGUMENTS["AVERAGEIF"] = "RVR"
_ARGUMENTS["XMATCH"] = "VRV"


def argument_class(function: str, position: int) -> str:
    """The class of an argument: V, R or A.

    Examples
    --------
    >>> argument_class("ROUND", 0), argument_class("SUMIFS", 4), argument_class("IF", 2)
    ('V', 'V', 'R')
    """
    classes = _ARGUMENTS.get(function, "V")
    first, _, repeated = classes.partition("(")
    if repeated and position >= len(first):
        return repeated[(position - len(first)) % 2]
    return first[min(position, len(first) - 1)]


ELEMENTWISE = _names("IF IFERROR IFNA")
"""Functions that engines apply to each element by themselves."""

GIVES_REFERENCE = _names("CHOOSE IF IFERROR IFNA IFS INDEX INDIRECT OFFSET SWITCH XLOOKUP")
"""Functions whose result may be a range."""

GIVES_ARRAY = _names(
    """
    CHOOSECOLS CHOOSEROWS DROP EXPAND FILTER FREQUENCY GROWTH HSTACK LAMBDA LET LINEST LOGEST MAP
    BYROW BYCOL MAKEARRAY SCAN REDUCE MINVERSE MMULT MODE.MULT MUNIT RANDARRAY SEQUENCE SORT SORTBY
    TAKE TEXTSPLIT TOCOL TOROW TRANSPOSE TREND UNIQUE VSTACK WRAPCOLS WRAPROWS ANCHORARRAY
    """
)
"""Functions whose result may be an array whatever they are given."""

OF_MANY_ARGUMENTS = _names(
    """
    AND AVEDEV AVERAGE AVERAGEA COUNT COUNTA DEVSQ GCD GEOMEAN HARMEAN KURT LCM MAX MAXA MEDIAN
    MIN MINA OR PRODUCT SKEW STDEV STDEV.P STDEV.S STDEVA STDEVP STDEVPA SUM SUMSQ VAR VAR.P VAR.S
    VARA VARP VARPA CONCAT XOR SUBTOTAL
    """
)
"""Functions for which several areas in one argument are the same as several arguments."""

REACHES_OUTSIDE = _names(
    """
    CALL COPILOT CUBEKPIMEMBER CUBEMEMBER CUBEMEMBERPROPERTY CUBERANKEDMEMBER CUBESET CUBESETCOUNT
    CUBEVALUE DETECTLANGUAGE IMAGE IMPORTCSV IMPORTTEXT PY REGISTER.ID RTD SQL.REQUEST
    STOCKHISTORY TRANSLATE WEBSERVICE
    """
)
"""Functions that need the network or another program."""

VOLATILE = _names("CELL INDIRECT INFO NOW OFFSET RAND RANDARRAY RANDBETWEEN TODAY")
"""Functions whose value may change without a change of their arguments."""
