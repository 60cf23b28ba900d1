"""The report of a hedge, its costs and its trades."""
