"""The topics between our own processes."""

from schemas import (
    bookings,
    consent,
    dead_letters,
    erasure,
    journal,
    ledger,
    phone_states,
    settings,
    sign_ups,
    sms,
)
from schemas.topic import DAY_S, Topic, event_key, phone_key, phone_state_key, setting_key, text_key

BOOKING_INPUTS = Topic(
    name="booking-inputs",
    messages=(bookings.BookingInput, sign_ups.PhoneGiven, bookings.DayOfAsked, erasure.EraseEvent),
    key=event_key,
    writers=("intake", "gateway", "cli"),
    readers=("match", "archive"),
)
SIGN_UPS = Topic(
    name="sign-ups",
    messages=(sign_ups.SignUp,),
    key=event_key,
    writers=("gateway",),
    readers=("intake", "archive"),
)
CONSENTS_IN = Topic(
    name="consents-in",
    messages=(consent.ConsentGiven, consent.ConsentEnded, erasure.ErasePhone),
    key=phone_key,
    writers=("intake", "opt_out", "cli"),
    readers=("consent", "archive"),
)
INBOUND_SMS = Topic(
    name="inbound-sms",
    messages=(
        sms.InboundSms,
        sms.ReplyHandled,
        sms.HoldOver,
        sms.CarrierBlock,
        sms.StartConfirmed,
        erasure.EraseReplies,
    ),
    key=phone_key,
    writers=("gateway", "clock", "sender", "cli"),
    readers=("opt_out", "archive"),
)
SETTINGS_COPIES = Topic(
    name="settings-copies",
    messages=(settings.SettingCopy,),
    key=setting_key,
    place=lambda m: m.partition,
    writers=("settings",),
    readers=("switch", "sender", "archive"),
    cleanup="compact",
    retention_s=None,
    personal=False,
)
BOOKINGS = Topic(
    name="bookings",
    messages=(
        bookings.BookingState,
        bookings.Left,
        bookings.Handover,
        bookings.TextEnded,
        erasure.ErasePlans,
    ),
    key=phone_key,
    writers=("match", "plan", "projector", "cli"),
    readers=("plan",),
)
TEXTS_DUE = Topic(
    name="texts-due",
    messages=(bookings.DueText, bookings.ReplyDue, bookings.Tidy),
    key=phone_key,
    writers=("clock", "consent", "opt_out", "plan"),
    readers=("release",),
    retention_s=DAY_S,
)
SMS_JOURNAL = Topic(
    name="sms-journal",
    messages=(
        journal.Claimed,
        journal.Accepted,
        journal.NotSent,
        journal.Unknown,
        journal.Suppressed,
        journal.Expired,
        journal.Rejected,
        journal.Unresolved,
        journal.Reported,
    ),
    key=text_key,
    writers=("sender", "cli"),
    readers=("sender", "projector", "archive"),
    personal=False,
)
DELIVERY_REPORTS = Topic(
    name="delivery-reports",
    messages=(sms.DeliveryReport,),
    key=lambda m: str(m.text_id),
    place=lambda m: m.partition,
    writers=("gateway",),
    readers=("sender",),
    personal=False,
)
PHONE_STATES = Topic(
    name="phone-states",
    messages=(phone_states.StopState, phone_states.StartAsked, phone_states.EndedState),
    key=phone_state_key,
    place=phone_key,
    writers=("consent", "opt_out"),
    readers=("sender",),
    cleanup="compact",
    retention_s=None,
)
CONSENT_FACTS = Topic(
    name="consent-facts",
    messages=(ledger.ConsentFact,),
    key=phone_key,
    writers=("consent", "opt_out", "gateway"),
    readers=("ledger",),
    personal=False,
)
CONSENT_LEDGER = Topic(
    name="consent-ledger",
    messages=(ledger.LedgerEntry,),
    key=lambda m: str(m.fact.phone_ref),
    place=lambda m: m.partition,
    writers=("ledger",),
    readers=("archive",),
    retention_s=None,
    personal=False,
)
DEAD_LETTERS = Topic(
    name="dead-letters",
    messages=(dead_letters.DeadLetter,),
    key=lambda m: str(m.topic),
    writers=("worker", "sender", "gateway", "archive"),
    readers=("operator", "archive"),
    partitioned=False,
    retention_s=90 * DAY_S,
)
