import secrets
import stat

import pytest

from geventim.errors import StoreError, UserError
from geventim.store.vault.vault_key import (
    BARE,
    KEY_SIZE,
    SEALED,
    is_sealed,
    keep_key,
    load_key,
    opens,
    replace_key,
)

pytestmark = pytest.mark.usefixtures("cheap_passphrases")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vault.key"


def make(path, words=None):
    key = secrets.token_bytes(KEY_SIZE)
    keep_key(path, key, secrets.token_bytes, words)
    return key


def load(path, words=None):
    return load_key(path, secrets.token_bytes, words)


def refused(path, words):
    with pytest.raises(UserError) as caught:
        load(path, words)
    return caught.value.code


def test_a_bare_key_comes_back(path):
    key = make(path)
    assert len(key) == 64
    assert load(path) == key
    assert path.read_bytes() == BARE + key
    assert not is_sealed(path)


def test_a_sealed_key_needs_its_passphrase(path):
    key = make(path, "open sesame")
    assert is_sealed(path)
    assert key not in path.read_bytes()
    assert load(path, "open sesame") == key
    assert refused(path, None) == "locked"
    assert refused(path, "open") == "wrong_passphrase"


def test_a_bare_key_is_sealed_when_a_passphrase_comes(path):
    key = make(path)
    with path.open("rb") as before:
        assert load(path, "größe") == key
        # The file that had it is gone from the directory, and empty of it for who still has it.
        assert before.read() == bytes(len(BARE) + len(key))
    assert path.read_bytes().startswith(SEALED)
    assert refused(path, None) == "locked"
    assert load(path, "gro\u0308ße") == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(("before", "after"), [("one", "two"), ("one", None), (None, "two")])
def test_a_key_gets_another_passphrase(path, before, after):
    key = make(path, before)
    with path.open("rb") as old:
        size = path.stat().st_size
        replace_key(path, key, secrets.token_bytes, after)
        assert old.read() == bytes(size)
    assert load(path, after) == key
    assert is_sealed(path) == (after is not None)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    if after is not None:
        assert refused(path, "one") == "wrong_passphrase"


def test_no_key_is_not_sealed(path):
    assert not is_sealed(path)
    with pytest.raises(FileNotFoundError):
        load(path)


@pytest.mark.parametrize("cut", [0, 1, 40, 143])
def test_what_is_left_of_a_sealed_key_opens_nothing(path, cut):
    make(path, "open sesame")
    path.write_bytes(path.read_bytes()[: len(SEALED) + cut])
    assert refused(path, "open sesame") == "wrong_passphrase"


@pytest.mark.parametrize("content", [b"", BARE, BARE + bytes(65), b"geventim sealed vault key 2\n"])
def test_what_is_no_key_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"vault\.key"):
        load(path, "open sesame")


def test_a_passphrase_can_be_tried_without_a_change(path):
    keep_key(path, bytes(KEY_SIZE), secrets.token_bytes, "sesame")
    before = path.read_bytes()
    assert opens(path, "sesame")
    assert not opens(path, "sesam")
    assert path.read_bytes() == before
