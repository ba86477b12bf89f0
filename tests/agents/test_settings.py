"""Switches: a copy for each partition, a revision that guards them, what a switch turned off calls back."""

import pytest

from agents.intake import copy_setting
from agents.moment import Moment
from agents.settings import keep_switch
from agents.switches import study_switch, workspace_switch, zones
from agents.tables import Tables
from schemas.deliveries import ScopeWithdrawal
from schemas.settings import SettingCopy, SettingsChange
from tests.makers import a_setting, at, policy

MOMENT = Moment(now=at("12:00"), partition=1, policy=policy(partitions=3))


def kept(
    *changes: SettingsChange, tables: Tables | None = None, partition: int = 1
) -> tuple[Tables, list[object]]:
    tables = tables or Tables()
    out: list[object] = []
    for change in changes:
        for copy in copy_setting(change, tables, MOMENT):
            if isinstance(copy, SettingCopy) and copy.partition == partition:
                out += keep_switch(copy, tables, MOMENT)
    return tables, out


def test_every_partition_gets_a_copy() -> None:
    copies = copy_setting(a_setting(), Tables(), MOMENT)
    assert [copy.partition for copy in copies if isinstance(copy, SettingCopy)] == [0, 1, 2]


def test_partitions_do_not_see_each_others_switches() -> None:
    tables, _ = kept(a_setting())
    assert workspace_switch(tables, 1, "w1") == (True, 1)
    assert workspace_switch(tables, 0, "w1") == (False, 0)


def test_defaults() -> None:
    tables = Tables()
    assert workspace_switch(tables, 1, "w1") == (False, 0)
    assert study_switch(tables, 1, "w1", "s1") == (True, 0)
    assert zones(tables, 1, "w1", "s1") == (None, None)


@pytest.mark.parametrize(
    ("revision", "on"),
    [
        # a lower or equal revision changes nothing
        (4, True),
        (5, True),
        (6, False),
    ],
)
def test_the_revision_guards(revision: int, on: bool) -> None:
    tables, _ = kept(a_setting(revision=5), a_setting(revision=revision, value=False))
    assert workspace_switch(tables, 1, "w1")[0] == on


def test_a_switch_turned_off_calls_back_what_it_covers_in_its_partition() -> None:
    off = a_setting(revision=7, value=False)
    tables, out = kept(a_setting(revision=5), off)
    assert out == [
        ScopeWithdrawal(
            partition=1,
            workspace_id="w1",
            study_id=None,
            reason="workspace_off",
            settings_revision=7,
            at=at("12:00"),
        )
    ]
    assert kept(off, tables=tables)[1] == []


def test_a_study_turned_off_names_the_study() -> None:
    _, [withdrawal] = kept(a_setting(name="interview_reminder", study_id="s1", value=False))
    assert isinstance(withdrawal, ScopeWithdrawal)
    assert (withdrawal.study_id, withdrawal.reason) == ("s1", "study_off")


def test_other_settings_call_nothing_back() -> None:
    tables, out = kept(
        a_setting(name="paused", value=False),
        a_setting(name="zone", value="Europe/Berlin"),
        a_setting(name="zone", value="Europe/Paris", study_id="s1"),
    )
    assert out == []
    assert zones(tables, 1, "w1", "s1") == ("Europe/Paris", "Europe/Berlin")
