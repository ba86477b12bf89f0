"""Participants: signing up, the texts on their phone, removing the number, STOP."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from rules.texts import CONSENT_TEXT
from tests.browser.town import Town, accessible, picture

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]


def invite(town: Town, **fields: object) -> str:
    wanted = {
        "workspace_id": "acme",
        "workspace_name": "Acme Research",
        "study_id": "s1",
        "study_name": "Everyday shoes",
        "starts_at": "2031-05-06T15:00:00Z",
        "zone": "America/Chicago",
        "return_url": f"{town.url}/health",
    }
    url: str = town.post("invitations", {**wanted, **fields})["url"]
    return url


def test_an_upstream_that_never_sees_the_phone(town: Town, mobile: Page, desk: Page) -> None:
    """Sign-up with bad and good numbers, confirmation on the phone, the link in it, the number removed."""
    town.turn_on()
    mobile.goto(invite(town))
    submit, phone = mobile.get_by_role("button", name="Submit"), mobile.get_by_label("Phone number")
    expect(mobile.locator("p.consent")).to_have_text(CONSENT_TEXT)
    expect(mobile.get_by_role("heading", name="Rally SMS Consent")).to_be_visible()
    for words in ("Privacy Policy", "Terms of Service"):
        expect(mobile.locator("p.consent").get_by_role("link", name=words)).to_have_attribute(
            "href", re.compile("https://")
        )
    expect(mobile.get_by_text("text START to it")).to_be_visible()
    expect(mobile.locator("time")).to_contain_text("10:00")
    expect(submit).to_be_disabled()
    accessible(mobile)
    mobile.get_by_label("Your name").fill("Pat Doe")
    mobile.get_by_label("Your e-mail").fill("pat@example.org")
    for wrong, said in (("330555", "too short"), ("(330) 655-01477777", "too long"), ("abc", "digits only")):
        phone.fill(wrong)
        phone.blur()
        expect(mobile.locator("#phone-error")).to_contain_text(said)
        expect(submit).to_be_disabled()
    accessible(mobile)
    picture(mobile, "sign-up-wrong-number")
    phone.fill("+44 7400 123456")
    expect(submit).to_be_enabled()
    expect(mobile.locator("#served")).to_have_class(re.compile("note"))
    phone.fill("(330) 823-7701")
    expect(submit).to_be_enabled()
    picture(mobile, "sign-up")
    submit.click()
    mobile.wait_for_url("**/health?*")
    fixed = town.post("returns", {"sign_up": parse_qs(urlsplit(mobile.url).query)["sign_up"][0]})
    town.book("pat", event_id=fixed["event_id"], person_id=fixed["person_id"], place="12 Main Street")
    number = "+13308237701"
    town.until(lambda: "interview with Acme Research booked" in town.screen(number), "no confirmation")
    desk.goto(town.phones)
    accessible(desk)
    picture(desk, "phones")
    mobile.goto(desk.locator("#phone-13308237701 a").last.get_attribute("href") or "")
    expect(mobile.get_by_role("heading", name="Your interview with Acme Research")).to_be_visible()
    expect(mobile.get_by_text("12 Main Street")).to_be_visible()
    accessible(mobile)
    picture(mobile, "manage")
    mobile.get_by_role("button", name="Remove my number").click()
    expect(mobile.get_by_role("heading", name="Your number is removed")).to_be_visible()
    accessible(mobile)


def test_without_scripts_the_server_says_what_is_wrong(town: Town, plain: Page) -> None:
    town.turn_on()
    plain.goto(invite(town, person_id="p-plain", event_id="plain"))
    plain.get_by_label("Phone number").fill("12345")
    plain.get_by_role("button", name="Submit").click()
    expect(plain.get_by_role("alert")).to_contain_text("too short")
    plain.get_by_label("Phone number").fill("330 823 7702")
    plain.get_by_role("button", name="Submit").click()
    plain.wait_for_url("**/health?*")
    town.book("plain", person_id="p-plain")
    town.until(lambda: "booked" in town.screen("+13308237702"), "no confirmation")


def test_signing_up_by_keyboard_alone(town: Town, mobile: Page) -> None:
    town.turn_on()
    mobile.goto(invite(town, person_id="p-keys", event_id="keys", return_url=None))
    keys = mobile.keyboard
    for _ in range(20):
        keys.press("Tab")
        if mobile.evaluate("document.activeElement.id") == "phone":
            break
    keys.type("3308237703")
    expect(mobile.get_by_role("button", name="Submit")).to_be_enabled()
    for _ in range(5):
        keys.press("Tab")
        if mobile.evaluate("document.activeElement.id") == "submit":
            break
    outline = mobile.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "where the focus is must be seen"
    keys.press("Enter")
    expect(mobile.get_by_role("heading", name="you are signed up")).to_be_visible()


def test_stop_from_the_phone_screen_and_an_old_link_says_so_politely(
    town: Town, desk: Page, mobile: Page
) -> None:
    town.turn_on()
    town.booked("stopper", "+13308237704")
    desk.goto(town.phones)
    screen = desk.locator("#phone-13308237704")
    screen.get_by_role("button", name="STOP").click()
    expect(screen).to_contain_text("You have been unsubscribed")
    picture(desk, "phones-stop")
    mobile.goto(f"{town.url}/m/{'x' * 22}")
    expect(mobile.get_by_role("heading", name="This link does not work any more")).to_be_visible()
    accessible(mobile)


def test_with_texts_off_nothing_is_said_of_them(town: Town, mobile: Page) -> None:
    mobile.goto(invite(town, workspace_id="acme", study_id="s-silent", person_id="p9", event_id="e9"))
    town.turn_on()
    headers = {"Authorization": f"Bearer {town.tokens['upstream']}"}
    off = {
        "type": "setting",
        "message_id": "silent",
        "workspace_id": "acme",
        "study_id": "s-silent",
        "name": "interview_reminder",
        "value": False,
        "revision": 1,
        "actor": "rally",
        "at": "2026-01-01T00:00:00Z",
    }
    assert town.web.post(f"{town.url}/v1/settings", json=off, headers=headers).status_code == 202
    url = invite(town, study_id="s-silent", person_id="p9", event_id="e9")
    town.until(lambda: "SMS" not in town.web.get(url).text, "the study was never off")
    mobile.goto(url)
    expect(mobile.get_by_role("link", name="Continue")).to_be_visible()
    assert "phone" not in (mobile.text_content("body") or "").lower()
    accessible(mobile)
