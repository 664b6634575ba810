"""A real browser, looking at a real server. It sees what a person sees: elements are found by role and name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from accounts_app.models import User
from search_app.index.bitmaps import keeper
from tests.conftest import PASSWORD
from tests.requirements import needs

PATIENCE = 30_000  # milliseconds: what a page shows in one on an idle machine may take many on a busy one
expect.set_options(timeout=PATIENCE)
ABORTED = "^htmx:(sendAbort|afterRequest)"  # what the console says of a question that was taken back


@pytest.fixture(scope="session", autouse=True)
def orm_beside_playwright(django_db_setup) -> Iterator[None]:
    """Lets tests use the ORM while Playwright keeps an event loop in their thread.

    Django refuses that unless told otherwise, and then gives the thread another connection object than the one
    that was made with the test database: what that one knows of its first contents, all have to know.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        contents = connections["default"]._test_serialized_contents
        patch.setattr(type(connections["default"]), "_test_serialized_contents", contents, raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def chromium(orm_beside_playwright):
    return needs("chromium")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args, chromium):
    # No sandbox: CI runs as root, and the pages are our own.
    return {**browser_type_launch_args, "executable_path": str(chromium), "args": ["--no-sandbox"]}


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """On a busy machine the index takes a moment to open: a story is not about the page that says so."""
    monkeypatch.setattr(keeper, "PATIENCE", 30)


def log_in(user: User, url: str) -> list[dict[str, str]]:
    """Send the form of the login, as a browser does, and return the cookies that come back."""
    client = Client()
    answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302
    return [{"name": one.key, "value": one.coded_value, "url": url} for one in client.cookies.values()]


@pytest.fixture
def visit(live_server, browser: Browser) -> Iterator[Callable[..., Page]]:
    """`visit(user)` is a page on which that person has logged in. Afterwards no page may have complained.

    The form is sent for them, and filled in by `types=True`: to draw it costs as much as the explorer behind it.
    `expects=(403,)` names statuses that a story provokes: the browser reports each as an error. Of a question that
    is taken back, because another was asked, it tells too. The server is asked for first, and so goes last: threads of
    it that still have a browser's connection would close the database of a thread that shares it no more.
    """
    complaints: list[str] = []
    contexts = []

    def start(user: User, *, expects: tuple[int, ...] = (), types: bool = False, **options) -> Page:
        context = browser.new_context(
            base_url=live_server.url, **{"viewport": {"width": 1440, "height": 900}, **options}
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: note(message))

        def note(message):
            known = [rf"status of {code}|Status Error Code {code}" for code in expects] + [ABORTED]
            if message.type in ("error", "warning") and not any(re.search(one, message.text) for one in known):
                complaints.append(message.text)

        if types:
            page.goto("/accounts/login/")
            page.get_by_label("E-mail").fill(user.email)
            page.get_by_label("Password", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="Log in").click()
        else:
            context.add_cookies(log_in(user, live_server.url))
            page.goto("/")
        page.get_by_role("heading", name="Signals Explorer").wait_for()
        return page

    yield start
    for context in contexts:
        context.close()
    assert not complaints
