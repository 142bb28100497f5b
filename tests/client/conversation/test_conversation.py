"""What a conversation does at once, whatever the server says about it."""

import msgspec
import pytest

from geventim.chat.replies import ConversationInfo
from geventim.chat.values import Kind
from geventim.client.causes import Cause
from geventim.client.conversation.posting import post
from geventim.client.following.arrival import rejoin
from geventim.client.kept.record import GROUP, PARCEL, PENDING, RATCHETS, TALK
from geventim.client.kept.stages import Move, Stage
from geventim.client.sealing.charter import psk_name
from geventim.client.sealing.content import Content, ContentKind
from geventim.errors import MisuseError, PeerError, UserError
from geventim.mls.groups import archive
from tests.client.hostile import shut_out
from tests.client.insiders import make_noise
from tests.client.surroundings import START

SAID = Content("alice", "hi", START, ContentKind.ROOM)


def kept(person, conversation):
    """Which parts of a conversation are in the vault."""
    prefixes = (TALK, GROUP, RATCHETS, PENDING, PARCEL)
    return {
        prefix
        for prefix in prefixes
        if any(name.startswith(prefix + conversation.id.hex()) for name in person.kept)
    }


def info(conversation, **fields):
    record = conversation.record
    shown = {"member": True, "incarnation": record.incarnation, **fields}
    return ConversationInfo(record.id, record.kind, record.name, **shown)


def test_a_move_that_is_not_in_the_table_is_a_bug(alice):
    with pytest.raises(MisuseError):
        alice.room().move(Move.FOUND)
    assert alice.room().stage is Stage.ACTIVE


def test_what_is_kept_of_it(world, alice, bob):
    room = alice.room()
    assert kept(alice, room) == {TALK, GROUP, RATCHETS}
    alice.say("hi")
    assert kept(alice, room) == {TALK, GROUP, RATCHETS, PARCEL}
    world.run()
    assert kept(alice, room) == {TALK, GROUP, RATCHETS}


def test_messages_write_the_ratchets_alone(world, alice, bob):
    room = alice.room()
    before = dict(alice.kept)
    alice.say("hi")
    bob.say("hi")
    world.run()
    assert alice.kept[GROUP + room.id.hex()] == before[GROUP + room.id.hex()]
    assert alice.kept[RATCHETS + room.id.hex()] != before[RATCHETS + room.id.hex()]


def test_a_commit_is_kept_before_it_leaves_and_until_it_is_in_force(world, alice):
    bob = world.person("bob")
    bob.connect()
    while not any(name.startswith(PENDING) for name in bob.kept):
        assert world.step()
    room = bob.room()
    assert room.stage is Stage.JOINING
    assert kept(bob, room) == {TALK, PENDING}
    world.run()
    assert kept(bob, room) == {TALK, GROUP, RATCHETS}


def test_who_is_out_keeps_no_group(world, alice, bob):
    room = alice.room()
    alice.say("@leave lobby")
    world.run()
    assert kept(alice, room) == {TALK}
    assert (room.seat, room.record.member) == (None, False)
    assert room.helper._epochs == {}


def test_how_far_a_group_had_come_is_not_forgotten(world, alice, bob):
    room = alice.room()
    epoch, transcript = room.record.epoch, room.record.transcript
    alice.say("@leave lobby")
    world.run()
    assert (room.record.epoch, room.record.transcript) == (epoch, transcript)


def test_it_comes_back_as_it_was(world, alice, bob):
    alice.say("hi")
    world.run()
    before = alice.room()
    alice.start()
    after = alice.room()
    assert after is not before
    assert archive.save_fixed(after.group.state) == archive.save_fixed(before.group.state)
    assert (after.stage, after.record.position.seq) == (Stage.ACTIVE, 3)


def test_another_incarnation_is_another_history(alice):
    room = alice.room()
    room.learn(info(room, incarnation=b"x" * 16))
    assert room.stage is Stage.STOPPED
    alice.tick()
    assert alice.errors() == [Cause.REPLACED_HISTORY.code]
    with pytest.raises(UserError) as refused:
        post(room, SAID)
    assert refused.value.code == "replaced_history"


def test_who_is_inside_does_not_believe_in_another_gate(alice):
    room = alice.room()
    room.record.gate = b"a" * 32
    room.record.keyed = True
    room.learn(info(room, keyed=True, gate=b"g" * 32))
    assert room.record.gate == b"a" * 32
    room.exclude()
    room.learn(info(room, keyed=True, gate=b"g" * 32))
    assert room.record.gate == b"g" * 32
    assert room.key.is_lacking


