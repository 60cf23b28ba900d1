"""The server of the Office add-in: answers calls of the functions over HTTPS.

By default for the user of this machine alone; for a team behind the company's proxy.
"""
