import msgspec
import pytest

from geventim.chat import requests
from geventim.chat.replies import Added, ConversationInfo, EntryEvent, Person
from geventim.chat.values import EntryKind, Kind, account_id, dm_id
from geventim.client.conversations import check_info, check_person
from geventim.errors import PeerError
from tests.client.world import START

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


def test_one_that_was_left_is_not_found_by_its_name(world, alice):
    alice.say("@join den")
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
        msgspec.structs.replace(ROOM, kind=Kind.GROUP, gate=b"g" * 32),
        msgspec.structs.replace(ROOM, kind=Kind.DM),
        msgspec.structs.replace(pair(person()), id=b"x" * 16),
        pair(person(), name="carol"),
        pair(Person("bob", b"b" * 16, b"k" * 32)),
    ],
)
def test_what_cannot_be_true_of_a_conversation(info):
    with pytest.raises(PeerError):
        check_info(info, b"a" * 16)


@pytest.mark.parametrize("info", [ROOM, msgspec.structs.replace(ROOM, gate=b"g" * 32)])
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
    assert conversations.wake_at == now + 20
