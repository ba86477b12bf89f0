"""The script of the sign-up page, without servers: the application answers within this process."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from playwright.sync_api import Page, Route, expect

from gateway.app import create_app
from schemas.sign_ups import SignUp
from tests.gateway.desk import Desk, desk
from tests.gateway.visitor import invited

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]
HOST = "http://never.named"


@pytest.fixture
def edge(tmp_path: Path) -> Desk:
    return desk(tmp_path)


@pytest.fixture
def page(mobile: Page, edge: Desk) -> Iterator[Page]:
    """The sign-up page on a phone."""
    with TestClient(create_app(lambda: edge.edge), base_url=HOST) as client:
        mobile.route("**/*", lambda route: answer(route, client))
        mobile.goto(HOST + invited())
        yield mobile


def answer(route: Route, client: TestClient[Litestar]) -> None:
    asked = route.request
    told = client.request(
        asked.method,
        asked.url,
        content=asked.post_data_buffer,
        headers=asked.headers,
        follow_redirects=False,
    )
    route.fulfill(status=told.status_code, headers=dict(told.headers), body=told.content)


def test_enter_on_a_wrong_number_says_what_is_wrong(page: Page, edge: Desk) -> None:
    phone = page.get_by_label("Phone number")
    phone.press("Enter")
    expect(page.locator("#phone-error")).to_contain_text("Enter your phone number")
    phone.fill("12345")
    phone.press("Enter")
    expect(page.locator("#phone-error")).to_contain_text("too short")
    expect(page.get_by_role("button", name="Submit")).to_be_disabled()
    assert edge.paper.of(SignUp) == []


def test_enter_right_after_the_last_digit_submits_once(page: Page, edge: Desk) -> None:
    page.get_by_label("Phone number").type("2025550123\n")
    expect(page.get_by_role("heading", name="you are signed up")).to_be_visible()
    assert [record.phone for record in edge.paper.of(SignUp)] == ["+12025550123"]


def test_a_network_that_never_answers_keeps_submit_from_nobody(page: Page, edge: Desk) -> None:
    page.route("**/join/check", lambda route: None)
    phone, submit = page.get_by_label("Phone number"), page.get_by_role("button", name="Submit")
    phone.fill("12345")
    expect(submit).to_be_disabled()
    expect(submit).to_be_enabled(timeout=20_000)
    submit.click()
    expect(page.get_by_role("alert")).to_contain_text("too short")
    assert edge.paper.of(SignUp) == []
