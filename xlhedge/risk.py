"""Value at risk and expected shortfall."""

from xlhedge.hosts.python.functions import attributes

__getattr__, __dir__ = attributes(__name__)
