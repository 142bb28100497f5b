import msgspec
import pytest
from msgspec.structs import replace

from geventim.chat import limits, requests, values
from geventim.chat.replies import Added, ConversationInfo, ConversationList, EntryEvent, Person
from geventim.chat.requests import ListConversations
from geventim.chat.values import EntryKind, Kind, account_id, dm_id
from geventim.client.following.follower import Follower
from geventim.client.operations.conversations import LOOK, check_info, check_person
from geventim.client.phases import Phase
from geventim.client.steps.introductions import FREE
from geventim.errors import PeerError
from geventim.log.changes import Create
from tests.client.surroundings import START

ROOM = ConversationInfo(b"R" * 16, Kind.ROOM, "den", b"i" * 16)


def person(nick="bob", identity=b"k" * 32):
    return Person(nick, account_id(identity), identity)


def pair(peer, account=b"a" * 16, name=None):
    return ConversationInfo(
        dm_id(account, peer.account), Kind.DM, name or peer.nick, b"i" * 16, member=True, peer=peer
    )


def test_every_conversation_is_followed_after_coming_in(world, alice, bob):
    alice.say("@group set team bob", "@bob hi")
    world.run()
    bob.asked.clear()
    bob.start()
    world.run()
    followed = {request.conversation for request in bob.requests(requests.Subscribe)}
    known = {conversation.id for conversation in bob.agent.context.conversations}
    assert followed == known
    assert len(known) == 3


def test_one_that_begins_is_followed_once(world, alice):
    alice.tell(Added(conversation=msgspec.structs.replace(ROOM, member=True)))
    alice.tell(Added(conversation=msgspec.structs.replace(ROOM, member=True)))
    assert [request.conversation for request in alice.requests(requests.Subscribe)][1:] == [ROOM.id]


def test_those_that_others_put_us_into_are_taken_up_a_few_at_a_time(world, alice):
    groups = [
        replace(ROOM, id=bytes([n]) * 16, kind=Kind.GROUP, member=True, founder=b"m" * 16)
        for n in range(FREE + 2)
    ]
    conversations = alice.agent.context.conversations

    def known():
        return [group.id for group in groups if conversations.get(group.id)]

    for group in [*groups, groups[0]]:
        alice.tell(Added(conversation=group))
    assert known() == [group.id for group in groups[:FREE]]
    world.advance()
    assert known() == [group.id for group in groups]


def test_one_that_was_left_is_not_found_by_its_name(world, alice):
    alice.say("@create room den")
    world.run()
    conversations = alice.agent.context.conversations
    found = conversations.named(Kind.ROOM, "DEN")
    assert conversations.get(found.id) is found
    alice.say("@leave den")
    world.run()
    assert conversations.named(Kind.ROOM, "den") is None
    assert conversations.named(Kind.GROUP, "lobby") is None


def entry(conversation, **fields):
    return EntryEvent(
        conversation=conversation,
        seq=1,
        time=START,
        author="bob",
        account=b"b" * 16,
        message_id=b"m" * 16,
        kind=EntryKind.MESSAGE,
        **fields,
    )


def test_an_entry_of_an_unknown_conversation_is_the_servers_fault(world, alice):
    alice.tell(entry(ROOM.id))
    assert [nick for nick, _ in world.faults] == ["alice"]


def test_a_welcome_longer_than_its_entry_is_the_servers_fault(world, alice):
    alice.tell(entry(alice.room().id, welcome=5, payload=2), b"xx")
    assert [nick for nick, _ in world.faults] == ["alice"]


def test_a_conversation_does_not_become_one_of_another_kind(world, alice):
    changed = msgspec.structs.replace(ROOM, id=alice.room().id, kind=Kind.GROUP)
    alice.tell(Added(conversation=changed))
    assert [nick for nick, _ in world.faults] == ["alice"]
    assert alice.room().record.kind is Kind.ROOM


@pytest.mark.parametrize(
    "info",
    [
        msgspec.structs.replace(ROOM, name="[Server]"),
        msgspec.structs.replace(ROOM, name="a b"),
        msgspec.structs.replace(ROOM, peer=person()),
        msgspec.structs.replace(ROOM, kind=Kind.GROUP, founder=b"f" * 16, keyed=True),
        msgspec.structs.replace(ROOM, kind=Kind.GROUP),
        msgspec.structs.replace(ROOM, founder=b"f" * 16),
        msgspec.structs.replace(ROOM, gate=b"g" * 32),
        msgspec.structs.replace(ROOM, keyed=True, gate=b"g" * 32),
        msgspec.structs.replace(ROOM, keyed=True, member=True),
        msgspec.structs.replace(ROOM, kind=Kind.DM),
        msgspec.structs.replace(pair(person()), id=b"x" * 16),
        pair(person(), name="carol"),
        pair(Person("bob", b"b" * 16, b"k" * 32)),
    ],
)
def test_what_cannot_be_true_of_a_conversation(info):
    with pytest.raises(PeerError):
        check_info(info, b"a" * 16)


