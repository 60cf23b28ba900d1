"""The report of a hedge, its costs and its trades."""

from xlhedge.hosts.python.functions import attributes

__getattr__, __dir__ = attributes(__name__)
