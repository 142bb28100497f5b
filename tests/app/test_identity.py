import os
from dataclasses import replace

import pytest

from geventim.app.identity import (
    change_passphrase,
    export_identity,
    import_identity,
    opens,
    read_file,
)
from geventim.app.settings import Settings
from geventim.app.state import State, load_memory, load_profile
from geventim.chat.links import Link
from geventim.client.people import identity_file
from geventim.client.people.identity_file import Identity
from geventim.client.people.profile import ADMITTED
from geventim.errors import StoreError, UserError
from geventim.store.vault.vault import Vault

KEY = b"k" * 32

pytestmark = pytest.mark.usefixtures("cheap_passphrases")


@pytest.fixture
def settings(tmp_path):
    return Settings(Link("127.0.0.1", 5555), "alice", "lobby", tmp_path / "old")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "alice.identity"


def be_there(settings, **values):
    """Have been at the server once; the public identity key."""
    state = State(settings, lambda _: None)
    state.trust(KEY)
    vault = state.open_vault(KEY)
    profile = load_profile(settings, KEY, vault)
    vault.put({name.replace("_", "/"): value for name, value in values.items()})
    vault.put({ADMITTED: b""})
    vault.close()
    return profile.keys.identity.public


def look(settings):
    """The identity key that a client with these settings would have, and what it remembers."""
    state = State(settings, lambda _: None)
    vault = state.open_vault(state.known_key)
    try:
        profile = load_profile(settings, KEY, vault)
        kept = dict(load_memory(vault).under(""))
        kept.pop(ADMITTED, None)
        return profile.keys.identity.public, kept
    finally:
        vault.close()


def refused(function, *arguments):
    with pytest.raises(UserError) as caught:
        function(*arguments)
    return caught.value.code


def test_somebody_moves(settings, path, tmp_path):
    alice = be_there(settings, pin_bob=b"1", history_ab=b"2")
    export_identity(settings, path, "open sesame")
    assert path.stat().st_mode & 0o777 == 0o600
    moved = import_identity(read_file(path), "open sesame", tmp_path / "new", None)
    assert (moved.nick, moved.address) == ("alice", "127.0.0.1:5555")
    assert look(replace(settings, data=tmp_path / "new")) == (
        alice,
        {"pin/bob": b"1", "moved": b""},
    )


def test_somebody_moves_with_the_nick_as_it_was_claimed(settings, path, tmp_path):
    be_there(replace(settings, nick="Alice"))
    export_identity(settings, path, "open sesame")
    new = tmp_path / "new"
    assert import_identity(read_file(path), "open sesame", new, None).nick == "Alice"
    state = State(replace(settings, data=new), lambda _: None)
    vault = state.open_vault(state.known_key)
    assert load_profile(settings, KEY, vault).nick == "Alice"
    vault.close()


def test_nothing_is_overwritten(settings, path):
    be_there(settings)
    export_identity(settings, path, "open sesame")
    content = read_file(path)
    assert refused(export_identity, settings, path, "another") == "file_exists"
    assert read_file(path) == content
    before = look(settings)
    assert refused(import_identity, content, "open sesame", settings.data, None) == "account_exists"
    assert look(settings) == before


def test_keys_that_were_never_let_in_make_room(settings, path, tmp_path):
    alice = be_there(settings, pin_bob=b"1")
    export_identity(settings, path, "open sesame")
    there = replace(settings, data=tmp_path / "new")
    state = State(there, lambda _: None)
    vault = state.open_vault(KEY)
    load_profile(there, KEY, vault)
    vault.put({"package/1": b"1"})
    in_use = refused(import_identity, read_file(path), "open sesame", there.data, None)
    vault.close()
    assert in_use == "account_exists"
    import_identity(read_file(path), "open sesame", there.data, None)
    assert look(there) == (alice, {"pin/bob": b"1", "moved": b""})


def test_who_has_moved_out_can_come_back_to_what_was_written(settings, path, tmp_path):
    alice = be_there(settings, history_ab=b"2", pending_ab=b"3")
    vault = State(settings, lambda _: None).open_vault(KEY)
    vault.put({"moved-out": b""})
    kept = dict(vault.items(""))
    vault.close()
    assert refused(export_identity, settings, path, "open sesame") == "moved_out"
    identity = Identity.of("alice", "127.0.0.1:5555", KEY, kept)
    brought = identity_file.seal(identity, "open sesame", os.urandom)
    import_identity(brought, "open sesame", settings.data, None)
    assert look(settings) == (alice, {"history/ab": b"2", "moved": b""})


def test_what_is_exported_is_marked_so(settings, path):
    be_there(settings)
    export_identity(settings, path, "open sesame")
    assert "exported" in look(settings)[1]


