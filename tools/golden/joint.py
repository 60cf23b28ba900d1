"""Writes tests/golden/joint.toml: the joint law where its numbers are known in closed form.

Run with: python tools/golden/joint.py > tests/golden/joint.toml
Computed with mpmath 1.3, scipy 1.17.1, statsmodels 0.14, numpy 2.4.
"""

import json
import math

import mpmath
import numpy as np
import scipy.optimize
import scipy.stats as st
import statsmodels.api as sm

LABELS = [
    "spot_volatility",
    "basis_current",
    "basis_theta",
    "basis_mu",
    "basis_sigma",
    "funding_current",
    "funding_theta",
    "funding_mu",
    "funding_sigma",
    "corr_spot_basis",
    "corr_spot_funding",
    "corr_basis_funding",
    "degrees_of_freedom",
    "interval_hours",
]
H = 8 / 8760


def toml(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(item, list) and len(item) == 1 for item in value):
            value = [item[0] for item in value]
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, (mpmath.mpf, np.floating)):
        value = float(value)
    return json.dumps(value, ensure_ascii=False)


def row(name, function, args, want, source, **more):
    print(f'\n[[row]]\nid = "{name}"\nfunction = "{function}"')
    print(f"args = {toml(args)}\nwant = {toml(want)}")
    for key, value in more.items():
        print(f"{key} = {toml(value)}")
    print(f"source = {toml(source)}")


def model(**changes):
    values = dict.fromkeys(LABELS, 0.0) | {"degrees_of_freedom": "", "interval_hours": 8.0}
    return [[label, value] for label, value in (values | changes).items()]


def var_joint(name, args, want, source, **more):
    row(name, "VAR_JOINT", args, want, source, **more)


# ---- nothing random -----------------------------------------------------------------------------
still = model(
    basis_current=0.01,
    basis_theta=50,
    basis_mu=-0.002,
    funding_current=0.0004,
    funding_theta=200,
    funding_mu=0.0001,
)
T = 9
b = [-0.002 + 0.012 * math.exp(-50 * H * k) for k in range(T + 1)]
f = [0.0001 + 0.0003 * math.exp(-200 * H * k) for k in range(T + 1)]
F = [70000 * math.exp(-x) for x in b]
for name, coins, contracts in [("short", 1, -1), ("long", 0, 2), ("bare", 3, 0)]:
    gain = contracts * (F[T] - F[0]) - contracts * sum(
        x * y for x, y in zip(F[1:], f[1:], strict=True)
    )
    var_joint(
        f"joint-still-{name}",
        [coins, 70000, contracts, still, 3],
        {
            "var": -gain,
            "es": -gain,
            "mean": gain,
            "sd": 0.0,
            "basis_share": "#DIV/0!",
            "funding_share": "#DIV/0!",
            "var_standard_error": 0.0,
        },
        "decay of basis and funding towards their means, summed by hand",
        rel=1e-9,
        abs=1e-9,
    )

# ---- one source at a time: the law of the profit and loss is known ------------------------------
PATHS = 200000
for nu in ("", 3.5):
    for confidence in (0.95, 0.99):
        if nu == "":
            x = st.norm.ppf(confidence)
        else:
            x = st.t.ppf(confidence, nu) * math.sqrt((nu - 2) / nu)
        s, drift = 0.6 * math.sqrt(H), -0.36 * H / 2
        tag = f"{'gauss' if nu == '' else 'student'}-{confidence:g}"
        only_spot = model(spot_volatility=0.6, degrees_of_freedom=nu)
        var_joint(
            f"joint-spot-long-{tag}",
            [2, 70000, 0, only_spot, 1 / 3, confidence, 1, PATHS],
            {"var": -140000 * math.expm1(drift - s * x), "basis_share": 0.0, "funding_share": 0.0},
            "exact quantile of one interval, scipy.stats norm and t",
            rel=0.012,
        )
        var_joint(
            f"joint-futures-short-{tag}",
            [0, 70000, -50, only_spot, 1 / 3, confidence, 0.01, PATHS],
            {"var": 35000 * math.expm1(drift + s * x)},
            "exact quantile of one interval, scipy.stats norm and t",
            rel=0.012,
        )
