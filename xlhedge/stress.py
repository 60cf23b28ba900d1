"""Scenarios, replayed histories and reverse stress."""

from xlhedge.hosts.python.functions import attributes

__getattr__, __dir__ = attributes(__name__)
