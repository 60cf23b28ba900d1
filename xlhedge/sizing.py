"""Hedge sizing: how many contracts, and what they are worth."""

from xlhedge.hosts.python.functions import attributes

__getattr__, __dir__ = attributes(__name__)