@pytest.mark.parametrize(
    "info",
    [
        ROOM,
        msgspec.structs.replace(ROOM, keyed=True),
        msgspec.structs.replace(ROOM, keyed=True, member=True, gate=b"g" * 32),
    ],
)
def test_what_can_be_true_of_a_room(info):
    check_info(info, b"a" * 16)


def test_what_can_be_true_of_two():
    check_info(pair(person()), b"a" * 16)


@pytest.mark.parametrize("nick", ["", "a b", "[Server]", "a\x1b"])
def test_nobody_has_a_name_that_is_none(nick):
    with pytest.raises(PeerError):
        check_person(person(nick))


def test_the_next_wish_to_be_woken_is_the_earliest(world, alice, bob):
    conversations = alice.agent.context.conversations
    assert conversations.wake_at is None
    now = world.timers.time
    alice.say("@bob hi")
    world.run()
    alice.conversation(Kind.DM, "bob").owing.healing_at = now + 30
    alice.room().owing.healing_at = now + 20
    conversations.stir_all()
    alice.tick()
    assert conversations.wake_at == now + 20


def groups(world, count, *members):
    """So many groups that the store has made of these people."""
    accounts = tuple(world.store.account_named(nick).id for nick in members)
    for number in range(count):
        group = number.to_bytes(16, "big")
        made = values.Conversation(group, Kind.GROUP, f"g{number}", accounts[0], bytes(16))
        world.store.commit([Create(made, accounts)])


def test_somebody_who_was_put_into_thousands_of_groups_still_gets_in(
    world, alice, bob, monkeypatch
):
    monkeypatch.setattr(limits, "LISTED", 100)
    bob.drop()
    groups(world, 2_000, "alice", "bob")
    polled, poll = [], Follower.poll

    def note(follower):
        polled.append(follower)
        poll(follower)

    monkeypatch.setattr(Follower, "poll", note)
    world.enter("bob")
    assert bob.agent.phase is Phase.READY
    assert sum(1 for _ in bob.agent.context.conversations) == 2_001
    assert len(bob.requests(ListConversations)) == 20
    assert len(polled) < 20 * 2_000
    polled.clear()
    alice.say("hello")
    world.run()
    assert bob.news()[-1].message == "hello"
    assert len(set(polled)) < 20


def test_what_one_says_concerns_no_place_but_where_it_goes(world, alice, bob, monkeypatch):
    groups(world, 200, "alice", "bob")
    bob.drop()
    world.enter("bob")
    world.advance(10)
    polled, poll = [], Follower.poll

    def note(follower):
        polled.append(follower)
        poll(follower)

    monkeypatch.setattr(Follower, "poll", note)
    bob.say("hello")
    world.run()
    assert "hello" in alice.texts()
    assert {each.conversation.id for each in polled} == {bob.room().id}
    polled.clear()
    bob.say("@trust alice")
    assert len(set(polled)) == 201


def test_the_passing_of_time_concerns_those_alone_that_wait_for_it(world, alice, bob, monkeypatch):
    groups(world, 200, "alice", "bob")
    bob.drop()
    world.enter("bob")
    world.advance(10)
    polled, poll = [], Follower.poll

    def note(follower):
        polled.append(follower)
        poll(follower)

    monkeypatch.setattr(Follower, "poll", note)
    bob.tick()
    polled.clear()
    bob.room().owing.healing_at = world.timers.time + LOOK / 4
    bob.agent.context.conversations.stir(bob.room().id)
    for _ in range(3):
        world.timers.time += LOOK / 4
        bob.tick()
    assert {each.conversation.id for each in polled} == {bob.room().id}
    world.timers.time += LOOK
    bob.tick()
    assert len(set(polled)) == 201


def test_a_list_without_an_end_ends_the_connection(world, alice, bob, monkeypatch):
    bob.drop()
    groups(world, 300, "alice", "bob")
    bob.tamper = lambda message, payload: [
        (
            replace(message, more=True) if isinstance(message, ConversationList) else message,
            payload,
        )
    ]
    world.enter("bob")
    assert bob.agent.phase is not Phase.READY
    assert len(bob.requests(ListConversations)) < 10
