"""The key of a keyed room, and how another gate is passed."""

from geventim.chat.values import Kind
from geventim.client.kept.record import Offer, Record
from geventim.client.sealing import gates
from geventim.client.sealing.charter import psk_name
from geventim.client.sealing.room_key import OFFERS, OURSELVES, RoomKey

ANN, EVE = b"a" * 16, b"e" * 16
SECRET, NEXT = bytes(range(64)), bytes(range(64, 128))


def room(**fields):
    return Record(b"c" * 16, Kind.ROOM, "vault", b"i" * 16, **fields)


def gate(secret):
    return gates.gate(secret).public


def test_a_room_without_a_gate_needs_no_key():
    key = RoomKey(room())
    assert not key.is_lacking
    assert key.look_up(psk_name(gate(SECRET))) is None


def test_the_key_is_that_of_the_gate_of_now():
    assert RoomKey(room(keyed=True, gate=gate(SECRET))).is_lacking
    assert RoomKey(room(keyed=True, gate=gate(SECRET), room_key=NEXT)).is_lacking
    key = RoomKey(room(keyed=True, gate=gate(SECRET), room_key=SECRET))
    assert not key.is_lacking
    assert key.look_up(psk_name(gate(SECRET))) == SECRET[:32]
    assert key.look_up(psk_name(gate(NEXT))) is None


def test_the_key_that_was_announced_comes_with_its_gate():
    record = room(keyed=True, gate=gate(SECRET), room_key=SECRET)
    key, offer = RoomKey(record), Offer(NEXT, "ann", "open sesame")
    key.offer(ANN, offer)
    assert key.pass_gate(gate(SECRET)) is None
    assert key.pass_gate(gate(NEXT)) == offer
    assert (record.room_key, record.offers) == (NEXT, {OURSELVES: Offer(SECRET)})
    assert not key.is_lacking


def test_where_the_room_had_another_gate_in_a_state_that_was_not_right_the_key_is_as_before():
    record = room(keyed=True, gate=gate(SECRET), room_key=SECRET)
    key = RoomKey(record)
    key.offer(EVE, Offer(NEXT, "eve", "open sesame"))
    key.pass_gate(gate(NEXT))
    assert key.pass_gate(gate(SECRET)) == Offer(SECRET)
    assert (record.room_key, key.is_lacking) == (SECRET, False)


def test_a_key_is_found_by_its_gate():
    key = RoomKey(room(keyed=True, gate=gate(SECRET), room_key=SECRET))
    key.offer(ANN, Offer(NEXT))
    assert [key.find(gate(each)) for each in (SECRET, NEXT, bytes(64))] == [SECRET, NEXT, None]
    assert RoomKey(room(keyed=True, gate=gate(SECRET))).find(gate(SECRET)) is None


def test_nobody_displaces_what_others_have_announced():
    record = room(keyed=True, gate=gate(SECRET), room_key=SECRET)
    key = RoomKey(record)
    key.offer(ANN, Offer(NEXT))
    for number in range(2 * OFFERS):
        key.offer(EVE, Offer(bytes([number] * 64)))
    assert len(record.offers) == 2
    assert key.pass_gate(gate(NEXT)) == Offer(NEXT)


def test_few_keys_wait_for_their_gate():
    record = room(keyed=True, gate=gate(SECRET), room_key=SECRET)
    for number in range(OFFERS + 2):
        RoomKey(record).offer(bytes([number] * 16), Offer(NEXT))
    assert len(record.offers) == OFFERS
    assert bytes([1] * 16) not in record.offers


def test_a_gate_that_nobody_has_announced_leaves_us_without_its_key():
    key = RoomKey(room(keyed=True, gate=gate(SECRET), room_key=SECRET))
    assert key.pass_gate(gate(NEXT)) is None
    assert key.is_lacking


def test_who_is_not_in_it_yet_says_by_the_key_which_gate_that_is():
    record = room(keyed=True)
    key = RoomKey(record)
    assert key.is_lacking
    key.take(SECRET)
    assert (record.room_key, record.gate) == (SECRET, gate(SECRET))
    assert not key.is_lacking
    key.take(b"")
    assert (record.room_key, record.gate) == (b"", b"")
    assert key.is_lacking


def test_a_member_knows_the_gate_whatever_key_is_typed():
    record = room(keyed=True, gate=gate(SECRET), member=True)
    key = RoomKey(record)
    key.take(NEXT)
    assert record.gate == gate(SECRET)
    assert key.is_lacking
    assert key.look_up(psk_name(gate(SECRET))) is None, "the wrong key opens nothing"


def test_a_key_that_was_announced_for_another_gate_is_not_used():
    record = room(keyed=True, gate=gate(SECRET), room_key=SECRET)
    RoomKey(record).offer(ANN, Offer(NEXT))
    other = gate(bytes(64))
    assert RoomKey(record).pass_gate(other) is None
    assert (record.gate, record.room_key) == (other, SECRET)
    assert record.offers == {ANN: Offer(NEXT)}
