"""The payments between longs and shorts of a perpetual."""

from xlhedge.hosts.python.functions import attributes

__getattr__, __dir__ = attributes(__name__)
