"""Models that the tests of the joint law share."""

H = 8 / 8760

USUAL = {
    "spot_volatility": 0.6,
    "basis_current": -0.002,
    "basis_theta": 400.0,
    "basis_mu": 0.0003,
    "basis_sigma": 0.03,
    "funding_current": 0.0004,
    "funding_theta": 250.0,
    "funding_mu": 0.0001,
    "funding_sigma": 0.006,
    "corr_spot_basis": -0.3,
    "corr_spot_funding": 0.25,
    "corr_basis_funding": -0.45,
    "degrees_of_freedom": None,
    "interval_hours": 8.0,
}

HEDGED = {"coins": 1.0, "contracts": -1.0}
