from unittest.mock import patch

import pytest

from geventim.client.sealing import gates
from geventim.crypto.readable import encode_key, format_key
from geventim.crypto.signature import verify

SERVER = b"s" * 32
KEY = encode_key(bytes(range(16)))


def stretch(key, server, room):
    """What is meant to take its time, at once."""
    return gates.stretch(key, server, room, cost=2)


def test_the_cost_is_what_the_design_says():
    with patch.object(gates, "scrypt") as scrypt:
        gates.stretch(KEY, SERVER, "den")
    assert scrypt.call_args.kwargs["cost"] == gates.COST == 2**17


def test_a_key_yields_a_psk_and_a_gate_that_signs():
    secret = stretch(KEY, SERVER, "den")
    assert len(secret) == gates.SECRET_SIZE
    assert len(gates.psk(secret)) == 32
    gate = gates.gate(secret)
    verify(gate.public, b"claim", gate.sign(b"claim"))
    assert gates.NewKey(KEY, secret).gate == gate.public
    assert gate.public not in secret


@pytest.mark.parametrize(
    "text", [KEY.upper(), format_key(KEY), f" {KEY} ", format_key(KEY).upper()]
)
def test_a_generated_key_may_be_typed_in_many_ways(text):
    assert stretch(text, SERVER, "den") == stretch(KEY, SERVER, "den")


@pytest.mark.parametrize("text", ["gr\u00fc\u00dfe  an alle", "gru\u0308\u00dfe an alle"])
def test_a_passphrase_too(text):
    assert stretch(text, SERVER, "den") == stretch("grüße an alle", SERVER, "den")
    assert stretch("Grüße an alle", SERVER, "den") != stretch(text, SERVER, "den")


def test_another_key_room_or_server_yields_another_secret():
    secrets = {
        stretch(KEY, SERVER, "den"),
        stretch("other", SERVER, "den"),
        stretch(KEY, SERVER, "lair"),
        stretch(KEY, b"t" * 32, "den"),
    }
    assert len(secrets) == 4
    assert stretch(KEY, SERVER, "DEN") in secrets, "it is the same room"


def test_what_can_be_guessed_is_weak():
    assert gates.is_weak("open sesame")
    assert gates.is_weak("one two three four five")
    assert not gates.is_weak("one two three four five six")
    assert not gates.is_weak(KEY)
    assert not gates.is_weak(format_key(KEY))
    assert gates.is_weak(KEY[:-1])


def test_no_repr_shows_a_key():
    assert KEY not in repr(gates.NewKey(KEY, b"secret" * 10))
    assert "secret" not in repr(gates.NewKey(KEY, b"secret" * 10)).replace("secret=", "")
