"""What happened, in plain words: a sentence for every reason, state and fact that the messages know."""

NAMES: dict[str, str] = {
    "confirmation": "Confirmation",
    "moved": "Note of the new time",
    "moved_last": "Note of the new time (the last that fits)",
    "cancelled": "Note of the cancellation",
    "reminder": "Reminder",
    "interviewer_late": "Update: interviewer late",
    "join_link_changed": "Update: new join link",
    "place_changed": "Update: new place",
    "materials_needed": "Update: materials needed",
    "reply_stop": "Answer to STOP",
    "reply_start": "Answer to START",
    "reply_help": "Answer to HELP",
    "reply_unclear": "Question after an unclear reply",
    "reply_other": "Answer to another reply",
}

NOT_SENT: dict[str, str] = {
    "opted_out": "the phone has opted out (STOP), and no START came after it",
    "carrier_blocked": "the carrier refuses texts to this phone because it opted out there",
    "consent_ended": "the consent it needed has ended",
    "no_consent": "there is no consent of this person for this event and phone",
    "workspace_off": "texts are switched off for the workspace",
    "study_off": "texts are switched off for the study",
    "capped": "the event has had its texts: the cap is reached, or its last places are kept for others",
    "country_not_served": "numbers of this country or kind (premium rate, toll-free, VoIP) are not served",
    "covered_by_confirmation": "the confirmation came so near to the start that it serves as reminder",
    "covered_by_change": "the note of the new time came so near to the start that it serves as reminder",
    "nothing_new": "the phone was last told the same",
    "coalesced": "a later change took its place before it went",
    "moved": "the interview has moved, so it would say what is no longer true",
    "cancelled": "the interview is cancelled",
    "phone_changed": "the event has another phone now",
    "held_unclear": "a reply was unclear, so the phone is held until START or STOP comes",
    "test_only": "only listed numbers get texts in this deployment (TEXT_ONLY)",
    "token_used": "the participant's text had its one answer already",
    "erased": "the data of this person or phone was erased",
    "expired": "it was too late to be of use",
}

WAITS: dict[str, str] = {
    "waiting_for_consent": "a consent of this person for this event and phone",
    "waiting_for_start": "START from the phone, because consent came after a STOP",
    "waiting_for_handover": "what the event's phone before this one was told",
    "held_unclear": "START or STOP from the phone, because a reply was unclear",
}
"""What a text waits for."""

FACTS: dict[str, str] = {
    "consent_given": "consent given",
    "consent_ended": "consent ended",
    "grant_refused": "a grant of consent was refused",
    "opted_out": "opted out: silent in every workspace",
    "held": "held, because a reply was unclear",
    "opted_in": "opted in again by START",
    "start_refused": "a START was refused",
    "carrier_blocked": "blocked by the carrier, which knows an opt-out",
    "stop_effective": "silence is effective",
}

NOTICES: dict[str, str] = {
    "tell_the_participant": "a change could not be texted, so someone must tell the participant",
    "texted_cancel": "someone texted CANCEL: that opts out, and cancels no booking",
    "phone_invalid": "the booking's phone can't be read",
    "zone_invalid": "the booking's time zone is not known",
    "waiting_for_phone": "the booking has no phone yet, so nothing can be planned",
}

REPORTS: dict[str, str] = {
    "sent": "passed on to the network",
    "delivered": "delivered",
    "undelivered": "not delivered",
    "failed": "failed",
}

EVIDENCE: dict[str, str] = {
    "reply": "the carrier's own answer",
    "callback": "the carrier's delivery report",
    "list": "the carrier's list of messages",
    "operator": "what an operator found",
}


def not_sent(reason: str | None) -> str:
    """Why a text was not sent; a reason that is no word of the list as it stands."""
    return "no reason is on record" if reason is None else NOT_SENT.get(reason, reason)


def too_late(waited_for: str | None) -> str:
    """Why a text came too late."""
    sentence = NOT_SENT["expired"]
    return f"{sentence}; it had waited for {WAITS.get(waited_for, waited_for)}" if waited_for else sentence
