"""Statistics that several topics share."""
