"""What a member writes into a message, a GroupInfo or a Welcome harms no client that reads it."""

import struct
from dataclasses import replace

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geventim.chat.replies import KeyPackage, Turn
from geventim.chat.requests import Commit, TakeTurn
from geventim.chat.values import Kind, Purpose
from geventim.client.causes import Cause
from geventim.client.following.foundation import found_charter
from geventim.client.sealing import gates
from geventim.client.sealing.charter import Charter
from geventim.client.sealing.content import END_OF_TIME, ContentKind
from geventim.client.sealing.declaration import Declaration
from geventim.client.sealing.engine import LAST_EPOCH, LATE_KEYS, SUITE, lifetime
from geventim.client.sealing.testimony import LARGEST_COUNT, UNKNOWN
from geventim.client.sealing.testimony import Testimony as Seen
from geventim.client.steps.effects import Ask
from geventim.mls.ground.capabilities import Capabilities, Lifetime
from geventim.mls.ground.cipher_suite import suite_of
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.groups.group import Group
from geventim.mls.messages.key_package import generate_key_package
from geventim.mls.messages.proposals import Add
from geventim.wire.frames import prefix
from tests.client.hostile import altering, key_of, say, take_key_package
from tests.client.insiders import refuse_help
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


@pytest.mark.parametrize("key", ["another one", "the one before"])
def test_a_state_with_another_gate_stops_nobody_who_has_the_key(world, alice, bob, key):
    say(world, alice, "@newkey vault")
    say(world, bob, f"@join vault {key_of(alice)}")
    vault, insider = bob.room("vault"), bob.agent.context.user
    state = vault.group.group_info()
    if key == "another one":
        charter = Charter.read(vault.group.extensions).with_gate(gates.gate(bytes(64)).public)
        made_up = insider.engine.found(vault.id, charter, world.timers.time)
        state = made_up.group_info()
    else:
        say(world, alice, "@newkey vault")

    def give(turn, _):
        return [(msgspec.structs.replace(turn, at=turn.head, giver=insider.account), state)]

    (erin,) = world.enter("erin")
    erin.tamper = altering(Turn, give)
    assert say(world, erin, f"@join vault {key_of(alice)}") == []
    world.advance(20)
    world.check_agreement("vault")


@pytest.mark.parametrize("times", [1, 4])
def test_a_state_without_somebody_keeps_nobody_out_who_was_added(world, alice, bob, times):
    """What they write meanwhile waits; the state of another member is looked at."""
    (erin,) = world.enter("erin")
    say(world, alice, "@group set crew bob")
    insider = bob.agent.context.user.account
    state = bob.conversation(Kind.GROUP, "crew").group.group_info()

    def give(turn, payload):
        if not payload:
            return [(turn, payload)]
        return [(msgspec.structs.replace(turn, at=turn.head, giver=insider), state)]

    def tamper(message, payload):
        if getattr(message, "welcome", 0):
            payload = payload[: -message.welcome] + bytes(message.welcome)
        return lie(message, payload)

    lie = altering(Turn, give, times=times)
    erin.tamper = tamper
    alice.say("@group add crew erin")
    while not erin.agent.context.conversations.named(Kind.GROUP, "crew"):
        world.step()
    erin.say("@group send crew hello")
    world.advance(40)
    assert erin.errors() == [Cause.BAD_WELCOME.code]
    assert alice.texts("crew") == ["hello"]


def test_who_keeps_its_leaf_in_a_state_that_was_made_up_goes_where_the_others_are(
    world, alice, bob
):
    """Who was added has its leaf in every state that goes on from there, right or wrong."""
    (erin,) = world.enter("erin")
    say(world, alice, "@group set crew bob")
    insider = bob.agent.context.user
    group = bob.conversation(Kind.GROUP, "crew")
    refuse_help(bob)

    def give(turn, payload):
        if not payload:
            return [(turn, payload)]
        copy = Group(group.group.state.fork(), insider.random, insider.engine.policy)
        declared = Declaration(copy.vantage.public.interim_transcript_hash).encode()
        request = CommitRequest((), now=int(world.timers.time), authenticated_data=declared)
        copy.merge(copy.commit(request, public=True))
        given = msgspec.structs.replace(turn, at=turn.head, giver=insider.account)
        return [(given, copy.group_info())]

    lie = altering(Turn, give, times=3)

    def tamper(message, payload):
        if getattr(message, "welcome", 0):
            payload = payload[: -message.welcome] + bytes(message.welcome)
        return lie(message, payload)

    erin.tamper = tamper
    alice.say("@group add crew erin")
    world.advance()
    erin.tamper = None
    say(world, alice, "@group send crew hello")
    say(world, erin, "@group send crew here I am")
    world.advance(60)
    world.check_group(group.id)
    assert alice.texts("crew") == ["here I am"]


def test_who_is_put_out_while_it_adds_somebody_is_told_so(world, alice, bob):
    (erin,) = world.enter("erin")
    say(world, alice, "@group set crew bob")
    held = []

    def hold(message, payload):
        if isinstance(message, KeyPackage):
            held.append((message, payload))
            return []
        return [(message, payload)]

    bob.tamper = hold
    bob.say("@group add crew erin")
    world.run()
    say(world, alice, "@group remove crew bob")
    bob.tamper = None
    bob.tell(*held.pop())
    world.advance()
    assert bob.errors() == ["not_a_member"]
    assert erin.texts() == []


@pytest.mark.parametrize("founder", ["the one there is", "the insider"])
def test_who_was_invited_into_a_group_that_was_made_up_gets_into_the_right_one(
    world, alice, bob, founder
):
    """What the others write there does not open, and who has founded it can let them in."""
    _, erin = world.enter("carol", "erin")
    say(world, alice, "@group set crew bob,carol")
    insider, crew = bob.agent.context.user, bob.conversation(Kind.GROUP, "crew")
    now = int(world.timers.time)

    def commit(group, *proposals):
        declared = Declaration(group.vantage.public.interim_transcript_hash).encode()
        request = CommitRequest(proposals, now=now, authenticated_data=declared)
        staged = group.commit(request, public=True)
        group.merge(staged)
        return staged

    def forge(request, payload):
        if not isinstance(request, Commit) or not request.welcome:
            return [(request, payload)]
        copy = Group(crew.group.state.fork(), insider.random, insider.engine.policy)
        if founder == "the insider":
            copy = insider.engine.found(crew.id, found_charter(crew), now)
        commit(copy)
        staged = commit(copy, Add(take_key_package(world, erin.agent.context.user.account)))
        sizes = {"message": len(staged.message), "welcome": len(staged.welcome)}
        fields = msgspec.structs.asdict(request) | sizes
        return [(Commit(**fields), staged.message + staged.welcome + copy.group_info())]

    bob.forge = forge
    bob.say("@group add crew erin")
    world.advance()
    bob.drop()
    say(world, alice, "@group send crew hello")
    say(world, erin, "@group send crew is anybody there?")
    world.advance(60)
    say(world, alice, "@group add crew erin", "@group send crew hello erin")
    world.advance(30)
    world.check_group(crew.id)
    assert erin.texts("crew")[-1] == "hello erin"
