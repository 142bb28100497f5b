import msgspec
import pytest

from geventim.chat.values import Kind, Status
from geventim.client import answers, events, stream
from geventim.client.people.trust import News, Standing
from geventim.client.said.aside import Count
from geventim.client.sealing.content import ContentKind

# The contract with scripts: every field that is promised, and its value in JSON.
PROMISED = [
    (
        events.Connected("alice", "127.0.0.1:5555", "lobby"),
        {"event": "connected", "nick": "alice", "server": "127.0.0.1:5555"},
    ),
    (events.Entered("den"), {"event": "entered", "room": "den"}),
    (
        events.Message("lobby", ContentKind.ROOM, "bob", "hi", 1.5, 7),
        {
            "event": "message",
            "conversation": "lobby",
            "kind": "room",
            "nick": "bob",
            "message": "hi",
            "date": 1.5,
            "seq": 7,
        },
    ),
    (events.Secret(3, "bob", 1.5), {"event": "secret", "id": 3, "nick": "bob"}),
    (events.Joined("bob"), {"event": "joined", "nick": "bob"}),
    (
        events.Left("bob", events.Departure.LOST),
        {"event": "left", "nick": "bob", "reason": "lost"},
    ),
    (
        events.StatusChanged("bob", Status.AWAY),
        {"event": "status", "nick": "bob", "status": "away"},
    ),
    (events.Names(("alice", "bob")), {"event": "names", "names": ("alice", "bob")}),
    (
        events.Group(events.GroupAction.ADDED, "g", "bob"),
        {"event": "group", "action": "added", "group": "g", "nick": "bob"},
    ),
    (
        events.Members("lobby", ("bob",), (), "bob"),
        {
            "event": "members",
            "conversation": "lobby",
            "added": ("bob",),
            "removed": (),
            "by": "bob",
        },
    ),
    (
        events.KeyChanged("bob", "key", News.OTHER_KEY, "bob"),
        {"event": "key-changed", "nick": "bob", "identity": "key", "known": "bob"},
    ),
    (
        events.SafetyNumber("bob", "0" * 60, Standing.VERIFIED),
        {"event": "safety-number", "nick": "bob", "number": "0" * 60, "standing": "verified"},
    ),
    (
        events.Found((answers.Written("lobby", "room", "bob", "hi", 1, 7, 0, "1d", "2d", 9, 0),)),
        {
            "event": "found",
            "messages": (
                {
                    "conversation": "lobby",
                    "conversation_id": "1d",
                    "kind": "room",
                    "nick": "bob",
                    "message": "hi",
                    "date": 1,
                    "seq": 7,
                    "verified": 0,
                    "message_id": "2d",
                    "order": 9,
                    "own": 0,
                },
            ),
        },
    ),
    (
        events.ConversationChanged(
            "lobby", "1d", Kind.ROOM, False, "active", 3, 1, 7, 2, Standing.VERIFIED, True, "hel"
        ),
        {
            "event": "conversation",
            "conversation": "lobby",
            "conversation_id": "1d",
            "unread": 3,
            "mentions": 1,
            "read": 7,
            "trust": "verified",
            "muted": True,
            "draft": "hel",
            "gone": False,
        },
    ),
    (
        events.RoomCode("lobby", 3, 2, "1" * 30),
        {"event": "room-code", "conversation": "lobby", "epoch": 3, "members": 2},
    ),
    (
        events.Trusted("bob", "key", Standing.VERIFIED),
        {"event": "trusted", "nick": "bob", "identity": "key", "standing": "verified"},
    ),
    (
        events.Acquaintance("bob", "id", "key", None, Standing.VERIFIED, ("lobby",)),
        {"event": "whois", "nick": "bob", "account": "id", "conversations": ("lobby",)},
    ),
    (
        events.Sent("ab" * 16, 7, "lobby", ContentKind.ROOM, "hi"),
        {
            "event": "sent",
            "message_id": "ab" * 16,
            "seq": 7,
            "conversation": "lobby",
            "message": "hi",
        },
    ),
    (
        events.Edited("lobby", ContentKind.ROOM, "bob", "hello", 9, "cd" * 16, "ab" * 16, 3),
        {
            "event": "edited",
            "conversation": "lobby",
            "conversation_id": "cd" * 16,
            "message_id": "ab" * 16,
            "nick": "bob",
            "message": "hello",
            "order": 3,
            "seq": 9,
        },
    ),
    (
        events.Deleted("lobby", "bob", "cd" * 16, "ab" * 16, 3),
        {"event": "deleted", "nick": "bob", "message_id": "ab" * 16, "order": 3},
    ),
    (
        events.Reacted("lobby", "bob", "👍", (Count("👍", ("bob",)),), "cd" * 16, "ab" * 16, 3),
        {
            "event": "reacted",
            "nick": "bob",
            "reaction": "👍",
            "reactions": ({"emoji": "👍", "nicks": ("bob",)},),
            "message_id": "ab" * 16,
        },
    ),
    (
        events.Read("bob", "bob", "ef" * 16, 9, "cd" * 16, "ab" * 16, 3),
        {
            "event": "read",
            "conversation": "bob",
            "nick": "bob",
            "account": "ef" * 16,
            "seq": 9,
            "message_id": "ab" * 16,
            "order": 3,
        },
    ),
    (
        events.TimerSet("lobby", "bob", 60, 1.5, 9, "cd" * 16),
        {"event": "timer", "conversation": "lobby", "nick": "bob", "seconds": 60},
    ),
    (
        events.Away("bob", "lunch", "cd" * 16, "bob", "cd" * 16),
        {"event": "away", "nick": "bob", "text": "lunch", "conversation": "bob"},
    ),
    (events.Notice("It is late."), {"event": "notice", "text": "It is late."}),
    (
        events.Notice("@quit: leaves", speaker=events.Speaker.CLIENT),
        {"event": "notice", "text": "@quit: leaves", "speaker": "client"},
    ),
    (events.Announcement("Hear!"), {"event": "announcement", "text": "Hear!"}),
    (events.Error("usage", "No."), {"event": "error", "code": "usage", "text": "No."}),
    (events.Error("unreadable", "No.", 3), {"event": "error", "code": "unreadable", "count": 3}),
    (events.Joined("bob", ("carol",)), {"event": "joined", "nick": "bob", "others": ("carol",)}),
    (
        events.Delayed(("hello", "@secret bob …")),
        {"event": "delayed", "messages": ("hello", "@secret bob …")},
    ),
    (events.Reconnecting(0.5), {"event": "reconnecting", "in": 0.5}),
    (
        events.Transfer(
            answers.Moving(1, "sending", "failed", "a", 9, 3, 2, None, "lobby", "ab", ""),
            failure=answers.Refusal("no_blob", "Gone.", retry=False),
        ),
        {
            "event": "transfer",
            "transfer": {
                "number": 1,
                "direction": "sending",
                "state": "failed",
                "name": "a",
                "size": 9,
                "done": 3,
                "rate": 2,
                "left": None,
                "conversation": "lobby",
                "conversation_id": "ab",
                "message_id": "",
            },
            "path": "",
            "failure": {"code": "no_blob", "text": "Gone.", "retry": False},
        },
    ),
    (events.Web("http://x/#y"), {"event": "web", "url": "http://x/#y"}),
    (stream.Behind(), {"event": "behind"}),
    (stream.Attached("1.2", 1), {"event": "attached", "program": "1.2", "protocol": 1}),
    (stream.Closing((1, "x")), {"event": "closing", "unanswered": (1, "x")}),
]


@pytest.mark.parametrize(("event", "promised"), PROMISED, ids=lambda value: "")
def test_every_promised_field_is_there(event, promised):
    told = events.to_object(event)
    assert {name: told.get(name) for name in promised} == promised


def test_what_one_writes_says_so():
    message = events.Message("lobby", ContentKind.ROOM, "bob", "hi", 1.5, 7)
    assert not message.is_own
    assert "delivery" not in events.to_object(message)
    queued = msgspec.structs.replace(message, delivery=events.Delivery.QUEUED)
    assert queued.is_own
    assert events.to_object(queued)["delivery"] == "queued"


def test_every_event_is_promised():
    assert {type(event) for event, _ in PROMISED} == set(stream.AnyEvent.__args__)


@pytest.mark.parametrize(("event", "_"), PROMISED, ids=lambda value: "")
def test_no_repr_shows_what_was_written(event, _):
    assert repr(event) == f"<{type(event).__name__}>"
