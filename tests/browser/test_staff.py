"""Coordinators and admins at their pages, in a browser, with everything running."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.town import Town, accessible, picture

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]


def test_an_admin_turns_sms_and_a_study_off_and_on_by_keyboard(town: Town, desk: Page) -> None:
    town.turn_on()
    town.booked("switch", "+13308237710", study="s-switch")
    town.sign_in(desk, path="/admin/acme/studies")
    card = desk.locator("section", has=desk.get_by_role("heading", name="s-switch"))
    expect(card.locator(".state")).to_have_text("Interview Reminder is on")
    summary = card.locator("summary")
    summary.focus()
    desk.keyboard.press("Enter")
    expect(card.locator(".touches")).to_contain_text("1 person: 1 text planned")
    accessible(desk)
    picture(desk, "study-switch")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("status")).to_contain_text("is off for this study")
    town.consent("silent", "+13308237711")
    town.book("silent", phone="+13308237711", study="s-switch")
    desk.goto(f"{town.url}/admin/acme/bookings/silent")
    town.until(lambda: _reloaded(desk, "texts are switched off for the study"), "it was not suppressed")
    assert not town.screen("+13308237711")
    desk.goto(f"{town.url}/admin/acme/studies")
    card.get_by_role("button", name="Turn on").click()
    expect(desk.get_by_role("status")).to_contain_text("is on for this study")
    town.booked("loud", "+13308237712", study="s-switch")
    desk.goto(f"{town.url}/admin/acme/settings")
    expect(desk.locator(".state")).to_have_text("SMS is on")
    accessible(desk)
    picture(desk, "settings")


def _reloaded(page: Page, words: str) -> bool:
    page.reload()
    return words in (page.text_content("body") or "")


def test_a_day_of_update_goes_by_a_button_after_its_preview(town: Town, desk: Page) -> None:
    town.turn_on()
    phone = "+13308237720"
    town.booked("late", phone)
    town.sign_in(desk, "coordinator", "/admin/acme/bookings/late")
    town.until(lambda: _reloaded(desk, "5 of 6"), "the confirmation was not counted")
    accessible(desk)
    picture(desk, "booking")
    desk.get_by_role("button", name="Interviewer is late").click()
    expect(desk.locator(".bubble")).to_contain_text("your interviewer from Acme Research is running late")
    assert "running late" not in town.screen(phone)
    accessible(desk)
    picture(desk, "update-preview")
    desk.get_by_role("button", name="Send this text").click()
    expect(desk.get_by_role("status")).to_contain_text("Update: interviewer late: ")
    town.until(lambda: "running late" in town.screen(phone), "the update did not arrive")
    town.until(lambda: _reloaded(desk, "4 of 6"), "the update was not counted")
    town.book("late", phone=phone, revision=2, status="cancelled")
    town.until(lambda: "is cancelled" in town.screen(phone), "the next record of upstream was lost")


def test_a_reply_is_marked_as_handled_by_keyboard(town: Town, desk: Page) -> None:
    town.turn_on()
    phone, said = "+13308237750", "where do I park?"
    town.booked("parking", phone)
    town.web.post(f"{town.phones}/admin/replies", json={"from": phone, "text": said})
    town.sign_in(desk, "coordinator", "/admin/acme/replies")
    town.until(lambda: _reloaded(desk, said), "the reply is not on record")
    desk.get_by_role("button", name=f"Mark as handled: {said}").focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("status")).to_contain_text("marked as handled")
    handled = desk.locator("section", has=desk.get_by_role("heading", name="Handled"))
    expect(handled).to_contain_text(said)
    expect(handled).to_contain_text("handled by cole")
    accessible(desk)
    picture(desk, "replies")


def test_a_grant_by_staff_is_refused_after_stop_and_the_history_says_so(town: Town, desk: Page) -> None:
    town.turn_on()
    phone = "+13308237730"
    town.booked("firm", phone)
    desk.goto(town.phones)
    desk.locator("#phone-13308237730").get_by_role("button", name="STOP").click()
    town.sign_in(desk, path="/admin/acme/people/person-firm")
    town.until(lambda: _reloaded(desk, "This phone replied STOP"), "the STOP is not on record")
    desk.get_by_text("Record consent…").click()
    desk.get_by_label("Day they agreed").fill("2026-01-02")
    desk.get_by_label("How they agreed").fill("told me on the phone")
    accessible(desk)
    desk.get_by_role("button", name="Record consent").click()
    expect(desk.get_by_role("alert")).to_contain_text("only START from the phone lifts that")
    expect(desk.locator("tr.no")).to_contain_text("a grant of consent was refused")
    picture(desk, "profile")
    desk.get_by_text("Withdraw consent…").click()
    desk.get_by_label("Reason").fill("asked by mail")
    desk.get_by_role("button", name="Withdraw consent").click()
    expect(desk.get_by_role("status")).to_contain_text("Consent is withdrawn")


@pytest.mark.parametrize("size", ["desk", "mobile"])
def test_every_page_of_staff_is_accessible_and_fits(
    town: Town, size: str, request: pytest.FixtureRequest
) -> None:
    page: Page = request.getfixturevalue(size)
    town.turn_on()
    name, number = ("reader1", "+13308237740") if size == "desk" else ("reader2", "+13308237741")
    town.booked(name, number)
    town.book(f"lacking-{size}")
    page.goto(f"{town.url}/admin/sign-in")
    accessible(page)
    page.get_by_label("Your token").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    accessible(page)
    town.sign_in(page)
    town.web.post(f"{town.phones}/admin/replies", json={"from": number, "text": "which room is it?"})
    unclear = "please stop with all these questions ok"
    town.web.post(f"{town.phones}/admin/replies", json={"from": number, "text": unclear})
    page.goto(f"{town.url}/admin/acme/replies")
    town.until(lambda: _reloaded(page, "which room is it?"), "the reply is not on record")
    for path in ("", "/bookings", f"/bookings/{name}", "/people", f"/people/person-{name}"):
        page.goto(f"{town.url}/admin/acme{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        accessible(page)
        picture(page, f"staff{path.replace('/', '-').replace(name, 'one') or '-overview'}-{size}")
    for path in ("/replies", "/attention", "/studies", "/settings"):
        page.goto(f"{town.url}/admin/acme{path}")
        accessible(page)
        picture(page, f"staff{path.replace('/', '-')}-{size}")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/admin/sign-in"))
