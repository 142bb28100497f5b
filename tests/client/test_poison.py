"""What a member writes into a message, a GroupInfo or a Welcome harms no client that reads it."""

import struct
from dataclasses import replace

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geventim.chat.replies import Turn
from geventim.chat.requests import TakeTurn
from geventim.chat.values import Kind, Purpose
from geventim.client.causes import Cause
from geventim.client.sealing.charter import Charter
from geventim.client.sealing.content import END_OF_TIME, ContentKind
from geventim.client.sealing.engine import LAST_EPOCH, LATE_KEYS, SUITE, lifetime
from geventim.client.sealing.testimony import LARGEST_COUNT, UNKNOWN
from geventim.client.sealing.testimony import Testimony as Seen
from geventim.client.steps.effects import Ask
from geventim.mls.ground.capabilities import Capabilities, Lifetime
from geventim.mls.ground.cipher_suite import suite_of
from geventim.mls.groups.group import Group
from geventim.mls.messages.key_package import generate_key_package
from geventim.wire.frames import prefix
from tests.client.mallory import Mallory
from tests.client.world import World

LAST = (1 << 64) - 1
NO_CONTENT = Cause.NO_CONTENT.code

UINT64 = st.integers(0, LAST) | st.sampled_from(
    [0, 1, 2**31, 2**32, 2**53 - 2, 2**53 - 1, 2**53, 2**63 - 1, 2**63, LAST - 1, LAST]
)
UINT32 = st.integers(0, 2**32 - 1) | st.sampled_from([2**31, 2**32 - 1])


@pytest.fixture
def mallory(world, alice, bob):
    raw = Mallory(world)
    raw.join()
    alice.news()
    return raw


def witness(seq=0, running=UNKNOWN, accepted=0, ahead=0):
    return struct.pack(">Q32sQL", seq, running, accepted, ahead)


def words(**fields):
    """A content frame that says so, valid or not."""
    said = {"nick": "mallory", "message": "hi", "date": 0, "kind": "room"} | fields
    return prefix(msgspec.json.encode(said))


def is_well(world, person):
    """Whether somebody reads on, now and after a restart."""
    world.advance()
    before = len(person.texts())
    world.people["bob"].say("still there?")
    world.advance()
    person.start()
    world.advance()
    world.people["bob"].say("and now?")
    world.advance()
    return person.texts()[before:] == ["still there?", "and now?"]


@pytest.mark.parametrize("number", [2**53, 2**63, LAST])
@pytest.mark.parametrize("field", ["seq", "accepted"])
def test_a_testimony_with_a_number_beyond_its_range_is_skipped(
    world, alice, mallory, field, number
):
    mallory.send(words(), witness(**{field: number}))
    assert alice.errors() == [NO_CONTENT]
    assert alice.texts() == []
    assert is_well(world, alice)


def test_an_author_who_claims_the_most_messages_is_read_on(world, alice, mallory):
    for _ in range(3):
        mallory.say("hello", Seen(0, UNKNOWN, LARGEST_COUNT, 2**32 - 1))
    assert alice.texts() == ["hello"] * 3
    assert is_well(world, alice)
    mallory.append(b"noise")
    assert is_well(world, alice)


@pytest.mark.parametrize("date", [-1, END_OF_TIME, 253_402_300_799, 1e300, 10**400, "now", None])
def test_a_date_that_no_calendar_has_is_skipped(world, alice, mallory, date):
    payload = words(date="DATE").replace(b'"DATE"', str(date).encode())[4:]
    mallory.send(prefix(payload), witness())
    assert alice.errors() == [NO_CONTENT]
    assert is_well(world, alice)


SETTINGS = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@SETTINGS
@given(
    numbers=st.lists(st.tuples(UINT64, UINT64, UINT32), min_size=1, max_size=4),
    dates=st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.none(),
)
def test_no_number_in_a_message_ends_a_reader(numbers, dates):
    world = World()
    alice, _ = world.enter("alice", "bob")
    raw = Mallory(world)
    raw.join()
    for seq, accepted, ahead in numbers:
        raw.send(words(date=dates), witness(seq, b"h" * 32, accepted, ahead))
        raw.send(words(), witness(seq, UNKNOWN, accepted, ahead))
    assert is_well(world, alice)


@SETTINGS
@given(epoch=UINT64)
def test_no_epoch_of_a_group_info_ends_who_joins(epoch):
    world = World()
    world.enter("alice", "bob")
    raw = Mallory(world)
    raw.join()
    forged = raw.found(Kind.ROOM, epoch)
    raw.update(forged.group_info())
    erin = world.person("erin")
    erin.connect()
    world.advance()
    erin.start()
    world.advance()
    assert erin.is_connected
    assert not world.faults


