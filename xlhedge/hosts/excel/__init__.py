"""Excel on Windows: the VBA, the add-in and their installation."""
