from datetime import timedelta
from html import unescape
from typing import Any, get_args

import pytest
from httpx import AsyncClient as Web
from msgspec.structs import replace

from gateway.admin.words import why_noticed
from gateway.lookup import RecordsAway
from rules.sentences import NOTICES
from schemas.bookings import DayOfAsked
from schemas.consent import ConsentChange
from schemas.delivery_events import DeliveryEvent
from schemas.notices import NoticeKind
from schemas.samples import samples
from schemas.settings import SettingsChange
from tests.desk import Desk as Worker
from tests.gateway.desk import PHONE, Desk
from tests.gateway.staff import (
    REF,
    booking,
    consent,
    fact,
    fill,
    opted_out,
    press,
    reply,
    setting,
    sign_in,
    text,
)
from tests.gateway.visitor import hidden
from tests.makers import at

pytestmark = pytest.mark.usefixtures("at_once")


@pytest.fixture
def shop(at_desk: Desk) -> Desk:
    fill(at_desk)
    return at_desk


async def test_the_sms_setting_is_off_until_an_admin_turns_it_on(web: Web, shop: Desk) -> None:
    shop.books.settings.clear()
    await sign_in(web)
    assert "SMS is off" in (await web.get("/admin/acme/settings")).text
    answer = await press(web, "/admin/acme/settings", "/admin/acme/settings")
    assert answer.headers["location"] == "/admin/acme/settings?done=pending"
    [change] = shop.paper.of(SettingsChange)
    assert (change.name, change.value, change.study_id, change.actor) == ("sms_enabled", True, None, "admin")
    assert change.revision == 1


async def test_a_switch_without_a_word_turns_nothing_off(web: Web, shop: Desk) -> None:
    await sign_in(web)
    page = await web.get("/admin/acme/settings")
    answer = await web.post("/admin/acme/settings", data={"form": hidden(page.text)["form"]})
    assert (answer.status_code, shop.paper.messages) == (422, [])


async def test_a_token_for_all_workspaces_chooses_one(web: Web, shop: Desk) -> None:
    assert (await sign_in(web, "any-admin")).headers["location"] == "/admin"
    assert 'href="/admin/acme"' in (await web.get("/admin")).text
    assert '<a href="/admin">acme</a>' in (await web.get("/admin/acme")).text
    await sign_in(web)
    assert (await web.get("/admin")).headers["location"] == "/admin/acme"


async def test_turning_a_study_off_says_first_what_it_touches(web: Web, shop: Desk) -> None:
    shop.books.put(*setting(study_id="s1", name="interview_reminder", revision=7))
    await sign_in(web)
    page = (await web.get("/admin/acme/studies")).text
    assert "Interview Reminder is on" in page
    assert "<strong>1</strong> person: <strong>1</strong> text planned" in page
    await press(web, "/admin/acme/studies", "/admin/acme/studies/s1")
    [change] = shop.paper.of(SettingsChange)
    assert (change.name, change.value, change.study_id, change.revision) == (
        "interview_reminder",
        False,
        "s1",
        8,
    )


async def test_a_coordinator_sees_switches_and_has_no_buttons(web: Web, shop: Desk) -> None:
    await sign_in(web, "acme-coordinator")
    page = (await web.get("/admin/acme/settings")).text
    assert "SMS is on" in page
    assert "Turn off" not in page


async def test_a_booking_shows_its_texts_with_words_state_and_reason(web: Web, shop: Desk) -> None:
    shop.books.put(
        *text("interviewer_late", "suppressed", text_id="c" * 32, reason="capped"),
        reply("see you <b>soon</b>"),
    )
    await sign_in(web, "acme-coordinator")
    page = (await web.get("/admin/acme/bookings/b1")).text
    assert "Confirmation" in page
    assert "the event has had its texts" in page
    assert "see you &lt;b&gt;soon&lt;/b&gt;" in page
    assert "This phone may be texted." in page
    assert "5 of 6" in page
    assert (await web.get("/admin/acme/bookings/none")).status_code == 404