@SETTINGS
@given(epoch=UINT64)
def test_no_epoch_of_an_invitation_ends_who_answers(epoch):
    world = World()
    alice, _ = world.enter("alice", "bob")
    raw = Mallory(world)
    raw.begin_dm("alice", max(0, epoch - 1))
    raw.say("hello alice", kind=ContentKind.PRIVATE)
    world.advance()
    alice.say("@mallory hello")
    world.advance()
    assert is_well(world, alice)


def test_a_group_beyond_the_last_epoch_is_not_joined(world, alice, bob):
    raw = Mallory(world)
    raw.begin_dm("alice", LAST_EPOCH)
    world.advance()
    assert Cause.BAD_WELCOME.code in alice.errors()
    raw = Mallory(world, "oscar")
    raw.begin_dm("alice", LAST_EPOCH - 1)
    raw.say("hello alice", kind=ContentKind.PRIVATE)
    assert alice.texts() == ["hello alice"]


def test_skipped_generations_leave_little_behind(world, alice, mallory):
    group = mallory.group
    ratchets = f"ratchets/{mallory.id.hex()}"
    mallory.say("first")
    before = len(alice.kept[ratchets])
    for _ in range(3):
        for _ in range(255):
            group.send(b"never sent")
        mallory.say("hello")
    assert alice.texts() == ["first", *["hello"] * 3]
    assert len(alice.kept[ratchets]) - before < 100 * LATE_KEYS
    for _ in range(257):
        group.send(b"never sent")
    mallory.say("too far")
    assert alice.errors() == [Cause.UNREADABLE.code]


@pytest.fixture
def without_charter(world):
    """Somebody whose key packages say that they do not know what a charter is."""
    raw = Mallory(world, "oscar")
    client = replace(raw.engine.client, capabilities=Capabilities())
    own = generate_key_package(SUITE, client, lifetime(world.timers.time), raw.random)
    raw.offer_only(own.key_package)
    return raw


def test_a_key_package_that_fits_no_group_harms_none_to_which_it_is_added(
    world, alice, bob, without_charter
):
    alice.say("@group set crew bob")
    world.advance()
    alice.say("@group add crew oscar", "@group send crew hello")
    world.advance()
    assert alice.errors() == ["bad_key_package"]
    assert bob.texts("crew") == ["hello"]
    alice.start()
    alice.say("@group send crew still here")
    world.advance()
    assert bob.texts("crew") == ["hello", "still here"]


def test_a_key_package_that_expires_before_there_is_a_turn_harms_nobody(world, alice, bob):
    raw = Mallory(world, "oscar")
    now = int(world.timers.time)
    own = generate_key_package(SUITE, raw.engine.client, Lifetime(now - 9, now + 9), raw.random)
    raw.offer_only(own.key_package)
    alice.say("@group set crew bob")
    world.advance()
    group = bob.conversation(Kind.GROUP, "crew").id
    bob.agent.context.user.ways.exchange.send(
        Ask(TakeTurn(id=0, conversation=group, purpose=Purpose.COMMIT), Turn), lambda *_: None
    )
    bob.tick()
    world.run()
    alice.say("@group add crew oscar", "@group send crew hello")
    world.advance(20)
    assert alice.errors() == ["bad_key_package"]
    assert bob.texts("crew") == ["hello"]


def test_nor_one_that_is_begun_with_it(world, alice, bob, without_charter):
    alice.say("@group set crew oscar,bob", "@group send crew hello")
    world.advance()
    assert alice.errors() == ["bad_key_package"]
    assert bob.texts("crew") == ["hello"]


def test_nor_who_begins_to_write_to_its_owner(world, alice, bob, without_charter):
    alice.say("@oscar hello", "@bob hello")
    world.advance()
    assert alice.errors() == ["bad_key_package"]
    assert bob.texts("alice") == ["hello"]


def test_a_state_of_another_cipher_suite_stops_nobody_who_joins(world, alice, bob, mallory):
    charter = Charter.read(mallory.group.extensions)
    forged = Group.create(
        suite_of(1),
        mallory.id,
        mallory.engine.client,
        lifetime(world.timers.time),
        random=mallory.random,
        extensions=(charter.extension(),),
        policy=mallory.engine.policy,
    )
    mallory.update(forged.group_info())
    (erin,) = world.enter("erin")
    world.advance(20)
    assert erin.errors() == []
    world.check_agreement()
