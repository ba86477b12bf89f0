"""The API for people to read, in a browser: by keyboard alone, on a desk and on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.town import Town, accessible, picture

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]


@pytest.mark.parametrize("size", ["desk", "mobile"])
def test_the_api_reads_by_keyboard_and_is_accessible(
    town: Town, size: str, request: pytest.FixtureRequest
) -> None:
    page: Page = request.getfixturevalue(size)
    page.goto(f"{town.url}/docs")
    accessible(page)
    picture(page, f"docs-{size}")
    assert _tab_to(page, "The document as JSON") < 5
    _tab_to(page, "/v1/preview")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#post-v1-preview$"))
    _tab_to(page, "Answers")  # goes on where the link led
    page.keyboard.press("Enter")
    card = page.locator("#post-v1-preview")
    expect(card.locator("details")).to_have_attribute("open", "")
    expect(card.get_by_text("422")).to_be_visible()
    accessible(page)


def _tab_to(page: Page, words: str) -> int:
    """Press Tab until what has the focus says so; how often it took."""
    for pressed in range(1, 60):
        page.keyboard.press("Tab")
        if words in page.evaluate("document.activeElement.textContent"):
            return pressed
    raise AssertionError(f"no Tab leads to {words}")
