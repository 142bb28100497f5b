import pytest

from geventim.chat import limits, replies, requests
from geventim.chat.replies import Recipient
from geventim.chat.values import Status
from geventim.client import secret
from geventim.client.content import Content, ContentKind, decode, encode
from geventim.client.events import Error, Message, Notice, Secret, Sent, Speaker
from tests.client.scripted import BOB, LOBBY, NOW, ready

ANY = frozenset(ContentKind)


@pytest.fixture
def scripted():
    return ready(BOB)


def test_a_line_goes_to_the_room_with_the_time_it_was_typed(scripted):
    scripted.now = NOW + 60
    scripted.type("  hi  there ")
    scripted.now = NOW + 90
    ((request, payload),) = scripted.asked()
    assert request.conversation == LOBBY.id
    assert decode(payload, "alice", ANY) == Content(
        "alice", "  hi  there ", NOW + 60, ContentKind.ROOM
    )
    assert scripted.events() == []
    scripted.answer(replies.Appended, seq=1, time=0.0)
    message_id = request.message_id.hex()
    assert scripted.events() == [Sent(message_id, 1, "lobby", ContentKind.ROOM, "  hi  there ")]


def test_a_message_that_is_too_long_is_not_sent_and_the_next_one_is(scripted):
    scripted.type("x" * limits.PAYLOAD_SIZE, "short")
    (event,) = scripted.events()
    assert (type(event), event.code) == (Error, "too_large")
    ((_, payload),) = scripted.asked()
    assert decode(payload, "alice", ANY).message == "short"


def test_a_refused_message_is_told(scripted):
    scripted.type("hi")
    scripted.asked()
    scripted.refuse("storage_failed", "The server could not store this.")
    assert scripted.events() == [Notice("The server could not store this.", "storage_failed")]
    assert scripted.agent.undelivered == 0


def test_a_private_message(scripted):
    scripted.type("@Bob  how are you")
    assert scripted.expect(requests.OpenDm).nick == "Bob"
    scripted.answer(replies.Opened, conversation=BOB)
    ((request, payload),) = scripted.asked()
    assert request.conversation == BOB.id
    content = decode(payload, "alice", ANY)
    assert (content.message, content.kind) == ("how are you", ContentKind.PRIVATE)
    scripted.answer(replies.Appended, seq=1, time=0.0, recipient=Recipient("bob"))
    (sent,) = scripted.events()
    assert (sent.conversation, sent.kind, sent.message) == ("bob", "private", "how are you")


@pytest.mark.parametrize(
    ("recipient", "text"),
    [
        (Recipient("bob", Status.AWAY), "bob is 'Away' and may not respond."),
        (
            Recipient("bob", Status.NORMAL, connected=False),
            "bob is not connected and will get it on return.",
        ),
        (
            Recipient("bob", Status.AWAY, connected=False),
            "bob is not connected and will get it on return.",
        ),
    ],
)
@pytest.mark.parametrize("line", ["@bob hi", "@secret bob key hi"])
def test_what_keeps_the_recipient_from_answering_is_told(scripted, line, recipient, text):
    scripted.type(line)
    scripted.answer(replies.Opened, conversation=BOB)
    scripted.work()
    scripted.answer(replies.Appended, seq=1, time=0.0, recipient=recipient)
    sent, notice = scripted.events()
    assert isinstance(sent, Sent)
    assert notice.text == text


@pytest.mark.parametrize("line", ["@bob hi", "@secret bob key hi"])
def test_who_wants_no_messages_gets_none(scripted, line):
    scripted.type(line)
    scripted.answer(replies.Opened, conversation=BOB)
    scripted.work()
    text = "bob is in 'Do Not Disturb' mode and will not receive messages."
    scripted.refuse("do_not_disturb", text)
    assert scripted.events() == [Notice(text, "do_not_disturb")]


def test_nobody_writes_to_oneself(scripted):
    scripted.type("@alice hi")
    scripted.asked()
    scripted.refuse("oneself", "You cannot write to yourself.")
    assert scripted.events() == [Notice("You cannot write to yourself.", "oneself")]


@pytest.mark.parametrize("nick", ["alice", "Alice", "\uff41lice"])
def test_nobody_has_secrets_from_oneself(scripted, nick):
    scripted.type(f"@secret {nick} key hi")
    assert scripted.asked() == []
    assert scripted.agent.take_work() == []
    (event,) = scripted.events()
    assert (type(event), event.code) == (Error, "to_oneself")


def test_a_secret_to_nobody(scripted):
    scripted.type("@secret zoe key text")
    scripted.asked()
    scripted.refuse("user_not_found", "User 'zoe' not found.")
    assert scripted.events() == [Notice("User 'zoe' not found.", "user_not_found")]
    assert scripted.agent.take_work() == []


