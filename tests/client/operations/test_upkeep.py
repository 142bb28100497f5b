import pytest

from geventim.chat import requests
from geventim.chat.replies import Error, LowOnKeyPackages
from geventim.chat.values import account_id
from geventim.client import wishes
from geventim.client.history.pages import PAGE_LINES
from geventim.client.history.shelf import GONE
from geventim.client.people.credentials import Somebody
from tests.client.world import World
from tests.client.written import last, search


@pytest.fixture
def world():
    return World(5)


@pytest.fixture
def bob(world):
    """Somebody who is away, and in no conversation with alice."""
    (bob,) = world.enter("bob", room="attic")
    bob.drop()
    return bob


@pytest.fixture
def alice(world, bob):
    (alice,) = world.enter("alice")
    return alice


def claim(alice, bob):
    """Have alice hear from bob alone that he is bob."""
    identity = bob.profile.keys.identity.public
    somebody = Somebody(account_id(identity), bob.nick)
    alice.agent.context.user.directory.claim(somebody, identity)
    return somebody


def uploads(alice):
    return [len(upload.sizes) for upload in alice.requests(requests.UploadKeyPackages)]


def test_key_packages_are_left_when_the_server_says_that_it_has_few(world, alice):
    before = len(uploads(alice))
    alice.tell(LowOnKeyPackages(left=0))
    world.run()
    assert uploads(alice)[before:] == [world.measures.stock]
    assert not alice.agent.context.user.packages.wanted


def test_what_the_server_refuses_is_offered_again_on_the_next_connection_only(world, alice):
    before = len(uploads(alice))
    alice.tell(LowOnKeyPackages(left=0))
    while len(uploads(alice)) == before:
        assert alice.work()
    alice.line.up.clear()
    alice.news()
    number = alice.requests(requests.UploadKeyPackages)[-1].id
    alice.tell(Error(id=number, code="bad_key_package", text="No."))
    alice.tell(LowOnKeyPackages(left=0))
    world.run()
    assert len(uploads(alice)) == before + 1
    assert alice.news() == []
    alice.drop()
    alice.connect()
    world.run()
    alice.tell(LowOnKeyPackages(left=0))
    world.run()
    assert len(uploads(alice)) == before + 2


def test_nobody_is_asked_about_before_one_is_in(world, alice, bob):
    alice.drop()
    somebody = claim(alice, bob)
    alice.tick()
    alice.connect()
    assert not alice.requests(requests.LookUp)
    world.run()
    assert [request.nick for request in alice.requests(requests.LookUp)] == ["bob"]
    assert alice.agent.context.user.directory.agrees(somebody)


def test_what_a_lost_connection_left_unanswered_is_asked_on_the_next_one(world, alice, bob):
    somebody = claim(alice, bob)
    alice.tick()
    assert len(alice.requests(requests.LookUp)) == 1
    alice.drop()
    assert alice.agent.context.user.directory.agrees(somebody) is None
    alice.connect()
    world.run()
    assert len(alice.requests(requests.LookUp)) == 2
    assert alice.agent.context.user.directory.agrees(somebody)


def test_what_was_forgotten_is_deleted_connected_or_not(world, alice):
    room, history = alice.room(), alice.agent.context.user.history
    for number in range(PAGE_LINES + 1):
        alice.say(f"number {number}")
    world.advance()
    alice.drop()
    (told,) = search(history, "27", 1)
    history.forget(room.id, [told.utterance.order])
    alice.tick()
    assert any(name.startswith(GONE) for name in alice.kept)
    while alice.work():
        pass
    assert not any(name.startswith(GONE) for name in alice.kept)
    assert not any(b"number 27" in value for value in alice.kept.values())
    assert len(last(history, 999)) == PAGE_LINES


@pytest.mark.parametrize("is_archived", [False, True])
@pytest.mark.parametrize("is_deleted", [False, True])
def test_what_has_gone_is_not_in_a_draft_either(world, is_archived, is_deleted):
    """Somebody has quoted it, and not sent that yet."""
    alice, bob = world.enter("alice", "bob")
    count = 0

    def wish(person, kind, **fields):
        nonlocal count
        count += 1
        person.wish(kind(id=count, **fields))
        world.advance(0.5)
        return person.answers()[count]

    if not is_deleted:
        wish(alice, wishes.SetTimer, conversation="#lobby", seconds=600)
    said = wish(alice, wishes.Say, to="#lobby", text="planted\nand more")
    if not is_deleted:
        wish(alice, wishes.SetTimer, conversation="#lobby", seconds=0)
    if is_archived:
        for number in range(PAGE_LINES):
            wish(alice, wishes.Say, to="#lobby", text=f"filler {number}")
    wish(bob, wishes.MarkRead, conversation="#lobby")
    draft = "> planted\n> and more\nI do not think so"
    wish(bob, wishes.Draft, conversation="#lobby", text=draft)
    assert any(b"planted" in value for value in bob.kept.values())
    if is_deleted:
        wish(alice, wishes.DeleteMessage, message_id=said.message_id)
    world.advance(700)
    (listed,) = wish(bob, wishes.Conversations).conversations
    assert listed.draft == "I do not think so"
    for person in (alice, bob):
        assert not any(b"planted" in value for value in person.kept.values())
