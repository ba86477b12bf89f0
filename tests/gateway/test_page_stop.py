from dataclasses import replace

import pytest
from msgspec.structs import replace as changed

from agents.moment import Moment
from agents.opt_out import keep_opt_outs
from agents.tables import Tables
from rules.ids import phone_ref
from runtime.config import Config
from schemas.bookings import ReplyDue
from schemas.ledger import ConsentFact
from schemas.sms import InboundSms
from tests.gateway.desk import NOW, PHONE

POLICY = replace(Config().policy(), carrier_auto_replies="never")
STOP = InboundSms(
    inbound_uuid="page-stop-1",
    phone=PHONE,
    phone_ref=phone_ref(b"example-reference", PHONE),
    text="STOP",
    intent="",
    signature="page",
    received_at=NOW,
)


@pytest.mark.parametrize(("signature", "answers", "source"), [("page", 0, "manage_page"), ("v3", 1, "reply")])
def test_the_button_opts_out_as_the_word_does_but_is_not_confirmed_by_text(
    signature: str, answers: int, source: str
) -> None:
    tables = Tables()
    messages = keep_opt_outs(
        changed(STOP, signature=signature), tables, Moment(now=NOW, partition=0, policy=POLICY)
    )
    assert tables.opt_outs[STOP.phone_ref].stop_at == NOW
    assert len([one for one in messages if isinstance(one, ReplyDue)]) == answers
    assert [(one.kind, one.source) for one in messages if isinstance(one, ConsentFact)] == [
        ("opted_out", source)
    ]
