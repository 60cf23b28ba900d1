"""Books, accounts and worlds that the tests of stress share."""

from hypothesis import strategies as st

from xlhedge import call

HEADER = [
    "asset",
    "instrument",
    "quantity",
    "price",
    "contract_size",
    "entry_price",
    "beta",
    "account",
    "maintenance_rate",
    "maintenance_amount",
]


SHOCKS = [
    "scenario",
    "spot_shock",
    "basis_shock",
    "funding_rate",
    "intervals",
    "stablecoin_shock",
    "cost_rate",
    "top_up",
]


(
    SPOT,
    FUTURES,
    FUNDING,
    COLLATERAL,
    TOTAL,
    EQUITY,
    MAINTENANCE,
    RATIO,
    CALL,
    LIQUIDATED,
    AFTER,
) = range(1, 12)


rates = st.floats(-0.003, 0.003)


quantities = st.floats(-20, 20)


def spot(quantity, price=70000, beta=1, asset="BTC"):
    return [asset, "spot", quantity, price, "", "", beta, "", "", ""]


def linear(contracts, price=70000, entry="", account="", rate="", beta=1, size=1, asset="BTC"):
    return [asset, "linear", contracts, price, size, entry, beta, account, rate, ""]


def inverse(contracts, price=70000, entry="", account="", rate="", size=100, asset="BTC"):
    return [asset, "inverse", contracts, price, size, entry, 1, account, rate, ""]


def book(*lines):
    return [HEADER, *lines]


def shock(spot_shock=0.0, basis=0.0, rate=0.0, intervals=0, peg=0.0, cost=0.0, top_up=False):
    return ["s", spot_shock, basis, rate, intervals, peg, cost, top_up]


def money(*balances):
    return [["account", "balance", "asset", "haircut"], *balances]


def stress(lines, *scenarios, accounts=None):
    """The rows of STRESS_PNL, without its header."""
    return call("STRESS_PNL", book(*lines), [SHOCKS, *scenarios], accounts)[1:]


def reverse(*cells):
    """The moves up and down of STRESS_REVERSE."""
    return {line[0]: line[1] for line in call("STRESS_REVERSE", *cells)[1:]}


@st.composite
def desks(draw):
    """A book with accounts: spot, linear and inverse legs of two coins."""
    q = [draw(quantities) for _ in range(5)]
    return [
        spot(q[0]),
        spot(q[1] * 20, 3500, 1.3, "ETH"),
        linear(q[2], 70100, draw(st.sampled_from(["", 65000, 75000])), "A", 0.01),
        linear(q[3] * 20, 3510, "", "A", 0.02, 1.3, 1, "ETH"),
        inverse(q[4] * 700, 70050, draw(st.sampled_from(["", 65000])), "B", 0.005),
    ]


ACCOUNTS = money(["A", 300000, "", ""], ["B", 3, "BTC", 0.1])