for periods in (1, 9, 90):
    theta, sigma, mu, now = 300.0, 0.02, 0.0002, -0.001
    mean = mu + (now - mu) * math.exp(-theta * H * periods)
    sd = sigma * math.sqrt(-math.expm1(-2 * theta * H * periods) / (2 * theta))
    only_basis = model(basis_current=now, basis_theta=theta, basis_mu=mu, basis_sigma=sigma)
    for contracts in (-1, 1):
        quantile = mean - math.copysign(1, contracts) * -sd * st.norm.ppf(0.99)
        loss = -contracts * 70000 * (math.exp(-quantile) - math.exp(-now))
        var_joint(
            f"joint-basis-{'long' if contracts > 0 else 'short'}-{periods}",
            [
                -contracts * math.exp(-now),
                70000,
                contracts,
                only_basis,
                periods / 3,
                0.99,
                1,
                PATHS,
            ],
            {"var": loss, "basis_share": 1.0, "funding_share": 0.0},
            "exact quantile of exp(−b) with b Gaussian, scipy.stats.norm",
            rel=0.012,
        )
    theta, sigma, mu, now = 250.0, 0.005, 0.0001, 0.0003
    k = np.arange(1, periods + 1)
    means = mu + (now - mu) * np.exp(-theta * H * k)
    covariance = (
        sigma**2
        / (2 * theta)
        * (np.exp(-theta * H * np.abs(k[:, None] - k)) - np.exp(-theta * H * (k[:, None] + k)))
    )
    only_funding = model(
        funding_current=now, funding_theta=theta, funding_mu=mu, funding_sigma=sigma
    )
    sd = 70000 * math.sqrt(covariance.sum())
    for contracts in (-1, 1):
        gain = -contracts * 70000 * means.sum()
        var_joint(
            f"joint-funding-{'long' if contracts > 0 else 'short'}-{periods}",
            [1, 70000, contracts, only_funding, periods / 3, 0.95, 1, PATHS],
            {
                "var": st.norm.ppf(0.95) * sd - gain,
                "es": st.norm.pdf(st.norm.ppf(0.95)) / 0.05 * sd - gain,
                "mean": gain,
                "sd": sd,
                "basis_share": 0.0,
                "funding_share": 1.0,
                "loss_probability": st.norm.cdf(-gain / sd),
            },
            "sum of Ornstein-Uhlenbeck rates is Gaussian, numpy and scipy.stats.norm",
            rel=0.012,
            abs=0.01 * sd,
        )
half = model(spot_volatility=0.6)
var_joint(
    "joint-half-an-interval",
    [1, 70000, -1, half, 0.5],
    "#NUM!",
    "by hand: a whole number of intervals",
)
var_joint(
    "joint-impossible-correlations",
    [1, 70000, -1, model(corr_spot_basis=0.9, corr_spot_funding=0.9, corr_basis_funding=-0.9)],
    "#NUM!",
    "numpy.linalg.eigvalsh: least eigenvalue −0.8",
)
var_joint(
    "joint-two-degrees",
    [1, 70000, -1, model(degrees_of_freedom=2)],
    "#NUM!",
    "the variance does not exist",
)
var_joint(
    "joint-few-paths", [1, 70000, -1, half, 1, 0.99, 1, 499], "#NUM!", "5/(1 − confidence) paths"
)
var_joint(
    "joint-unknown-label",
    [1, 70000, -1, [*half, ["vol", 1]]],
    "#VALUE!",
    "by hand: its documented labels",
)
var_joint(
    "joint-missing-label", [1, 70000, -1, half[1:]], "#VALUE!", "by hand: its documented labels"
)

# ---- the fit ------------------------------------------------------------------------------------


def fit_process(series):
    fit = sm.OLS(series[1:], sm.add_constant(series[:-1])).fit()
    c, phi = fit.params
    theta = -math.log(phi) / H
    sigma = math.sqrt(fit.ssr / len(fit.resid) * 2 * theta / (1 - phi**2))
    return theta, c / (1 - phi), sigma, fit.resid