def test_neither_key_nor_text_of_a_secret_is_sent(scripted):
    scripted.type("@secret bob k3y-to-it some hidden text")
    scripted.answer(replies.Opened, conversation=BOB)
    scripted.work()
    ((request, payload),) = scripted.asked()
    assert request.conversation == BOB.id
    assert b"k3y-to-it" not in payload
    assert b"hidden" not in payload
    content = decode(payload, "alice", ANY)
    key = secret.stretch("k3y-to-it", secret.salt_of(content.sealed))
    parties = secret.between("alice", "bob", content.date)
    assert secret.unseal(key, content.sealed, parties) == "some hidden text"
    scripted.answer(replies.Appended, seq=1, time=0.0)
    (sent,) = scripted.events()
    assert (sent.kind, sent.message) == ("secret", "")


def receive_secret(scripted, seq=1, key="sesame", text="meet at ten"):
    salt = b"s" * secret.SALT_SIZE
    parties = secret.between("bob", "alice", NOW)
    sealed = secret.seal(secret.stretch(key, salt), salt, b"i" * 16, text, parties)
    payload = encode(Content("bob", "", NOW, ContentKind.SECRET, sealed))
    scripted.entry(seq, conversation=BOB, payload=payload)


OPENED = Message("bob", ContentKind.SECRET, "bob", "meet at ten", NOW, 1)


def test_a_secret_opens_with_its_key_only_and_as_often_as_one_likes(scripted):
    receive_secret(scripted)
    assert scripted.events() == [Secret(1, "bob", NOW)]
    scripted.type("@open 1 wrong")
    scripted.work()
    (event,) = scripted.events()
    assert (type(event), event.code) == (Error, "wrong_key")
    for line in ("@open 1 sesame", "/open #1  sesame"):
        scripted.type(line)
        scripted.work()
        assert scripted.events() == [OPENED]
    assert scripted.asked() == []


def test_a_secret_can_be_opened_after_a_restart(scripted):
    receive_secret(scripted)
    kept = {name: value for name, value in scripted.agent.take_changes().items() if value}
    again = ready(BOB, kept=kept)
    again.type("@open 1 sesame")
    again.work()
    assert again.events() == [OPENED]


def test_the_next_line_is_the_key_when_it_was_asked_for(scripted):
    receive_secret(scripted)
    scripted.events()
    scripted.type("@open 1")
    assert scripted.agent.asks_for_key
    (question,) = scripted.events()
    assert "#1" in question.text
    assert question.speaker is Speaker.CLIENT
    scripted.type("  sesame ")
    assert not scripted.agent.asks_for_key
    scripted.work()
    assert scripted.events() == [OPENED]
    assert scripted.asked() == []


def test_a_key_that_looks_like_a_command_is_a_key(scripted):
    receive_secret(scripted, key="@quit")
    scripted.type("@open 1", "@quit")
    scripted.work()
    assert OPENED in scripted.events()
    assert scripted.agent.ended is None


def test_an_empty_line_keeps_it_closed_and_the_next_line_is_a_message(scripted):
    receive_secret(scripted)
    scripted.type("@open 1")
    scripted.events()
    scripted.type("", "hello")
    assert not scripted.agent.asks_for_key
    assert scripted.events() == [Notice("Secret #1 stays closed.", speaker=Speaker.CLIENT)]
    ((_, payload),) = scripted.asked()
    assert decode(payload, "alice", ANY).message == "hello"


def test_a_secret_that_arrives_asks_for_nothing(scripted):
    receive_secret(scripted)
    assert not scripted.agent.asks_for_key
    scripted.type("a message")
    ((_, payload),) = scripted.asked()
    assert decode(payload, "alice", ANY).message == "a message"


@pytest.mark.parametrize("line", ["@open 2", "@open 0", "@open 2 key"])
def test_a_secret_that_does_not_exist_asks_for_nothing(scripted, line):
    receive_secret(scripted)
    scripted.events()
    scripted.type(line)
    assert not scripted.agent.asks_for_key
    (event,) = scripted.events()
    assert (type(event), event.code) == (Error, "no_secret")


def test_stretching_goes_on_when_the_connection_is_lost(scripted):
    receive_secret(scripted)
    scripted.events()
    scripted.type("@open 1 sesame")
    (work,) = scripted.agent.take_work()
    scripted.agent.disconnected()
    scripted.connect(BOB)
    assert scripted.agent.take_work() == []
    scripted.agent.stretched(work, secret.stretch("sesame", b"s" * secret.SALT_SIZE))
    assert scripted.events()[-1] == OPENED
