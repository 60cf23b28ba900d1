"""Files, processes and the log: what every room above needs of the operating system."""
