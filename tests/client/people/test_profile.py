import pytest

from geventim.chat.values import claim
from geventim.client.people.profile import Keys, Profile
from geventim.crypto.signature import verify
from geventim.errors import StoreError
from tests.client.person import SERVER_KEY


def make_profile(code=""):
    keys = Keys.generate(lambda size: bytes(range(size)))
    return Profile("alice", "lobby", "127.0.0.1:5555", SERVER_KEY, keys, code)


def test_keys_are_kept_whole():
    keys = Keys.generate(lambda size: bytes(range(size)))
    again = Keys.decode(keys.encode())
    assert again.identity.public == keys.identity.public
    assert again.channel.public == keys.channel.public
    assert keys.identity.secret != keys.channel.secret


def test_damaged_keys_are_the_stores_fault():
    with pytest.raises(StoreError):
        Keys.decode(bytes(63))


def test_the_claim_is_signed_by_the_identity():
    profile = make_profile(code="letmein")
    identity, channel = profile.keys.identity, profile.keys.channel
    claimed = claim(SERVER_KEY, "alice", identity.public, channel.public)
    request = profile.registration(life_signs=True)
    verify(identity.public, claimed, request.signature)
    assert (request.nick, request.identity) == ("alice", identity.public)
    assert (request.code, request.life_signs) == ("letmein", True)


def test_no_repr_shows_keys_or_codes():
    profile = make_profile(code="letmein")
    assert "letmein" not in repr(profile)
    assert "Keys" not in repr(profile)
