"""What members can cause without end fills nobody's screen."""

from geventim.chat.replies import Appended, Change, Presence, PresenceChange
from geventim.chat.requests import CreateGroup, TakeTurn
from geventim.chat.values import Status
from geventim.client.conversation.roster import announce
from geventim.client.digest import BURST
from geventim.client.events import Error, Joined, Left, Members, StatusChanged
from geventim.client.steps.spacing import FREE, SPACE
from geventim.terminal.rendering import Renderer
from tests.client.mallory import Mallory


def lines(events):
    """What people see of ``events``."""
    renderer = Renderer("lobby")
    return [line.prefix + line.text for line in map(renderer.render, events) if line is not None]


def tell(alice, *changes):
    """Let the server tell of people."""
    alice.tell(Presence(changes=changes, before=alice.agent.context.changes))


def people(count, turn, status=Status.NORMAL):
    return [PresenceChange(f"person{number}", turn, status) for number in range(count)]


def test_many_statuses_are_one_line(world, alice, bob):
    alice.news()
    for _ in range(20):
        for change in people(1_000, Change.STATUS, Status.AWAY):
            tell(alice, change)
        world.advance(1.0)
    world.advance(2.0)
    news = alice.news()
    shown = lines(news)
    assert len(shown) <= BURST + 20
    assert shown[0] == "[Server]: person0 is now 'away'."
    assert shown[BURST] == "[Server]: person5 and 994 others are now 'away'."
    assert shown[-1].endswith("and 999 others are now 'away'.")
    seen = [event for event in news if isinstance(event, StatusChanged)]
    assert {nick for event in seen for nick in (event.nick, *event.others)} == {
        f"person{number}" for number in range(1_000)
    }


def test_one_who_changes_often_is_one_line_and_the_last_word_counts(world, alice, bob):
    alice.news()
    for number in range(999):
        status = (Status.AWAY, Status.DND, Status.NORMAL)[number % 3]
        tell(alice, PresenceChange("mallory", Change.STATUS, status))
    world.advance(2.0)
    news = alice.news()
    assert len(lines(news)) == BURST + 1
    assert [event.status for event in news if isinstance(event, StatusChanged)][-1] == "normal"


def test_many_who_come_and_go_are_one_line(world, alice, bob):
    world.advance(2.0)
    alice.news()
    changes = [
        *people(500, Change.JOINED),
        *people(400, Change.LOST),
        *people(2, Change.QUIT),
    ]
    tell(alice, *changes)
    world.advance(2.0)
    news = alice.news()
    shown = lines(news)
    assert shown[:BURST] == [f"[Server]: person{number} has joined." for number in range(BURST)]
    assert sorted(shown[BURST:]) == [
        "[Server]: person0 and 1 other have left.",
        "[Server]: person400 and 99 others have joined.",
        "[Server]: person5 and 397 others have lost the connection.",
    ]
    assert {type(event) for event in news} == {Joined, Left}


def test_unreadable_messages_are_one_line(world, alice, bob):
    raw = Mallory(world)
    raw.join()
    alice.news()
    for number in range(300):
        raw.append(b"noise %d" % number)
    world.advance(2.0)
    errors = [event for event in alice.news() if isinstance(event, Error)]
    assert len(errors) == BURST + 1
    assert errors[-1] == Error(
        "unreadable",
        "295 messages of mallory in 'lobby' could not be read. They were skipped.",
        295,
    )
    bob.say("and this?")
    world.advance()
    assert alice.texts() == ["and this?"]


def test_unreadable_messages_of_several_name_one_of_them(world, alice, bob):
    authors = [Mallory(world, nick) for nick in ("mallory", "oscar")]
    for each in authors:
        each.join()
    authors[0].head = authors[1].head
    alice.news()
    for _ in range(10):
        for each in authors:
            each.append(b"noise")
    world.advance(2.0)
    (line,) = [event for event in alice.seen(Error) if event.count > 1]
    assert line.text.startswith("15 messages of oscar and others in 'lobby'")


def test_newcomers_and_leavers_are_one_line(world, alice, bob):
    context = alice.agent.context
    alice.news()
    for number in range(200):
        nick = f"person{number}"
        announce(context, Members("lobby", (nick,), (), nick))
        if number % 2:
            announce(context, Members("lobby", (), (nick,), nick))
    world.advance(2.0)
    news = alice.news()
    assert len(news) == BURST + 1
    assert len(news[-1].added) == 100 - 2
    shown = lines(news)[-1]
    assert shown.startswith("* person4 (not verified), person6 (not verified), ")
    assert "and 90 others joined 'lobby'; person3, " in shown
    assert shown.endswith("others left 'lobby'.")


def test_what_was_gathered_is_told_before_the_end(world, alice, bob):
    raw = Mallory(world)
    raw.join()
    for _ in range(20):
        raw.append(b"noise")
    alice.say("@quit")
    world.run()
    assert alice.is_dead
    assert sum(event.count for event in alice.seen(Error)) == 20


def test_what_a_program_is_told_adds_up(world, alice, bob):
    raw = Mallory(world)
    raw.join()
    for _ in range(3):
        for _ in range(50):
            raw.append(b"noise")
        world.advance(0.5)
    world.advance(3.0)
    assert sum(event.count for event in alice.seen(Error)) == 150


def put_into_groups(victim, mallory, count):
    """Have ``mallory`` make the victim a member of so many groups, by Welcomes of noise."""
    for number in range(count):
        made = CreateGroup(id=1, message_id=mallory.random(16), name=f"crowd-{number}", members=())
        opened, _ = mallory.ask(made)
        mallory.id = opened.conversation.id
        mallory.turn()
        reply = mallory.commit(b"noise", b"noise", welcome=b"noise", added=(victim,))
        assert isinstance(reply, Appended), reply
        mallory.line.down.clear()


def test_being_added_to_many_groups_by_a_stranger_costs_few_requests(world, alice, bob):
    mallory = Mallory(world)
    before = len(alice.requests(TakeTurn))
    start = world.timers.time
    put_into_groups(alice.agent.context.user.account, mallory, 40)
    world.advance(20)
    asked = len(alice.requests(TakeTurn)) - before
    assert FREE < asked <= FREE + 1 + (world.timers.time - start) / SPACE
    alice.say("as before")
    world.advance(1)
    assert "as before" in bob.texts()
