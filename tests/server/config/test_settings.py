from pathlib import Path

import pytest

from geventim.chat import limits
from geventim.chat.values import Access
from geventim.server.config.settings import TABLE, Settings, default_access, is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_who_can_connect_from_this_machine_only_may_register(host):
    assert is_loopback(host)
    assert default_access(host) is Access.OPEN


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "2001:db8::1", "example.org", ""])
def test_who_can_connect_from_elsewhere_needs_an_invite(host):
    assert not is_loopback(host)
    assert default_access(host) is Access.INVITE


def test_a_room_is_bounded_unless_told_otherwise():
    settings = Settings("127.0.0.1", 0, "", Path("data"), Access.OPEN)
    assert settings.room_limit == limits.ROOM_MEMBERS
    assert settings.keep is None
    assert (settings.access_key_file, settings.trace) == (None, False)


def test_days_are_kept_as_seconds():
    assert Settings("h", 0, "", Path("data"), Access.OPEN, keep_days=2).keep == 172_800.0


def test_a_password_is_not_shown():
    settings = Settings("h", 0, "", Path("data"), Access.OPEN, store_password="swordfish")
    assert "swordfish" not in repr(settings)


@pytest.mark.parametrize("setting", TABLE, ids=lambda setting: setting.name)
def test_every_setting_is_explained_and_has_its_field(setting):
    assert setting.name in Settings.__dataclass_fields__
    assert setting.sentence.endswith(".")
    assert (setting.default is None) is bool(setting.absent)
    if setting.default is not None:
        assert setting.kind.from_toml(setting.default) == setting.default


def test_a_setting_has_one_name_everywhere():
    (setting,) = (setting for setting in TABLE if setting.name == "keep_days")
    assert (setting.option, setting.variable) == ("--keep-days", "EIM_KEEP_DAYS")


def test_every_field_but_the_number_of_the_worker_is_a_setting():
    assert set(Settings.__dataclass_fields__) - {setting.name for setting in TABLE} == {"worker"}
