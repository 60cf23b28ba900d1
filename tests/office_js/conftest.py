"""A server, and Chromium with Microsoft's runtime of custom functions in it."""

import pytest
from office_host import OFFICE_JS, Server, chromium, open_sheet, trusting


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("server"), "--office-js", OFFICE_JS).start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def home(tmp_path_factory, server):
    return trusting(tmp_path_factory.mktemp("home"), server.authority)


@pytest.fixture(scope="session")
def playwright():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright, home):
    opened = chromium(playwright, home)
    yield opened
    opened.close()


@pytest.fixture
def page(browser):
    context = browser.new_context()
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def sheet(page, server):
    """A page in which the functions run as in Excel, with what Excel does in `window.excel`."""
    return open_sheet(page, server)
