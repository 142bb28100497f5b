import sqlite3
from dataclasses import replace

import pytest

from geventim.app.settings import Settings
from geventim.app.state import State, known_server, load_memory, load_profile
from geventim.chat.links import Link
from geventim.client.history.pages import PREFIX, page_name
from geventim.crypto.readable import encode_key
from geventim.errors import StoreError, UserError
from geventim.store.vault.pins import Pins

KEY, OTHER = b"k" * 32, b"o" * 32


@pytest.fixture
def settings(tmp_path):
    return Settings(Link("127.0.0.1", 5555), "alice", "lobby", tmp_path / "data")


@pytest.fixture
def remarks():
    return []


def state(settings, remarks, key=None):
    return State(replace(settings, link=replace(settings.link, server_key=key)), remarks.append)


def refused(function, *arguments):
    with pytest.raises(UserError) as caught:
        function(*arguments)
    assert caught.value.code == "server_key"
    return str(caught.value)


def test_the_first_key_is_remembered_with_a_remark(settings, remarks):
    state(settings, remarks).trust(KEY)
    assert len(remarks) == 1
    state(settings, remarks).trust(KEY)
    assert len(remarks) == 1


def test_a_changed_key_stops_and_explains(settings, remarks):
    state(settings, remarks).trust(KEY)
    text = refused(state(settings, remarks).trust, OTHER)
    assert "another key than before" in text
    assert "Nothing was sent" in text
    assert "link" in text
    state(settings, remarks).trust(KEY)


def test_a_link_is_believed_and_remembered(settings, remarks):
    state(settings, remarks, KEY).trust(KEY)
    assert remarks == []
    state(settings, remarks).trust(KEY)
    refused(state(settings, remarks).trust, OTHER)


def test_a_new_link_replaces_what_was_remembered(settings, remarks):
    state(settings, remarks).trust(KEY)
    state(settings, remarks, OTHER).trust(OTHER)
    state(settings, remarks).trust(OTHER)
    refused(state(settings, remarks).trust, KEY)


def test_a_key_that_is_not_the_links_stops_and_changes_nothing(settings, remarks):
    state(settings, remarks).trust(KEY)
    assert "link" in refused(state(settings, remarks, KEY).trust, OTHER)
    state(settings, remarks).trust(KEY)


def test_within_a_session_it_stays_the_same_server(settings, remarks):
    ours = state(settings, remarks)
    ours.trust(KEY)
    state(settings, remarks, OTHER).trust(OTHER)
    refused(ours.trust, OTHER)


def test_an_account_is_made_once_for_each_server_and_nick(settings, remarks):
    def identity(nick, server_key):
        vault = state(replace(settings, nick=nick), remarks).open_vault(server_key)
        profile = load_profile(replace(settings, nick=nick), server_key, vault)
        vault.close()
        assert (profile.nick, profile.server_key) == (nick, server_key)
        return profile.keys.identity.public

    alice = identity("alice", KEY)
    assert identity("alice", KEY) == alice
    assert len({alice, identity("bob", KEY), identity("alice", OTHER)}) == 3


def test_memory_is_everything_but_the_keys(settings, remarks):
    vault = state(settings, remarks).open_vault(KEY)
    load_profile(settings, KEY, vault)
    vault.put({"cursor/ab": b"1"})
    memory = load_memory(vault)
    assert dict(memory.under("")) == {"cursor/ab": b"1"}
    vault.close()


def test_only_the_last_page_of_each_conversation_is_read(settings, remarks):
    vault = state(settings, remarks).open_vault(KEY)
    load_profile(settings, KEY, vault)
    one, other = (bytes([number] * 16) for number in (1, 2))
    names = [page_name(place, number) for place in (one, other) for number in (7, 300)]
    vault.put({name: name.encode() for name in names} | {"cursor/ab": b"1"})
    memory = load_memory(vault)
    assert dict(memory.under("")).keys() == {names[1], names[3], "cursor/ab"}
    assert sorted(memory.names(PREFIX)) == [name.removeprefix(PREFIX) for name in names]
    assert memory.read_archived(names[0]) == names[0].encode()
    vault.close()


def test_a_last_page_that_was_altered_keeps_nobody_out(settings, remarks):
    vault = state(settings, remarks).open_vault(KEY)
    load_profile(settings, KEY, vault)
    place, moved = (page_name(bytes(16), number) for number in (7, 300))
    vault.put({place: b"page"})
    vault.close()
    (path,) = settings.data.glob("client/*/alice/vault.db")
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE sealed SET key = ? WHERE key = ?", (moved, place))
    connection.close()
    vault = state(settings, remarks).open_vault(KEY)
    memory = load_memory(vault)
    assert dict(memory.under("")) == {}
    assert list(memory.names("")) == [moved]
    with pytest.raises(StoreError):
        memory.read_archived(moved)
    vault.close()


def test_state_is_for_its_owner_only(settings, remarks):
    state(settings, remarks).trust(KEY)
    state(settings, remarks).open_vault(KEY).close()
    for path in settings.data.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_what_others_could_look_into_is_closed_with_a_remark(settings, remarks):
    state(settings, remarks, KEY).open_vault(KEY).close()
    assert remarks == []
    client = settings.data / "client"
    (vault,) = client.glob("*/alice")
    opened = [client, vault, vault / "vault.key"]
    for path in opened:
        path.chmod(path.stat().st_mode | 0o055)
    state(settings, remarks, KEY).open_vault(KEY).close()
    assert [path.stat().st_mode & 0o077 for path in opened] == [0, 0, 0]
    assert len(remarks) == len(opened)
    assert all(str(path) in remark for path, remark in zip(opened, remarks, strict=True))


class TestKnownServer:
    @pytest.fixture
    def know(self, tmp_path):
        def know(address, key, *nicks):
            Pins(tmp_path / "client").remember(address, key)
            for nick in nicks:
                (tmp_path / "client" / encode_key(key) / nick).mkdir(parents=True)

        return know

    def test_the_one_server_is_found(self, know, tmp_path):
        know("one:1", bytes(32), "alice")
        know("same:1", bytes(32))
        know("other:1", bytes([1]) * 32, "bob")
        links = known_server(tmp_path, "Alice")
        assert [(link.address, link.server_key) for link in links] == [
            ("one:1", bytes(32)),
            ("same:1", bytes(32)),
        ]

    @pytest.mark.parametrize("nick", ["alice", "carol"])
    def test_none_or_several_have_to_be_named(self, know, tmp_path, nick):
        know("one:1", bytes(32), "alice")
        know("other:1", bytes([1]) * 32, "alice")
        with pytest.raises(UserError) as caught:
            known_server(tmp_path, nick)
        assert caught.value.code == "which_server"
