"""Margin, liquidation prices and the probability of reaching them."""

from xlhedge.hosts.python.functions import attributes

__getattr__, __dir__ = attributes(__name__)
