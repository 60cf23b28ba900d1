"""Margin, liquidation prices and the chance of reaching them."""
