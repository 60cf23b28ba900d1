"""Spot minus futures: its level, its carry and its mean reversion."""
