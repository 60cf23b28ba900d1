"""Excel on Windows: installing, checking and starting what the add-in needs.

``python -m xlhedge.windows install | repair | uninstall | status | selftest | doctor``

`install.ps1` makes the environment and then calls this; everything it decides is decided here,
where it can be tested. Nothing needs an administrator and nothing is written outside the user's own
folders and the user's own part of the registry.
"""
