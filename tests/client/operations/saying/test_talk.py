import pytest

from geventim.chat import requests
from geventim.chat.replies import Opened, Person
from geventim.chat.values import Status
from geventim.client.events import Connected, Error, Message, Notice, Secret, Sent
from geventim.client.sealing.content import TEXT_SIZE, ContentKind
from tests.client.surroundings import START


def run(world, person, *lines):
    person.news()
    person.say(*lines)
    world.run()
    return person.news()


def test_a_line_goes_to_the_room_with_the_time_it_was_typed(world, alice, bob):
    typed = world.timers.time
    alice.drop()
    alice.say("  hi  there ")
    world.advance(60)
    alice.connect()
    world.run()
    (message,) = bob.seen(Message)
    assert message.date == typed
    assert (message.nick, message.message, message.kind) == ("alice", "  hi  there ", "room")
    (sent,) = alice.seen(Sent)
    assert (sent.seq, sent.conversation, sent.message) == (message.seq, "lobby", "  hi  there ")


def test_a_message_that_is_too_long_is_not_sent_and_the_next_one_is(world, alice, bob):
    shown = run(world, alice, "x" * (TEXT_SIZE + 1), "short")
    assert [event.code for event in shown if isinstance(event, Error)] == ["too_large"]
    assert bob.texts() == ["short"]


def test_the_largest_message_fits(world, alice, bob):
    text = "x" * TEXT_SIZE
    run(world, alice, text)
    assert bob.texts() == [text]


def test_a_private_message(world, alice, bob):
    (sent,) = run(world, alice, "@Bob  how are you")
    assert (sent.conversation, sent.kind, sent.message) == ("bob", "private", "how are you")
    (message,) = bob.seen(Message)
    assert (message.conversation, message.kind) == ("alice", ContentKind.PRIVATE)
    assert message.message == "how are you"


def test_what_keeps_the_recipient_from_answering_is_told(world, alice, bob):
    run(world, bob, "@status away")
    alice.news()
    assert run(world, alice, "@bob hi")[1:] == [
        Notice("bob is 'Away' and may not respond.", "away")
    ]
    bob.drop()
    world.advance(11)
    for line in ("@bob hi", "@secret bob key hi"):
        sent, notice = run(world, alice, line)
        assert isinstance(sent, Sent)
        assert notice.text == "bob is not connected and will get it on return."


@pytest.mark.parametrize("line", ["@bob hi", "@secret bob key hi"])
def test_who_wants_no_messages_gets_none(world, alice, bob, line):
    run(world, bob, "@status dnd")
    text = "bob is in 'Do Not Disturb' mode and will not receive messages."
    assert run(world, alice, line) == [Notice(text, "do_not_disturb")]
    run(world, bob, f"@status {Status.NORMAL}")
    run(world, alice, "@bob now?")
    assert bob.texts() == ["now?"]
    assert bob.seen(Secret) == []


def test_nobody_writes_to_oneself(world, alice):
    assert run(world, alice, "@alice hi") == [Notice("You cannot write to yourself.", "oneself")]


@pytest.mark.parametrize("nick", ["alice", "Alice", "\uff41lice"])
def test_nobody_has_secrets_from_oneself(world, alice, nick):
    (event,) = run(world, alice, f"@secret {nick} key hi")
    assert (type(event), event.code) == (Error, "to_oneself")


def test_a_secret_to_nobody(world, alice):
    assert run(world, alice, "@secret zoe key text") == [
        Notice("User 'zoe' not found.", "user_not_found")
    ]


def test_neither_texts_nor_keys_are_in_any_request(world, alice, bob):
    run(
        world,
        alice,
        "in the open room",
        "@bob in private",
        "@secret bob k3y-to-it some hidden text",
    )
    assert len(bob.texts()) == 2
    sent = repr(alice.asked).encode() + b"".join(payload for _, payload in alice.asked)
    for text in (b"in the open", b"in private", b"k3y-to-it", b"hidden", b'"nick"'):
        assert text not in sent


