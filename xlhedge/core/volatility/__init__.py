"""Volatility estimates and volatility targets."""
