"""The topics others write or read: their messages are a published contract."""

from schemas import bookings, consent, deliveries, delivery_events, notices, settings
from schemas.topic import (
    DAY_S,
    Topic,
    booking_key,
    delivery_key,
    delivery_place,
    event_key,
    phone_key,
    setting_key,
    workspace_key,
)

BOOKING_EVENTS = Topic(
    name="booking-events",
    messages=(bookings.BookingEvent,),
    key=booking_key,
    writers=("upstream", "gateway"),
    readers=("intake",),
    public=True,
    partitioned=False,
)
CONSENT_CHANGES = Topic(
    name="consent-changes",
    messages=(consent.ConsentChange,),
    key=workspace_key,
    writers=("upstream", "gateway"),
    readers=("intake",),
    public=True,
    partitioned=False,
)
SETTINGS_CHANGES = Topic(
    name="settings-changes",
    messages=(settings.SettingsChange,),
    key=setting_key,
    writers=("upstream", "gateway", "cli"),
    readers=("settings",),
    public=True,
    partitioned=False,
    personal=False,
)
SMS_DELIVERIES = Topic(
    name="sms-deliveries",
    messages=(deliveries.Delivery, deliveries.Withdrawal, deliveries.ScopeWithdrawal),
    key=delivery_key,
    place=delivery_place,
    writers=("plan", "release", "switch"),
    readers=("sender", "archive"),
    public=True,
)
DELIVERY_EVENTS = Topic(
    name="delivery-events",
    messages=(delivery_events.DeliveryEvent,),
    key=phone_key,
    writers=("projector", "plan"),
    readers=("analytics", "archive"),
    public=True,
    partitioned=False,
    retention_s=90 * DAY_S,
    personal=False,
)
NOTICES = Topic(
    name="notices",
    messages=(notices.Notice,),
    key=event_key,
    writers=("match", "opt_out", "projector"),
    readers=("upstream", "archive"),
    public=True,
    partitioned=False,
    retention_s=90 * DAY_S,
    personal=False,
)