async def test_an_update_is_shown_before_it_is_asked_for_and_a_double_click_is_one(
    web: Web, shop: Desk
) -> None:
    await sign_in(web, "acme-coordinator")
    url = "/admin/acme/bookings/b1/updates"
    preview = await press(web, "/admin/acme/bookings/b1", f"{url}/preview", kind="interviewer_late")
    assert "your interviewer from Acme Research is running late, please wait. http" in preview.text
    assert "After it 4 of 6 texts are left" in preview.text
    assert shop.paper.messages == []
    for _ in range(2):
        answer = await web.post(url, data={**hidden(preview.text), "kind": "interviewer_late"})
        page = answer.headers["location"]
        assert page.startswith("/admin/acme/bookings/b1?update=")
        assert "no text is planned for it yet" in (await web.get(page)).text
    first, second = shop.paper.of(DayOfAsked)
    assert first == second
    assert (first.workspace_id, first.event_id, first.kind, first.actor) == (
        "acme",
        "b1",
        "interviewer_late",
        "coordinator",
    )


@pytest.mark.parametrize(
    ("state", "more", "said"),
    [
        ("planned", {"due_at": at("13:31")}, "planned, due Tue Nov 24, 1:31 PM EST"),
        ("accepted", {}, "sent"),
        ("suppressed", {"reason": "opted_out"}, "not sent: "),
        ("expired", {}, "not sent: "),
    ],
)
async def test_after_the_press_the_page_tells_what_became_of_the_update(
    web: Web, shop: Desk, state: str, more: dict[str, Any], said: str
) -> None:
    """The text's id is the one that the worker gives it."""
    await sign_in(web, "acme-coordinator")
    url = "/admin/acme/bookings/b1/updates"
    preview = await press(web, "/admin/acme/bookings/b1", f"{url}/preview", kind="interviewer_late")
    answer = await web.post(url, data={**hidden(preview.text), "kind": "interviewer_late"})
    shop.books.put(*text("interviewer_late", state, text_id=_planned_by_the_worker(shop), **more))
    note = (await web.get(answer.headers["location"])).text.split('role="status">')[1].split("</p>")[0]
    assert note.startswith(f"Update: interviewer late: {said}")
    assert ("by other means" in note) is (said == "not sent: ")


def _planned_by_the_worker(shop: Desk) -> str:
    worker = Worker(now=at("13:30"), on=False)
    worker.policy = shop.edge.policy
    out = worker.put(booking(), *shop.paper.of(DayOfAsked))
    [planned] = [m for m in out if isinstance(m, DeliveryEvent) and m.kind == "day_of_update"]
    return planned.text_id


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ([opted_out()], "replied STOP"),
        ([booking(revision=2, status="cancelled", received_at=at("13:00"))], "cancelled"),
        ([m for n in "cdefg" for m in text("interviewer_late", text_id=n * 32)], "has had its texts"),
    ],
)
async def test_an_update_that_can_not_go_is_refused_with_the_reason(
    web: Web, shop: Desk, what: list, said: str
) -> None:
    await sign_in(web, "acme-coordinator")
    page = await web.get("/admin/acme/bookings/b1")
    shop.books.put(*what)
    for url in ("/admin/acme/bookings/b1/updates/preview", "/admin/acme/bookings/b1/updates"):
        answer = await web.post(url, data={**hidden(page.text), "kind": "interviewer_late"})
        assert answer.status_code == 409
        assert said in answer.text
    assert shop.paper.messages == []


async def test_a_profile_shows_consent_its_words_and_its_history(web: Web, shop: Desk) -> None:
    shop.books.put(
        opted_out(), fact("consent_given", 2, workspace_id="birch", person_id="p9", actor="secret-birch")
    )
    await sign_in(web)
    page = (await web.get("/admin/acme/people/p1")).text
    assert PHONE in page
    assert "opted out: silent in every workspace" in page
    assert "By entering your phone number, you consent" in page
    assert "secret-birch" not in page
    assert "This phone replied STOP" in page
    assert (await web.get("/admin/acme/people/p9")).status_code == 404


async def test_staff_withdraws_with_a_reason_and_at_once(web: Web, shop: Desk) -> None:
    await sign_in(web, "acme-coordinator")
    url = "/admin/acme/people/p1/withdraw"
    answer = await press(web, "/admin/acme/people/p1", url, scope="person")
    assert answer.status_code == 422
    answer = await press(web, "/admin/acme/people/p1", url, scope="phone", reason="asked by mail")
    assert answer.headers["location"] == "/admin/acme/people/p1?done=pending"
    await shop.settled()
    [flag] = shop.board.raised
    assert (flag.name, flag.phone_ref, flag.workspace_id) == ("ended", REF, None)
    [change] = shop.paper.of(ConsentChange)
    assert (change.actor, change.reason, change.phone_wide, change.source) == (
        "coordinator",
        "asked by mail",
        True,
        "staff",
    )