def test_keys_that_nobody_can_look_at_stay(settings, path, tmp_path):
    be_there(settings)
    export_identity(settings, path, "open sesame")
    there = replace(settings, data=tmp_path / "new", passphrase="words")
    State(there, lambda _: None).open_vault(KEY).close()
    assert refused(import_identity, read_file(path), "open sesame", there.data, None) == (
        "account_exists"
    )
    import_identity(read_file(path), "open sesame", there.data, "words")


def test_the_new_vault_can_have_a_passphrase(settings, path, tmp_path):
    alice = be_there(settings)
    export_identity(settings, path, "open sesame")
    import_identity(read_file(path), "open sesame", tmp_path / "new", "words")
    there = replace(settings, data=tmp_path / "new")
    assert State(there, lambda _: None).locked
    assert refused(look, there) == "locked"
    assert look(replace(there, passphrase="words"))[0] == alice


def test_a_locked_vault_is_exported_with_its_passphrase(settings, path):
    locked = replace(settings, passphrase="words")
    be_there(locked)
    assert refused(export_identity, settings, path, "open sesame") == "locked"
    assert not path.exists()
    export_identity(locked, path, "open sesame")


def test_nobody_is_not_exported_and_not_made(settings, path):
    assert refused(export_identity, settings, path, "open sesame") == "no_account"
    be_there(settings)
    bob = replace(settings, nick="bob")
    assert refused(export_identity, bob, path, "open sesame") == "no_account"
    assert not State(bob, lambda _: None).has_vault(KEY)
    assert not path.exists()


def test_a_vault_without_keys_is_the_stores_fault(settings, path):
    state = State(settings, lambda _: None)
    state.trust(KEY)
    state.open_vault(KEY).close()
    with pytest.raises(StoreError):
        export_identity(settings, path, "open sesame")


def test_who_is_connected_is_not_exported(settings, path):
    be_there(settings)
    vault = State(settings, lambda _: None).open_vault(KEY)
    assert refused(export_identity, settings, path, "open sesame") == "in_use"
    vault.close()


def test_files_that_cannot_be_used_are_named(settings, tmp_path):
    be_there(settings)
    assert refused(read_file, tmp_path / "none") == "bad_file"
    nowhere = tmp_path / "none" / "alice"
    assert refused(export_identity, settings, nowhere, "open sesame") == "bad_file"


def test_a_wrong_passphrase_makes_nobody(settings, path, tmp_path):
    be_there(settings)
    export_identity(settings, path, "open sesame")
    new = tmp_path / "new"
    assert refused(import_identity, read_file(path), "sesame", new, None) == "wrong_passphrase"
    assert not new.exists()


def test_locked_is_told_before_we_connect(settings):
    state = State(settings, lambda _: None)
    assert (state.known_key, state.locked) == (None, False)
    be_there(settings)
    assert (state.known_key, state.locked) == (KEY, False)
    State(replace(settings, passphrase="words"), lambda _: None).open_vault(KEY).close()
    assert state.locked
    assert Vault.is_locked(state.place(KEY))


def test_a_passphrase_comes_changes_and_goes(settings):
    alice = be_there(settings, pin_bob=b"1")
    state = State(settings, lambda _: None)
    assert change_passphrase(settings, lambda: "one")
    assert state.locked
    assert change_passphrase(replace(settings, passphrase="one"), lambda: "two")
    assert refused(look, replace(settings, passphrase="one")) == "wrong_passphrase"
    assert look(replace(settings, passphrase="two")) == (alice, {"pin/bob": b"1"})
    assert not change_passphrase(replace(settings, passphrase="two"), lambda: "")
    assert not state.locked
    assert look(settings) == (alice, {"pin/bob": b"1"})


def test_who_does_not_know_the_old_passphrase_is_not_asked_for_a_new_one(settings):
    be_there(replace(settings, passphrase="one"))
    for wrong, code in [(None, "locked"), ("two", "wrong_passphrase")]:
        guess = replace(settings, passphrase=wrong)
        assert refused(change_passphrase, guess, pytest.fail) == code
    assert refused(change_passphrase, replace(settings, nick="bob"), pytest.fail) == "no_account"


def test_without_an_answer_the_passphrase_stays(settings):
    be_there(replace(settings, passphrase="one"))

    def hang_up():
        raise UserError("no_answer", "Nobody says anything.")

    locked = replace(settings, passphrase="one")
    assert refused(change_passphrase, locked, hang_up) == "no_answer"
    look(locked)


def test_a_passphrase_is_told_from_another_one_while_the_vault_is_open(settings):
    assert opens(settings, "x") is None
    be_there(settings)
    assert opens(settings, "x") is None
    change_passphrase(settings, lambda: "sesame")
    vault = State(replace(settings, passphrase="sesame"), lambda _: None).open_vault(KEY)
    assert opens(settings, "sesame") is True
    assert opens(settings, "sesam") is False
    assert opens(settings, "") is False
    vault.close()
    assert State(settings, lambda _: None).locked
