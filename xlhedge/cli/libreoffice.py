"""`xlhedge calc`: the add-in for LibreOffice Calc."""

from __future__ import annotations

import typer

calc = typer.Typer(
    help="The functions in LibreOffice Calc: install, uninstall, status.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def _addin() -> bytes:
    """The add-in, told where this Python has the package."""
    from xlhedge.hosts.libreoffice.launch import package_folders
    from xlhedge.hosts.libreoffice.render import render

    return render(package_folders())


@calc.command()
def install() -> None:
    """Register the add-in with the user's LibreOffice (as root: for all users).

    Needs LibreOffice 25.2 or later. Nothing is registered when its Python cannot use the package.

    Examples:

      xlhedge calc install
    """
    from xlhedge.hosts.libreoffice import install as office

    print(office.install(_addin()))
    print("Start LibreOffice anew: =XLHEDGE_VERSION() answers, and the wizard lists the functions.")


@calc.command()
def uninstall() -> None:
    """Take the add-in out of the user's LibreOffice.

    Examples:

      xlhedge calc uninstall
    """
    from xlhedge.hosts.libreoffice import install as office

    print("the add-in is taken out" if office.uninstall() else "the add-in was not installed")


@calc.command()
def status() -> None:
    """Tell which LibreOffice there is, and whether it has the functions.

    Exit code 1 when Calc does not have the functions of this version.

    Examples:

      xlhedge calc status
    """
    from xlhedge.hosts.libreoffice import install as office

    found = office.status(_addin())
    print(found)
    if not found.works:
        raise typer.Exit(1)
