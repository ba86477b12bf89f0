"""Who presses Submit again, and again, is one person: limits count the sign-up once."""

from datetime import timedelta

from httpx import AsyncClient as Web

from gateway.edge import REPEATS_PER_HOUR
from schemas.sign_ups import SignUp
from tests.gateway.desk import PHONE, Desk
from tests.gateway.visitor import hidden, invited, send


async def test_a_form_sent_again_while_kafka_is_away_locks_nobody_out(web: Web, at_desk: Desk) -> None:
    """Three sign-ups of a phone a day are allowed; six presses of one form are one of them."""
    at_desk.paper.error = TimeoutError()
    form = {**hidden((await web.get(invited())).text), "phone": PHONE}
    assert [(await web.post(invited(), data=form)).status_code for _ in range(5)] == [503] * 5
    at_desk.paper.error = None
    assert (await web.post(invited(), data=form)).status_code < 400
    for n in (2, 3):
        at_desk.edge.__dict__["random_name"] = lambda n=n: f"form-{n}"
        assert (await send(web, invited(invitation_id=f"inv-{n}"), phone=PHONE)).status_code < 400
    assert len({record.sign_up_id for record in at_desk.paper.of(SignUp)}) == 3
    assert (await send(web, invited(invitation_id="inv-4"), phone=PHONE)).status_code == 429


async def test_a_form_sent_without_end_is_limited_all_the_same(web: Web, at_desk: Desk) -> None:
    form = {**hidden((await web.get(invited())).text), "phone": PHONE}
    statuses = [(await web.post(invited(), data=form)).status_code for _ in range(40)]
    assert statuses.count(429) >= 40 - REPEATS_PER_HOUR - 3
    assert len({record.sign_up_id for record in at_desk.paper.of(SignUp)}) == 1


async def test_another_number_in_the_same_form_is_another_sign_up(web: Web, at_desk: Desk) -> None:
    form = hidden((await web.get(invited())).text)
    at_desk.edge.limits.sign_ups["ip"].most = 3
    phones = [f"+1202555012{n}" for n in range(5)]
    statuses = [(await web.post(invited(), data={**form, "phone": phone})).status_code for phone in phones]
    assert [status < 400 for status in statuses] == [True, True, True, False, False]


async def test_a_corrected_person_in_the_same_form_is_another_sign_up(web: Web, at_desk: Desk) -> None:
    """Else the consent of the corrected one counts as known, and their booking waits for it for ever."""
    link = invited(public=True, person_id=None, event_id=None)
    form = {**hidden((await web.get(link)).text), "phone": PHONE, "name": "Ann"}
    for email in ("ann@exmaple.org", "ann@example.org", "Ann@example.org "):
        assert (await web.post(link, data={**form, "email": email})).status_code == 200
    typo, corrected, again = at_desk.paper.of(SignUp)
    assert typo.person_id != corrected.person_id
    assert typo.sign_up_id != corrected.sign_up_id
    assert again.sign_up_id == corrected.sign_up_id


async def test_the_page_says_when_it_will_work_again(web: Web, at_desk: Desk) -> None:
    for limit, hours in (("ip", "an hour"), ("phone", "24 hours")):
        for one in at_desk.edge.limits.sign_ups.values():
            one.most = 10
        at_desk.edge.limits.sign_ups[limit].most = 1
        at_desk.now[0] += timedelta(hours=2)
        phone = f"+1202555013{len(hours) % 10}"
        open_until = at_desk.now[0] + timedelta(days=1)
        pages = [
            await send(web, invited(invitation_id=f"{limit}-{n}", expires_at=open_until), phone=phone)
            for n in range(2)
        ]
        assert [page.status_code < 400 for page in pages] == [True, False]
        assert f"Please try again in {hours}." in pages[1].text