def send_secret(world, alice, key="sesame"):
    run(world, alice, f"@secret bob {key} meet at ten")


def opened(events):
    return [
        (event.nick, event.kind, event.message) for event in events if isinstance(event, Message)
    ]


def test_a_secret_opens_with_its_key_only_and_as_often_as_one_likes(world, alice, bob):
    send_secret(world, alice)
    (sent,) = alice.seen(Sent)
    ids = sent.conversation_id, sent.message_id
    assert bob.news() == [Secret(1, "alice", START + 2.0, False, *ids)]
    (event,) = run(world, bob, "@open 1 wrong")
    assert (type(event), event.code) == (Error, "wrong_key")
    for line in ("@open 1 sesame", "/open #1  sesame"):
        shown = run(world, bob, line)
        assert opened(shown) == [("alice", "secret", "meet at ten")]
        assert (shown[0].conversation_id, shown[0].message_id) == ids


def test_a_secret_can_be_opened_after_a_restart(world, alice, bob):
    send_secret(world, alice)
    bob.start()
    world.run()
    assert opened(run(world, bob, "@open 1 sesame")) == [("alice", "secret", "meet at ten")]


def test_the_next_line_is_the_key_when_it_was_asked_for(world, alice, bob):
    send_secret(world, alice)
    bob.news()
    bob.say("@open 1")
    assert bob.lines.hides_input
    (question,) = bob.news()
    assert "#1" in question.text
    bob.say("  sesame ")
    world.run()
    assert not bob.lines.hides_input
    assert opened(bob.news()) == [("alice", "secret", "meet at ten")]
    assert alice.texts() == []


def test_a_key_that_looks_like_a_command_is_a_key(world, alice, bob):
    send_secret(world, alice, key="@quit")
    assert opened(run(world, bob, "@open 1", "@quit")) == [("alice", "secret", "meet at ten")]
    assert bob.agent.ended is None


def test_an_empty_line_keeps_it_closed_and_the_next_line_is_a_message(world, alice, bob):
    send_secret(world, alice)
    run(world, bob, "@open 1", "", "hello")
    assert not bob.lines.hides_input
    assert alice.texts() == ["hello"]


def test_a_secret_that_arrives_asks_for_nothing(world, alice, bob):
    send_secret(world, alice)
    assert not bob.lines.hides_input
    run(world, bob, "a message")
    assert alice.texts() == ["a message"]


@pytest.mark.parametrize("line", ["@open 2", "@open 0", "@open 2 key"])
def test_a_secret_that_does_not_exist_asks_for_nothing(world, alice, bob, line):
    send_secret(world, alice)
    (event,) = run(world, bob, line)
    assert not bob.lines.hides_input
    assert (type(event), event.code) == (Error, "no_secret")


def test_stretching_goes_on_when_the_connection_is_lost(world, alice, bob):
    send_secret(world, alice)
    bob.news()
    bob.say("@open 1 sesame")
    bob.drop()
    bob.work()
    assert opened(bob.news()) == [("alice", "secret", "meet at ten")]


def test_a_person_who_is_somebody_else_is_not_written_to(world, alice, bob):
    """The server gives out mallory's key as bob's."""
    mallory = world.person("mallory")
    public = mallory.profile.keys.identity.public

    def lie(message, payload):
        if isinstance(message, Opened) and message.conversation.peer is not None:
            peer = Person("bob", bob.agent.context.user.account, public)
            info = message.conversation
            message = Opened(
                id=message.id,
                conversation=type(info)(
                    info.id, info.kind, "bob", info.incarnation, member=True, peer=peer
                ),
            )
        yield message, payload

    alice.tamper = lie
    (event,) = run(world, alice, "@bob for your eyes only")
    assert (type(event), event.code) == (Error, "bad_server")
    alice.tamper = None
    assert bob.texts() == []
    assert alice.requests(requests.Append) == []
    assert Connected not in map(type, alice.news())
