"""Who is let through the gate of a keyed room, and what everybody else learns: nothing."""

import pytest

from geventim.chat import requests as ask
from geventim.chat.values import gate_claim
from geventim.service.people.guesses import FIRST_WAIT, FREE
from geventim.service.turns import gates
from tests.service.doubles import World, fresh_id
from tests.service.identities import account, identity


@pytest.fixture
def vault(world: World):
    """A keyed room, by its info, and alice who has made it; she is not in it yet."""
    alice = world.enter("alice")
    made = alice.ask(
        ask.CreateRoom, name="vault", message_id=fresh_id(), gate=identity("gate").public
    )
    return made.conversation, alice


def guess(client, info, key="another key"):
    return client.turn(info.id, gate_signature=client.prove(info, key))


def test_whoever_holds_the_key_gets_in(vault):
    info, alice = vault
    assert guess(alice, info, "gate").head == 0
    assert alice.commit(info.id, ["alice"]).seq == 1


def test_a_key_that_is_wrong_is_told_from_no_key_at_all(vault):
    info, alice = vault
    assert alice.turn(info.id).code == "bad_gate"
    assert guess(alice, info).code == "bad_gate"
    assert alice.commit(info.id, ["alice"]).code == "no_turn"
    assert alice.turn(info.id, gate_signature=b"s" * 64).code == "no_challenge"


def test_a_signature_is_for_one_challenge_one_room_and_one_account(world, vault):
    info, alice = vault
    bob = world.enter("bob")
    signed = alice.prove(info)
    bob.ask(ask.Challenge, conversation=info.id)
    assert bob.turn(info.id, gate_signature=signed).code == "bad_gate"
    alice.ask(ask.Challenge, conversation=info.id)
    assert alice.turn(info.id, gate_signature=signed).code == "bad_gate"
    assert alice.turn(info.id, gate_signature=signed).code == "no_challenge"
    other = alice.ask(
        ask.CreateRoom, name="other", message_id=fresh_id(), gate=identity("gate").public
    ).conversation
    nonce = alice.ask(ask.Challenge, conversation=other.id).nonce
    claimed = gate_claim(info.id, info.incarnation, account("alice").id, nonce)
    signed = identity("gate").sign(claimed)
    assert alice.turn(other.id, gate_signature=signed).code == "bad_gate"


def test_a_challenge_tells_nothing_of_the_conversation(world, vault):
    info, alice = vault
    room, dm = alice.room(), fresh_id()
    nonces = {alice.ask(ask.Challenge, conversation=each).nonce for each in (info.id, room, dm)}
    assert len(nonces) == 3


def test_a_session_has_so_many_challenges_at_most(vault):
    info, alice = vault
    signed = alice.prove(info)
    for _ in range(gates.CHALLENGES):
        alice.ask(ask.Challenge, conversation=fresh_id())
    assert len(alice.session.challenges) == gates.CHALLENGES
    assert alice.turn(info.id, gate_signature=signed).code == "no_challenge"


def test_guessing_the_key_of_a_room_gets_slower_and_slower(world, vault):
    info, alice = vault
    codes = [guess(alice, info).code for _ in range(FREE + 1)]
    assert codes == ["bad_gate"] * FREE + ["too_many_guesses"]
    reply = guess(alice, info, "gate")
    assert (reply.code, reply.advice) == (
        "too_many_guesses",
        f"Try again in {FIRST_WAIT:.0f} seconds.",
    )
    world.timers.advance(FIRST_WAIT)
    assert guess(alice, info).code == "bad_gate"
    world.timers.advance(FIRST_WAIT)
    assert guess(alice, info, "gate").code == "too_many_guesses"
    world.timers.advance(FIRST_WAIT)
    assert guess(alice, info, "gate").head == 0


def test_who_guesses_shuts_out_nobody_else(world, vault):
    info, alice = vault
    mallory = world.enter("mallory")
    while guess(mallory, info).code != "too_many_guesses":
        pass
    assert guess(alice, info, "gate").head == 0


def test_guessers_with_many_accounts_share_what_their_address_may(world, vault):
    info, _ = vault
    for number in range(FREE):
        client = world.enter(f"mallory{number}")
        client.session.address = "192.0.2.7"
        assert guess(client, info).code == "bad_gate"
    for nick, address in [("eve", "192.0.2.7"), ("bob", ""), ("carol", "192.0.2.8")]:
        client = world.enter(nick)
        client.session.address = address
        code = getattr(guess(client, info), "code", "bad_gate")
        assert code == ("too_many_guesses" if nick == "eve" else "bad_gate")