def joint_fit(spot, futures, rates):
    basis = np.log(np.array(spot) / np.array(futures))
    log_returns = np.diff(np.log(spot))
    basis_theta, basis_mu, basis_sigma, e2 = fit_process(basis)
    funding_theta, funding_mu, funding_sigma, e3 = fit_process(np.array(rates))
    e = np.stack([log_returns, e2, e3])
    observed = np.corrcoef(e)
    thetas = [0, basis_theta, funding_theta]

    def product(i, j):
        total = mpmath.mpf(thetas[i]) + thetas[j]
        return mpmath.quad(lambda s: mpmath.exp(-total * s), [0, H])

    def shocks(i, j):
        return float(observed[i, j] * mpmath.sqrt(product(i, i) * product(j, j)) / product(i, j))

    z = (e.T - e.mean(axis=1)) / e.std(axis=1)

    def cost(inverse):
        nu = 1 / inverse
        return -st.multivariate_t(shape=observed * (nu - 2) / nu, df=nu).logpdf(z).sum()

    best = scipy.optimize.minimize_scalar(
        cost, bounds=(0.005, 1 / 2.05), method="bounded", options={"xatol": 1e-10}
    )
    gaussian = -st.multivariate_normal(cov=observed).logpdf(z).sum()
    return (
        {
            "spot_volatility": np.std(log_returns, ddof=1) / math.sqrt(H),
            "basis_current": basis[-1],
            "basis_theta": basis_theta,
            "basis_mu": basis_mu,
            "basis_sigma": basis_sigma,
            "funding_current": rates[-1],
            "funding_theta": funding_theta,
            "funding_mu": funding_mu,
            "funding_sigma": funding_sigma,
            "corr_spot_basis": shocks(0, 1),
            "corr_spot_funding": shocks(0, 2),
            "corr_basis_funding": shocks(1, 2),
            "interval_hours": 8.0,
        },
        1 / best.x,
        2 * (gaussian - best.fun),
    )


def simulated(count, nu, seed):
    rng = np.random.default_rng(seed)
    z = (
        rng.standard_normal((count, 3))
        @ np.linalg.cholesky([[1, -0.3, 0.2], [-0.3, 1, -0.4], [0.2, -0.4, 1]]).T
    )
    if nu:
        z *= np.sqrt((nu - 2) / rng.chisquare(nu, (count, 1)))
    x, b, f = 11.0, 0.0, 0.0001
    spot, futures, rates = [], [], []
    for shock in z:
        x, b, f = x + 0.01 * shock[0], 0.6 * b + 2e-4 * shock[1], 2e-5 + 0.8 * f + 3e-5 * shock[2]
        spot.append(round(math.exp(x), 2))
        futures.append(round(math.exp(x - b), 2))
        rates.append(round(f, 7))
    return spot, futures, rates


for name, nu, seed in [("student", 4, 1), ("gaussian", None, 2)]:
    data = simulated(200, nu, seed)
    want, freedom, ratio = joint_fit(*data)
    assert (ratio > 2.71) == bool(nu), ratio
    columns = [[[value] for value in line] for line in data]
    row(
        f"joint-fit-{name}",
        "JOINT_FIT",
        [*columns, 8],
        want,
        "statsmodels OLS, numpy corrcoef, mpmath.quad for the integrated shocks",
        rel=1e-8,
    )
    if nu:
        row(
            f"joint-fit-{name}-freedom",
            "JOINT_FIT",
            [*columns, 8],
            {"degrees_of_freedom": freedom},
            "scipy.stats.multivariate_t.logpdf, maximised",
            rel=1e-4,
        )
few = [line[:49] for line in columns]
row("joint-fit-49-rows", "JOINT_FIT", few, "#N/A", "JOINT_FIT's least number of rows")
row(
    "joint-fit-lengths",
    "JOINT_FIT",
    [columns[0], columns[1][:-1], columns[2]],
    "#VALUE!",
    "by hand",
)
row(
    "joint-fit-constant-funding",
    "JOINT_FIT",
    [columns[0], columns[1], [[0.0001]] * 200],
    "#DIV/0!",
    "by hand: a regressor without variance",
)