GRANT = {"event_id": "b1", "agreed_on": "2026-11-24", "reason": "by phone, to Ana"}


async def test_a_grant_says_who_how_and_when_and_only_of_a_phone_of_the_person(web: Web, shop: Desk) -> None:
    await sign_in(web)
    url = "/admin/acme/people/p1/grant"
    for wrong in ({"reason": ""}, {"agreed_on": "soon"}, {"agreed_on": "2031-01-01"}):
        assert (await press(web, "/admin/acme/people/p1", url, **{**GRANT, **wrong})).status_code == 422
    assert (await press(web, "/admin/acme/people/p1", url, **GRANT, phone="+13305550147")).status_code == 404
    assert shop.paper.messages == []
    assert (await press(web, "/admin/acme/people/p1", url, **GRANT)).status_code == 303
    [change] = shop.paper.of(ConsentChange)
    assert (change.action, change.source, change.event_id, change.actor) == ("grant", "staff", "b1", "admin")
    assert change.evidence.act == "staff_attested"
    assert "2026-11-24" in change.evidence.disclosure_text


async def test_a_grant_that_the_worker_refused_is_told_with_its_reason(web: Web, shop: Desk) -> None:
    shop.books.put(
        fact("grant_refused", 3, workspace_id="acme", person_id="p1", actor="dana", reason="opted_out")
    )
    await sign_in(web)
    page = (await web.get("/admin/acme/people/p1?done=opted_out")).text
    assert "The consent was refused: the phone replied STOP" in page
    assert "a grant of consent was refused" in page


async def test_people_without_consent_get_a_link_that_works(web: Web, shop: Desk) -> None:
    shop.books.put(booking(booking_id="b2", event_id="b2", person_id="p2", phone=None))
    await sign_in(web)
    page = (await web.get("/admin/acme/people")).text
    assert "p2" in page
    link = page.split('value="http://127.0.0.1:8080')[1].split('"')[0]
    form = await web.get(link)
    assert "Rally SMS Consent" in form.text
    assert "Acme Research" in form.text


async def test_replies_are_sorted_by_what_they_need_with_their_clocks(web: Web, shop: Desk) -> None:
    shop.books.put(
        reply("please stop with the questions ok? stop", "13:00"),
        reply("which room?", "13:10"),
        reply("HELP", "13:20"),
    )
    shop.books.put(fact("held", 4, source="reply", at=at("13:00")))
    await sign_in(web, "acme-coordinator")
    page = (await web.get("/admin/acme/replies")).text
    held, rest = page.split('id="read"')
    assert "23 h 30 min" in held
    assert "please stop with" in held
    assert "which room?" in rest
    assert "20 min" in rest
    assert "answered" in rest.split("which room?")[-1]


async def test_a_reply_is_handled_once_by_whom_and_leaves_the_list_of_what_is_to_read(
    web: Web, shop: Desk
) -> None:
    said = reply("which room?", "13:10")
    shop.books.put(said)
    await sign_in(web, "acme-coordinator")
    assert "<strong>1</strong> replies to read" in (await web.get("/admin/acme")).text
    url = f"/admin/acme/replies/{said.inbound_uuid}/handled"
    answer = await press(web, "/admin/acme/replies", url)
    assert answer.headers["location"] == "/admin/acme/replies?done=pending"
    [handled] = shop.paper.messages
    assert (handled.workspace_id, handled.actor, handled.at) == ("acme", "coordinator", at("13:30"))
    shop.books.put(handled, replace(handled, actor="somebody later"))
    page = (await web.get("/admin/acme/replies")).text
    to_read, done = page.split('id="handled"')
    assert "which room?" not in to_read
    assert "which room?" in done
    assert "handled by coordinator, Tue Nov 24, 1:30 PM EST" in done
    assert "<strong>0</strong> replies to read" in (await web.get("/admin/acme")).text


async def test_a_reply_to_another_workspace_can_not_be_handled(web: Web, shop: Desk) -> None:
    said = reply("which room?")
    shop.books.put(said)
    await sign_in(web, "any-admin")
    form = hidden((await web.get("/admin/birch/settings")).text)
    answer = await web.post(f"/admin/birch/replies/{said.inbound_uuid}/handled", data=form)
    assert (answer.status_code, shop.paper.messages) == (404, [])


