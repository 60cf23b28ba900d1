"""What the rewriting of formulas must know of Excel's own functions."""

from __future__ import annotations


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


OF_ONE_VALUE = (
    _names(  # Numbers
        """
        ABS ACOS ACOSH ASIN ASINH ATAN ATAN2 ATANH CEILING CEILING.MATH COMBIN COS COSH DEGREES
        EVEN EXP FACT FLOOR FLOOR.MATH INT LN LOG LOG10 MOD MROUND NOT ODD POWER QUOTIENT RADIANS
        ROUND ROUNDDOWN ROUNDUP SIGN SIN SINH SQRT TAN TANH TRUNC
        """
    )
    | _names(  # Text
        """
        CHAR CLEAN CODE DOLLAR EXACT FIND FIXED LEFT LEN LOWER MID NUMBERVALUE PROPER REPLACE REPT
        RIGHT SEARCH SUBSTITUTE T TEXT TEXTAFTER TEXTBEFORE TRIM UNICHAR UNICODE UPPER VALUE
        """
    )
    | _names(  # Information and choices
        """
        ERROR.TYPE IFS ISBLANK ISERR ISERROR ISEVEN ISLOGICAL ISNA ISNONTEXT ISNUMBER ISODD ISTEXT
        N SWITCH
        """
    )
    | _names(  # Dates
        """
        DATE DATEDIF DATEVALUE DAY DAYS EDATE EOMONTH HOUR ISOWEEKNUM MINUTE MONTH SECOND TIME
        TIMEVALUE WEEKDAY WEEKNUM YEAR YEARFRAC
        """
    )
    | _names(  # Distributions and finance
        """
        BINOM.DIST CHISQ.DIST CHISQ.DIST.RT CHISQ.INV CHISQ.INV.RT EFFECT ERF ERFC EXPON.DIST
        F.DIST F.DIST.RT F.INV F.INV.RT FV GAMMA.DIST GAMMA.INV GAMMALN GAUSS LOGNORM.DIST
        LOGNORM.INV NOMINAL NORM.DIST NORM.INV NORM.S.DIST NORM.S.INV NORMDIST NORMINV NORMSDIST
        NORMSINV NPER PMT POISSON.DIST PV RATE STANDARDIZE T.DIST T.DIST.2T T.DIST.RT T.INV
        T.INV.2T
        """
    )
)
"""Functions whose every argument is one value; over an array they work element by element."""

SINGLE_POSITIONS: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(("XLOOKUP", "XMATCH", "MATCH", "VLOOKUP", "HLOOKUP", "LOOKUP"), (0,)),
    **dict.fromkeys(("RANK", "RANK.EQ", "RANK.AVG", "FORECAST", "FORECAST.LINEAR", "CHOOSE"), (0,)),
    **dict.fromkeys(("COUNTIF", "SUMIF", "AVERAGEIF", "LARGE", "SMALL"), (1,)),
    **dict.fromkeys(("PERCENTILE", "PERCENTILE.INC", "PERCENTILE.EXC"), (1,)),
    **dict.fromkeys(("QUARTILE", "QUARTILE.INC", "QUARTILE.EXC", "PERCENTRANK.INC"), (1,)),
    "INDEX": (1, 2),
    "COUNTIFS": tuple(range(1, 256, 2)),
    **dict.fromkeys(("SUMIFS", "AVERAGEIFS", "MAXIFS", "MINIFS"), tuple(range(2, 256, 2))),
}
"""Functions of which only some arguments are one value, and which these are, from 0."""

ELEMENTWISE_ALREADY = {"IF": (0, 1, 2), "IFERROR": (0, 1), "IFNA": (0, 1)}
"""Functions that engines apply to each element by themselves."""

FORCES_ARRAYS = _names(
    """
    CHOOSECOLS CHOOSEROWS DROP FILTER FREQUENCY GROWTH HSTACK LAMBDA LET LINEST LOGEST MDETERM
    MINVERSE MMULT SORT SORTBY SUMPRODUCT TAKE TEXTJOIN TOCOL TOROW TRANSPOSE TREND UNIQUE VSTACK
    """
)
"""Functions that evaluate their arguments as arrays in any formula."""

ONE_VALUE_RESULT = _names(
    """
    AGGREGATE AND AVERAGE AVERAGEIF AVERAGEIFS CONCAT CORREL COUNT COUNTA COUNTBLANK COUNTIF
    COUNTIFS COVARIANCE.P COVARIANCE.S FALSE INTERCEPT IRR KURT LARGE MATCH MAX MAXIFS MEDIAN MIN
    MINIFS NA NOW NPV OR PERCENTILE PERCENTILE.EXC PERCENTILE.INC PI PRODUCT RAND ROWS COLUMNS RSQ
    SKEW SLOPE SMALL STDEV STDEV.P STDEV.S SUBTOTAL SUM SUMIF SUMIFS SUMPRODUCT SUMSQ TEXTJOIN
    TODAY TRUE VAR VAR.P VAR.S XIRR XNPV XOR
    """
)
"""Functions whose result is one value whatever they are given (where no argument is lifted)."""

REACHES_OUTSIDE = _names(
    """
    CALL COPILOT CUBEKPIMEMBER CUBEMEMBER CUBEMEMBERPROPERTY CUBERANKEDMEMBER CUBESET CUBESETCOUNT
    CUBEVALUE DETECTLANGUAGE IMAGE IMPORTCSV IMPORTTEXT PY REGISTER.ID RTD SQL.REQUEST
    STOCKHISTORY TRANSLATE WEBSERVICE
    """
)
"""Functions that need the network or another program."""