@pytest.mark.parametrize("fields", [{"name": "lounge"}, {"keyed": True}])
def test_neither_a_name_nor_whether_a_room_is_keyed_can_change(alice, fields):
    room = alice.room()
    with pytest.raises(PeerError):
        room.learn(msgspec.structs.replace(info(room), **fields))


def test_a_psk_has_one_name_only(alice):
    assert alice.room().key.look_up(psk_name(b"g" * 32)) is None


def test_nothing_is_posted_to_a_room_that_was_left(alice):
    room = alice.room()
    room.exclude()
    with pytest.raises(UserError):
        post(room, SAID)


def test_what_waits_is_refused_when_we_are_out_or_stopped(alice):
    room = alice.room()
    one = post(room, SAID)
    room.stop(Cause.BACKWARDS)
    assert one.error.code == "backwards"
    room.stop(Cause.NO_KEY)
    alice.tick()
    assert alice.errors() == ["backwards"], "it stops once"
    rejoin(room)
    two = post(room, SAID)
    room.exclude()
    assert two.error.code == "not_a_member"


def test_what_is_stopped_is_not_repaired_by_itself(alice):
    room = alice.room()
    room.stop(Cause.BACKWARDS)
    room.fall_outside(Cause.BAD_WELCOME, author="bob")
    assert room.stage is Stage.STOPPED


def test_what_could_not_be_read_meanwhile_is_counted(world, alice, bob):
    room = alice.room()
    world.advance(20)
    room.give_up_seat()
    room.fall_outside(Cause.BAD_WELCOME, author="bob")
    bob.say("one", "two")
    world.run()
    world.advance()
    assert alice.errors() == ["bad_welcome", "missed"]
    assert room.record.missed == 0
    bob.say("three")
    world.run()
    assert alice.texts() == ["three"]


def test_what_is_closed_outlives_the_process(world, alice, bob):
    """Somebody is shut out, and ends; what was written is read when help comes."""
    world.advance(20)
    world.enter("carol")
    make_noise(world, bob, alice)
    bob.say("a second word")
    world.run()
    assert (alice.room().stage, len(alice.room().closed)) == (Stage.OUTSIDE, 2)
    alice.start()
    world.run()
    assert len(alice.room().closed) == 2
    world.advance(1)
    assert alice.texts() == ["something for some", "a second word"]
    assert len(alice.room().closed) == 0
    assert alice.room().seat.is_ours
    world.check_agreement()


def test_what_was_written_before_the_next_commit_is_read_with_the_help_of_others(world, alice, bob):
    """alice is away while two epochs pass that she cannot open."""
    (carol,) = world.enter("carol")
    world.advance(20)
    alice.drop()
    make_noise(world, bob, alice)
    world.advance(60)
    make_noise(world, carol, alice)
    world.advance(60)
    alice.connect()
    world.advance(1)
    assert sorted(alice.texts()) == ["something for some", "something for some"]
    assert alice.errors() == []
    assert len(alice.room().outlooks) == 0
    world.check_agreement()


def test_nothing_is_sealed_twice_with_one_key_after_help(world, alice, bob):
    """Who is helped to an epoch in which it has sealed before goes on with the next key."""
    alice.say("one", "two")
    world.run()
    room = alice.room()
    generation = room.group.generation
    shut_out(alice, room)
    world.advance(1)
    assert room.in_step
    assert room.group.generation >= generation or room.record.epoch > 1
    alice.say("three")
    world.advance(10)
    assert bob.texts() == ["one", "two", "three"]


def test_a_failure_is_forgotten_when_it_is_tried_again(world, alice, bob):
    alice.say("@bob hi")
    world.run()
    pair = alice.conversation(Kind.DM, "bob")
    pair.fail(UserError("no", "No."))
    assert pair.intent.failure is not None
    post(pair, Content("alice", "hi", START, ContentKind.PRIVATE))
    assert pair.intent.failure is None


def test_without_a_group_there_is_nothing_to_be_asked_of_it(world):
    alice = world.person("alice")
    alice.connect()
    while not list(alice.agent.context.conversations):
        world.step()
    with pytest.raises(MisuseError):
        alice.room().seat_of()
    with pytest.raises(MisuseError):
        alice.room().merge_pending(1)
