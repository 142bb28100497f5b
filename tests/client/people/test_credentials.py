import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.chat.values import account_id
from geventim.client.people.credentials import (
    LONGEST_NICK,
    Somebody,
    accept_credential,
    make_credential,
    read_credential,
)
from geventim.errors import PeerError
from geventim.mls.ground.credentials import BasicCredential, X509Credential

SERVER = b"s" * 32
KEY = b"k" * 32
ACCOUNT = account_id(KEY)
ALICE = make_credential(SERVER, ACCOUNT, "alice")


def test_it_says_who_it_is():
    assert read_credential(ALICE) == Somebody(ACCOUNT, "alice")


def test_it_belongs_to_its_key_on_its_server_alone():
    accept = accept_credential(SERVER)
    assert accept(ALICE, KEY)
    assert not accept(ALICE, b"x" * 32)
    assert not accept(make_credential(b"t" * 32, ACCOUNT, "alice"), KEY)
    assert not accept(make_credential(SERVER, b"x" * 16, "alice"), KEY)


@pytest.mark.parametrize(
    "identity",
    [
        b"",
        ALICE.identity[:-1],
        ALICE.identity + b"x",
        b"\x02" + ALICE.identity[1:],
        make_credential(SERVER, ACCOUNT, "").identity,
        make_credential(SERVER, ACCOUNT, "x" * (LONGEST_NICK + 1)).identity,
        ALICE.identity[:-5] + b"\xff" * 5,
    ],
)
def test_what_is_none_of_ours(identity):
    credential = BasicCredential(identity)
    with pytest.raises(PeerError):
        read_credential(credential)
    assert not accept_credential(SERVER)(credential, KEY)


def test_certificates_are_none_of_ours():
    with pytest.raises(PeerError):
        read_credential(X509Credential((b"x",)))


@given(st.binary(max_size=120))
def test_any_bytes_are_somebody_or_refused(identity):
    try:
        somebody = read_credential(BasicCredential(identity))
    except PeerError:
        return
    assert somebody.nick
