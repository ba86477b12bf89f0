"""Which zone a person lives by, and what counts as a zone at all."""

import pytest

from rules.policy import Policy
from rules.zones import is_zone, names, zone_for, zone_info

NEW_YORK_NUMBER = "+12125550123"
TOLL_FREE = "+18005551234"


def policy(default_zone: str = "America/New_York") -> Policy:
    return Policy(
        reference_key=b"r",
        link_key=b"l",
        public_url="https://t.rally.co",
        support_contact="help@rally.co",
        partitions=4,
        default_zone=default_zone,
    )


@pytest.mark.parametrize(
    ("participant", "phone", "study", "workspace", "zone"),
    [
        # the participant's own comes first
        ("Asia/Tokyo", NEW_YORK_NUMBER, "Europe/Paris", "Europe/Rome", "Asia/Tokyo"),
        # then the number's, if it has one only
        (None, NEW_YORK_NUMBER, "Europe/Paris", "Europe/Rome", "America/New_York"),
        # a toll-free number has dozens
        (None, TOLL_FREE, "Europe/Paris", "Europe/Rome", "Europe/Paris"),
        # no phone
        (None, None, "Europe/Paris", "Europe/Rome", "Europe/Paris"),
        # then the study's, then the workspace's
        (None, TOLL_FREE, None, "Europe/Rome", "Europe/Rome"),
        # then the deployment's
        (None, TOLL_FREE, None, None, "America/New_York"),
        # what is no zone is passed over
        ("Mars/Olympus", TOLL_FREE, "", "Europe", "America/New_York"),
        # so is a number that is none
        (None, "nonsense", None, "Europe/Rome", "Europe/Rome"),
    ],
)
def test_order(
    participant: str | None, phone: str | None, study: str | None, workspace: str | None, zone: str
) -> None:
    assert zone_for(policy(), participant, phone, study, workspace) == zone


def test_utc_where_even_the_default_is_no_zone() -> None:
    assert zone_for(policy("Nowhere"), None, None, None, None) == "UTC"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "america/new_york",  # spelled as IANA spells it
        "America",  # a folder
        "America/New_York\n",
        "/etc/localtime",
        "../zones",
        "Factory",  # means: not set
        "EDT",  # a short name is no zone
        "UTC+5",
        "a\x00b",
        "\ud800",
    ],
)
def test_no_zone(name: str) -> None:
    assert not is_zone(name)
    with pytest.raises(KeyError):
        zone_info(name)


def test_every_name_has_its_rules() -> None:
    assert len(names()) > 500
    assert all(zone_info(name).key == name for name in names())
