"""Spot minus futures: level, carry and mean reversion."""

from xlhedge.hosts.python.functions import attributes

__getattr__, __dir__ = attributes(__name__)