async def test_what_a_person_must_do_stands_together(web: Web, shop: Desk) -> None:
    notice = replace(
        samples("notices")["notice"], workspace_id="acme", booking_id="b1", event_id="b1", at=at("13:00")
    )
    shop.books.put(notice, *text("reminder", "unresolved", text_id="d" * 32))
    await sign_in(web)
    page = (await web.get("/admin/acme/attention")).text
    assert "so someone must tell the participant" in page
    assert "d" * 32 in page
    overview = (await web.get("/admin/acme")).text
    assert "<strong>1</strong> people to tell by other means" in overview
    assert "<strong>1</strong> sends that stayed unclear" in overview


@pytest.mark.parametrize("kind", get_args(NoticeKind))
async def test_every_kind_of_notice_is_shown_with_its_booking(web: Web, shop: Desk, kind: str) -> None:
    [notice] = [notice for notice in samples("notices").values() if notice.kind == kind]  # type: ignore[attr-defined]
    shop.books.put(replace(notice, workspace_id="acme", booking_id="b77", event_id="b77", at=at("13:00")))
    await sign_in(web, "acme-coordinator")
    page = (await web.get("/admin/acme/attention")).text
    [card] = [part for part in page.split("<li") if "/admin/acme/bookings/b77" in part]
    assert NOTICES[kind] in unescape(card)
    tell = page.split('id="unclear"')[0]
    assert ("bookings/b77" in tell) is (kind in ("tell_the_participant", "texted_cancel"))


# each row: the reason that a notice carries, and what staff reads
REASONS = {
    "suppressed capped": "the event has had its texts",
    "expired waiting_for_start": "it had waited for START from the phone",
    "expired": "it was too late to be of use",
    "rejected status 400": "the carrier refused it (status 400)",
    "unresolved": "nobody can say whether the carrier got it",
    "undelivered 30": "not delivered by the network (code 30)",
    "failed": "failed by the network",
    "too few digits": "too few digits",
}


@pytest.mark.parametrize("reason", REASONS)
def test_why_someone_must_be_told_is_in_plain_words(reason: str) -> None:
    assert REASONS[reason] in why_noticed(reason)


async def test_the_overview_plots_without_any_script(web: Web, shop: Desk) -> None:
    shop.books.put(opted_out())
    await sign_in(web)
    page = (await web.get("/admin/acme")).text
    assert page.count("<svg") == 4
    assert "<script" not in page
    assert "the number can carry 3,600, far above" in page
    assert "sent: 1" in page
    shop.now[0] += timedelta(days=30)
    assert "sent: 1" not in (await web.get("/admin/acme")).text


async def test_another_workspace_sees_none_of_it(web: Web, shop: Desk) -> None:
    shop.books.put(
        opted_out(), reply("which room?"), consent(consent_id="c9", workspace_id="birch", person_id="p7")
    )
    await sign_in(web, "any-admin")
    for page in ("", "/bookings", "/people", "/replies", "/attention", "/studies", "/settings"):
        told = (await web.get(f"/admin/birch{page}")).text
        for of_acme in ("b1", ">p1<", "which room?", "sent: 1", PHONE):
            assert of_acme not in told, page


async def test_records_that_are_away_are_said_to_be_so(web: Web, shop: Desk) -> None:
    await sign_in(web)
    shop.books.error = RecordsAway()
    answer = await web.get("/admin/acme/bookings")
    assert answer.status_code == 503
    assert "try again" in answer.text


async def test_at_night_the_preview_says_when_the_text_will_go(web: Web, shop: Desk) -> None:
    shop.now[0] = at("06:30")
    await sign_in(web, "acme-coordinator")
    url = "/admin/acme/bookings/b1/updates/preview"
    preview = await press(web, "/admin/acme/bookings/b1", url, kind="place_changed")
    assert "the text waits until Tue Nov 24, 8:00 AM EST" in preview.text


async def test_a_refused_grant_gives_no_consent_on_the_page(web: Web, shop: Desk) -> None:
    late = consent(consent_id="c-late", source="staff_attested", at=at("13:10"))
    refused = fact(
        "grant_refused", 5, consent_id="c-late", workspace_id="acme", person_id="p1", reason="opted_out"
    )
    shop.books.put(opted_out(), late, refused)
    await sign_in(web)
    page = (await web.get("/admin/acme/people/p1")).text
    assert "This phone replied STOP" in page
    assert "Consent came after a STOP" not in page
