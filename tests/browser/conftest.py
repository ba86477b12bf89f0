"""Debian's Chromium at a whole deployment: every process runs, the carrier is the simulator."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from cli.token import new_token
from tests.browser.town import Town
from tests.system.deployment import Deployment

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE_SIZE = {"width": 390, "height": 844}
DESK_SIZE = {"width": 1180, "height": 900}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A deployment with the workspace acme, whose SMS an admin still has to turn on."""
    until = datetime.now(UTC).date() + timedelta(days=2)
    tokens = {role: new_token("acme", role, name, until) for role, name in Town.PEOPLE.items()}
    deployment = Deployment(
        tmp_path_factory.mktemp("town"),
        API_TOKENS=",".join(entry for _, entry in tokens.values()),
        SIGN_UPS_PER_IP_HOUR="1000",
        ACCOUNT_RATE_PER_S="5",
        NUMBER_RATE_PER_S="5",
        QUIET_FROM="00:00",
        QUIET_UNTIL="00:00",
    )
    town = Town(deployment, {role: token for role, (token, _) in tokens.items()})
    try:
        deployment.start_servers()
        deployment.start("simulator", "worker", "sender", "gateway", "archive")
        deployment.wait_ready()
        yield town
    finally:
        town.close()
        deployment.end()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if shutil.which(CHROMIUM) is None:
        pytest.fail(f"{CHROMIUM} is missing: apt-get install -y --no-install-recommends chromium")
    with (
        sync_playwright() as playwright
    ):  # while it is there, no test of this thread can have a loop of its own
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    """The page of a coordinator or admin, at a desk."""
    yield from _page(browser, DESK_SIZE)


@pytest.fixture
def mobile(browser: Browser) -> Iterator[Page]:
    """The page of a participant, on a phone."""
    yield from _page(browser, PHONE_SIZE)


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """A phone whose browser runs no scripts."""
    yield from _page(browser, PHONE_SIZE, scripts=False)


def _page(browser: Browser, size: dict[str, int], *, scripts: bool = True) -> Iterator[Page]:
    context = browser.new_context(
        viewport=size,  # type: ignore[arg-type]  # a TypedDict of the same shape
        timezone_id="America/Chicago",
        locale="en-US",
        java_script_enabled=scripts,
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("requestfailed", lambda request: errors.append(f"{request.url}: {request.failure}"))
    yield page
    context.close()
    unexpected = [error for error in errors if "status of 4" not in error and "ERR_ABORTED" not in error]
    assert not unexpected


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
