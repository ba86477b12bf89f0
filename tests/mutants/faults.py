"""The faults: each one small change to one file, and who must find it."""

from dataclasses import dataclass

PLAN, RELEASE, MATCH = (
    "tests/agents/test_plan.py",
    "tests/agents/test_release.py",
    "tests/agents/test_match.py",
)
OPT_OUT, CONSENT, SETTINGS = (
    "tests/agents/test_opt_out.py",
    "tests/agents/test_consent.py",
    "tests/agents/test_settings.py",
)
KEYWORDS = "tests/rules/test_keywords.py"


@dataclass(frozen=True)
class Fault:
    """``old``, which stands once in ``file``, becomes ``new``. ``tests`` must fail.

    ``promise``: it breaks one that the simulation watches over, so the simulation must find it too.
    """

    name: str
    file: str
    old: str
    new: str
    tests: str
    promise: bool = True


FAULTS: tuple[Fault, ...] = (
    # the gate
    Fault(
        "opt-out is not asked",
        "rules/gate.py",
        "is_stopped(stops) and stops.stop_at",
        "False and stops.stop_at",
        RELEASE,
    ),
    Fault(
        "hold is not asked", "rules/gate.py", "if stops is not None and is_held(stops):", "if False:", RELEASE
    ),
    Fault(
        "workspace switch is not asked", "rules/gate.py", "if not facts.workspace_on:", "if False:", RELEASE
    ),
    Fault("study switch is not asked", "rules/gate.py", "if not facts.study_on:", "if False:", RELEASE),
    Fault(
        "every country is served",
        "rules/gate.py",
        'return None if served(facts.phone, policy.countries) else "country_not_served"',
        "return None",
        RELEASE,
    ),
    Fault("a text goes however late", "rules/gate.py", "if facts.now > not_after:", "if False:", RELEASE),
    Fault("the night is no quiet time", "rules/gate.py", "if until is not None:", "if False:", RELEASE),
    Fault(
        "a reminder goes behind its announcement",
        "rules/gate.py",
        "if needless is not None:",
        "if False:",
        RELEASE,
    ),
    Fault("nothing waits for a handover", "rules/gate.py", "if event.awaits:", "if False:", MATCH),
    Fault(
        "the barrier is gone", "agents/release.py", "if not moment.inputs_caught_up:", "if False:", RELEASE
    ),
    # consent
    Fault(
        "consent for an event is for all",
        "rules/consent.py",
        " and c.event_id in (None, event_id)",
        "",
        RELEASE,
    ),
    Fault(
        "consent of a person is anybody's",
        "rules/consent.py",
        " and c.person_id == person_id",
        "",
        "tests/rules/test_consent.py",
    ),
    Fault(
        "an end is outlived",
        "rules/consent.py",
        "return any(end is not None and end >= consent.at for end in",
        "return any(end is not None and end < consent.at for end in",
        "tests/rules/test_consent.py",
    ),
    Fault(
        "staff grants over a STOP",
        "rules/consent.py",
        'return "opted_out" if stops is not None and is_stopped(stops) else None',
        "return None",
        CONSENT,
    ),
    Fault(
        "START outweighs a STOP of the same instant",
        "rules/consent.py",
        "fact_at >= start_at",
        "fact_at > start_at",
        OPT_OUT,
    ),
    Fault(
        "the sender hears of no end",
        "agents/consent.py",
        "return [*_states(ended, row, after), fact",
        "return [fact",
        CONSENT,
    ),
    Fault(
        "consent wakes nothing", "agents/consent.py", "moment, None), *waiting]", "moment, None)]", RELEASE
    ),
    # the cap
    Fault("seven texts", "rules/policy.py", "cap: int = 6", "cap: int = 7", RELEASE),
    Fault("no slot is kept", "rules/cap.py", " - _kept_from(event, text)", "", RELEASE),
    Fault(
        "the last move does not say so",
        "rules/cap.py",
        "return text.wording ==",
        "return False and text.wording ==",
        RELEASE,
    ),
    Fault(
        "tries of the phone before are forgotten",
        "rules/events.py",
        "return event.counted_ids + tuple(",
        "return event.counted_ids or tuple(",
        "tests/rules/test_events.py",
    ),
    # bookings
    Fault("no revision is late", "rules/match.py", "new.revision <= b.revision for", "False for", PLAN),
    Fault(
        "a replaced booking goes on",
        "rules/match.py",
        "return _added(row.closed, replaced)",
        "return row.closed",
        "tests/rules/test_match.py",
    ),
    Fault(
        "an absent phone erases one",
        "rules/match.py",
        "if new.phone is None and new.phone_error is None:",
        "if False:",
        "tests/rules/test_match.py",
        promise=False,  # of a booking that stands, the row keeps the phone by a second guard
    ),
    Fault(
        "a state is folded in twice",
        "rules/plan.py",
        "elif state.version <= event.version:",
        "elif False:",
        PLAN,
    ),
    Fault(
        "handover is skipped", "agents/match.py", "awaits_handover=changed", "awaits_handover=False", MATCH
    ),
    Fault(
        "a handover is never corrected",
        "rules/handover.py",
        "if last is None or last in before.owed:",
        "if True:",
        MATCH,
        promise=False,  # the sender's gate counts what was not handed over
    ),
    # the plan
    Fault(
        "only what was released is withdrawn",
        "rules/plan.py",
        "and (is_open(text) or _is_stale(event, text, draft.now))",
        "and _is_stale(event, text, draft.now)",
        PLAN,
    ),
    Fault(
        "what is under way is not called back",
        "rules/plan.py",
        "and (is_open(text) or _is_stale(event, text, draft.now))",
        "and is_open(text)",
        PLAN,
    ),
    Fault(
        "a text comes back under its old version",
        "rules/wanted.py",
        "max(event.version, known.plan_version + 1) if known else event.version",
        "known.plan_version if known else event.version",
        PLAN,
    ),
    Fault("the same is told again", "rules/wanted.py", "or before == now_true or", "or", PLAN),
    Fault(
        "a suppressed text is planned again",
        "rules/wanted.py",
        "if known is not None and not _comes_back(known):",
        'if known is not None and known.state != "ended":',
        PLAN,
    ),
    Fault(
        "a second try is not called back",
        "rules/events.py",
        'return is_settled(text) and text.end == "accepted" and now < text.expires_at',
        "return False",
        PLAN,
        promise=False,  # the simulation's carrier loses nothing
    ),
    Fault(
        "who never heard of it hears of its end",
        "rules/wanted.py",
        "before = told(event) if unconfirmed else knows(event)",
        'before = knows(event) or replace(now_true, status="booked")',
        PLAN,
    ),
    Fault(
        "what was found out late counts as said last",
        "rules/events.py",
        "if not later:",
        "if True:",
        PLAN,
        promise=False,  # takes a crash, two changes and a late end in a row: rarer than one world in 5,000
    ),
    Fault(
        "a booking's new person counts as told what the one before was",
        "rules/plan.py",
        "text.former_person_id or before",
        "to",
        PLAN,
        promise=False,  # the simulation's bookings keep their person
    ),
    # replies
    Fault(
        "a text counts as often as it comes",
        "rules/replies.py",
        "if sms.inbound_uuid in stops.seen:",
        "if False:",
        OPT_OUT,
    ),
    Fault(
        "the carrier's answer is given again",
        "rules/replies.py",
        'return sms.intent in ("optout", "help")',
        "return False",
        OPT_OUT,
    ),
    Fault(
        "HELP is answered for ever",
        "rules/replies.py",
        "if len(hour) >= policy.help_answers_per_hour or",
        "if",
        OPT_OUT,
    ),
    Fault(
        "the carrier's list is not asked",
        "agents/opt_out.py",
        "if not moment.policy.start_needs_list and",
        "if",
        OPT_OUT,
    ),
    Fault(
        "START wakes nothing",
        "agents/opt_out.py",
        "return [*messages, *nudged, *answer_due",
        "return [*messages, *answer_due",
        OPT_OUT,
    ),
    Fault(
        "a hold lasts for ever",
        "rules/due.py",
        "if stops.hold_at is not None and is_held(stops)",
        "if False and is_held(stops)",
        OPT_OUT,
    ),
    Fault(
        "unread replies are put aside",
        "rules/unread.py",
        "return contains_opt_out(payload[:LOOKED_AT_BYTES])\n    if not",
        "return False\n    if not",
        "tests/rules/test_unread.py",
    ),
    Fault("yes opts in", "rules/words.py", '("start", "unstop")', '("start", "unstop", "yes")', KEYWORDS),
    Fault(
        "keywords are not folded",
        "rules/keywords.py",
        'unicodedata.normalize("NFKD", text).casefold()',
        "text",
        KEYWORDS,
    ),
    Fault(
        "keywords stand unspaced only",
        "rules/keywords.py",
        '_DOUBLED.sub(r"\\1", unspaced)',
        "unspaced",
        KEYWORDS,
        promise=False,
    ),
    # settings and the ledger
    Fault(
        "an older setting counts", "agents/settings.py", "copy.revision <= known.revision", "False", SETTINGS
    ),
    Fault(
        "a switch turned off calls nothing back",
        "agents/settings.py",
        "or copy.value is not False:",
        "or True:",
        SETTINGS,
    ),
    Fault(
        "the ledger is not chained",
        "rules/ledger.py",
        "previous = head.hash if head else genesis(partition)",
        "previous = genesis(partition)",
        "tests/rules/test_ledger.py",
    ),
    Fault(
        "a fact is in the ledger twice",
        "agents/ledger.py",
        'if f"fact|{fact.fact_id}" in tables.ledger:',
        "if False:",
        "tests/agents/test_ledger.py",
    ),
    Fault(
        "changed entries are not seen",
        "rules/ledger.py",
        'return "changed" if entry.hash != sealed else None',
        "return None",
        "tests/rules/test_ledger.py",
        promise=False,
    ),
)
