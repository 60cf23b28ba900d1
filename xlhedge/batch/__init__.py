"""Many workbooks at once, in processes that may die."""
