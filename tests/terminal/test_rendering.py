import re

import pytest

from geventim.chat.values import Status
from geventim.client import events
from geventim.client.events import Delivery, Departure, GroupAction, Speaker
from geventim.client.sealing.content import ContentKind
from geventim.terminal.rendering import (
    CALM,
    CONTINUED,
    DAY,
    DIAGNOSTIC,
    RESTLESS,
    Renderer,
    Tone,
    remark,
)

NOW = 1_700_000_000.0


def message(kind=ContentKind.ROOM, text="hi", conversation="lobby", nick="alice", date=NOW):
    return events.Message(conversation, kind, nick, text, date, 1)


def shown(event, renderer=None):
    line = (renderer or Renderer("lobby")).render(event)
    return line and line.prefix + line.text


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (message(), "[lobby] alice: hi"),
        (message(conversation="den"), "[den] alice: hi"),
        (message(ContentKind.PRIVATE, conversation="alice"), "[Private from alice]: hi"),
        (message(ContentKind.GROUP, conversation="g"), "[Group g - alice]: hi"),
        (message(ContentKind.SECRET, conversation="alice"), "[Secret from alice]: hi"),
        (events.Secret(3, "alice", NOW), "Secret message #3 from alice: @open 3"),
        (events.Notice("Your status."), "[Server]: Your status."),
        (events.Notice("@quit: leaves", speaker=Speaker.CLIENT), "* @quit: leaves"),
        (events.Announcement("Back at noon."), "[Server]: Back at noon."),
        (events.Joined("bob"), "[Server]: bob has joined."),
        (events.Left("bob", Departure.QUIT), "[Server]: bob has left."),
        (events.Left("bob", Departure.LOST), "[Server]: bob has lost the connection."),
        (events.Error("usage", "Usage: @quit"), "[Error]: Usage: @quit"),
        (
            events.Connected("alice", "127.0.0.1:5555", "lobby"),
            "* connected to 127.0.0.1:5555 as alice, in lobby",
        ),
        (events.Connected("alice", "here", ""), "* connected to here as alice"),
        (
            events.Reconnecting(0.44),
            "* not connected; trying to return. What you type is sent then.",
        ),
        (events.Delayed(("hello",)), "* not delivered yet: hello"),
        (events.Delayed(("one", "two", "three")), "* not delivered yet: one (and 2 more)"),
        (events.Delayed(("x" * 61,)), f"* not delivered yet: {'x' * 60}…"),
        (events.StatusChanged("bob", Status.DND), None),
        (events.Names(("alice",)), None),
        (events.Entered("den"), None),
        (events.Group(GroupAction.LEFT, "g", "bob"), None),
        (events.Sent("00", 1, "lobby", ContentKind.ROOM, "hi"), None),
        (events.Sent("00", 1, "bob", ContentKind.PRIVATE, "hi"), "[Private to bob]: hi"),
        (events.Sent("00", 1, "bob", ContentKind.SECRET, ""), None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_event_has_its_line_or_none(event, text):
    assert shown(event) == text


@pytest.mark.parametrize(
    "event",
    [
        message(nick="a\nb\x1b"),
        message(ContentKind.GROUP, conversation="a\nb\x1b"),
        message(ContentKind.ROOM, conversation="a\nb\x1b"),
        events.Secret(1, "a\nb\x1b", NOW),
        events.Joined("a\nb\x1b"),
        events.Notice("a\nb\x1b"),
        events.Notice("a\nb\x1b", speaker=Speaker.CLIENT),
        events.Announcement("a\nb\x1b"),
        events.Error("code", "a\nb\x1b"),
        events.Connected("a\nb", "c\nd", "e\nf"),
        events.Delayed(("a\nb\x1b",)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_nothing_gets_through_to_the_terminal(event):
    text = shown(event)
    assert text.isprintable()
    assert "\n" not in text


def test_further_lines_of_a_message_cannot_pass_for_others():
    text = shown(message(text="a\n\n[Server]: b\x1b[2J\u202e\n\tc\r\nd"))
    first, *others = text.split("\n")
    assert first.endswith(": a")
    assert all(line.startswith(CONTINUED) for line in others)
    assert [line.removeprefix(CONTINUED) for line in others][0::2][:1] == [""]
    assert others[1].startswith(f"{CONTINUED}[Server]: b")
    assert others[2] == f"{CONTINUED}    c\u240d"
    assert all(line.isprintable() for line in (first, *others))


def test_one_s_own_words_to_a_person_keep_their_lines():
    sent = events.Sent("id", 1, "bob", ContentKind.PRIVATE, "a\nb")
    assert shown(sent) == f"[Private to bob]: a\n{CONTINUED}b"


def test_the_room_is_what_the_server_calls_it():
    renderer = Renderer("Lobby")
    renderer.render(events.Connected("alice", "here", "lobby"))
    assert shown(message(), renderer) == "[lobby] alice: hi"


def test_a_lost_connection_is_told_once():
    renderer = Renderer("lobby")
    lost = [shown(events.Reconnecting(delay), renderer) for delay in (0.5, 1.0, 2.0)]
    assert [bool(text) for text in lost] == [True, False, False]
    assert lost[0].startswith("* not connected;")
    renderer.render(events.Connected("alice", "here", "lobby"))
    again = [shown(events.Reconnecting(delay), renderer) for delay in (0.5, 1.0)]
    assert [bool(text) for text in again] == [True, False]
    assert again[0].startswith("* connection lost;")


def newcomer(nick="bob", room="lobby", by="bob", removed=(), verified=()):
    return events.Members(room, (nick,), removed, by, verified)


def test_who_connects_for_the_first_time_is_one_line():
    renderer = Renderer("lobby")
    assert shown(events.Joined("bob", ("carol",)), renderer) == (
        "[Server]: bob and 1 other have joined."
    )
    assert shown(newcomer("carol", by="carol"), renderer) is None
    assert shown(newcomer(), renderer) is None
    assert shown(newcomer(), renderer) == "* bob (not verified) joined 'lobby'."


@pytest.mark.parametrize(
    "event",
    [
        newcomer("dora", by="dora"),
        newcomer(room="den"),
        newcomer(by="alice"),
        newcomer(removed=("dora",)),
        newcomer(verified=("bob",)),
    ],
)
def test_what_else_there_is_to_say_of_somebody_who_comes_is_said(event):
    renderer = Renderer("lobby")
    renderer.render(events.Joined("bob"))
    assert shown(event, renderer) is not None


@pytest.mark.parametrize("between", [message(), events.Left("bob", Departure.QUIT)])
def test_who_was_connected_before_and_comes_now_has_a_line(between):
    renderer = Renderer("lobby")
    renderer.render(events.Joined("bob"))
    renderer.render(between)
    assert shown(newcomer(), renderer) == "* bob (not verified) joined 'lobby'."


def test_a_hint_is_given_once():
    renderer = Renderer("lobby", hint="; @help helps")
    connected = events.Connected("alice", "here", "lobby")
    assert shown(connected, renderer) == "* connected to here as alice, in lobby; @help helps"
    assert shown(connected, renderer) == "* connected to here as alice, in lobby"


def test_a_terminal_says_when_and_of_another_day_which():
    renderer = Renderer("lobby", lambda: NOW)
    line = renderer.render(message(date=NOW - 60))
    assert re.fullmatch(r"\d\d:\d\d ", line.when)
    assert line.prefix + line.text == "[lobby] alice: hi"
    old = renderer.render(message(date=NOW - DAY))
    assert re.fullmatch(r"2023-11-1\d \d\d:\d\d ", old.when)
    assert re.fullmatch(r"\d\d:\d\d ", renderer.render(events.Notice("text")).when)
    assert Renderer("lobby").render(message()).when == ""


def test_ones_own_messages_are_there_on_a_terminal():
    renderer = Renderer("lobby", lambda: NOW)
    renderer.render(events.Connected("carol", "here", "lobby"))
    sent = events.Sent("00", 1, "den", ContentKind.ROOM, "hi")
    assert shown(sent, renderer) == "[den] carol: hi"
    sent = events.Sent("00", 1, "g", ContentKind.GROUP, "hi")
    assert shown(sent, renderer) == "[Group g - carol]: hi"


@pytest.mark.parametrize(
    ("event", "calls"),
    [
        (message(), False),
        (message(text="@carol, look"), True),
        (message(text="look, @Carol"), True),
        (message(text="mail me at x@carol.example"), False),
        (message(text="@carolina"), False),
        (message(nick="carol", text="@carol"), False),
        (message(ContentKind.PRIVATE, conversation="alice"), True),
        (events.Secret(1, "alice", NOW), True),
        (events.Notice("text"), False),
    ],
)
def test_what_is_for_the_user_above_others_calls(event, calls):
    renderer = Renderer("lobby", lambda: NOW)
    renderer.render(events.Connected("carol", "here", "lobby"))
    assert renderer.render(event).calls is calls


def test_who_came_into_a_room_has_connected():
    renderer = Renderer("lobby")
    assert shown(newcomer(), renderer) == "* bob (not verified) joined 'lobby'."
    assert shown(events.Joined("bob"), renderer) is None
    assert shown(events.Joined("bob"), renderer) == "[Server]: bob has joined."


def test_who_comes_and_goes_all_the_time_is_told_for_a_while():
    now = [NOW]
    renderer = Renderer("lobby", lambda: now[0])
    told = []
    for _ in range(10):
        told += [
            shown(events.Joined("bot"), renderer),
            shown(events.Left("bot", Departure.LOST), renderer),
        ]
        now[0] += 10
    assert sum(text is not None for text in told) == 2 * RESTLESS
    assert shown(events.Joined("bob"), renderer) is not None
    now[0] += CALM
    assert shown(events.Joined("bot"), renderer) == "[Server]: bot has joined."


def test_the_last_date_of_all_can_be_shown():
    latest = 253_402_300_799.0
    renderer = Renderer("lobby", lambda: latest)
    assert renderer.render(message(date=latest)).when


def test_diagnostics_are_about_the_client():
    renderer = Renderer("lobby")
    assert renderer.render(events.Error("code", "text")).tone in DIAGNOSTIC
    assert remark("text").tone in DIAGNOSTIC
    assert renderer.render(events.Notice("text")).tone not in DIAGNOSTIC


def test_no_repr_shows_the_text():
    assert "hi" not in repr(Renderer("lobby").render(message()))


def test_a_link_for_a_browser_is_a_line():
    line = Renderer("lobby").render(events.Web("http://127.0.0.1:1/#abc"))
    assert line.text.endswith(" http://127.0.0.1:1/#abc")
    assert line.tone is Tone.SESSION


def own(delivery, text="hi", kind=ContentKind.ROOM, place="lobby", message_id="01"):
    """A message of the user, and how far it has come."""
    fields = {"message_id": message_id, "delivery": delivery}
    return events.Message(place, kind, "alice", text, 0.0, 0, **fields)


class TestOwnMessages:
    """They are seen with what has become of them, where that is not plain."""

    def texts(self, renderer, *told):
        lines = (renderer.render(event) for event in told)
        return [line.prefix + line.text for line in lines if line is not None]

    @pytest.mark.parametrize("clock", [None, lambda: 0.0])
    def test_what_is_sent_at_once_is_told_once(self, clock):
        renderer = Renderer("lobby", clock)
        renderer.render(events.Connected("alice", "host", "lobby"))
        told = self.texts(
            renderer,
            own(Delivery.QUEUED),
            own(Delivery.SENT),
            events.Sent("01", 1, "lobby", "room", "hi"),
        )
        assert told == (["[lobby] alice: hi"] if clock else [])

    def test_what_waits_for_a_connection_is_queued_and_then_sent(self):
        renderer = Renderer("lobby")
        assert self.texts(renderer, own(Delivery.QUEUED)) == ["[lobby] alice (queued): hi"]
        renderer.render(events.Connected("alice", "host", "lobby"))
        assert self.texts(renderer, own(Delivery.SENT)) == ["[lobby] alice (sent): hi"]
        assert self.texts(renderer, own(Delivery.SENT)) == []
        renderer.render(events.Reconnecting(1.0))
        told = self.texts(renderer, own(Delivery.QUEUED, kind=ContentKind.GROUP, place="team"))
        assert told == ["[Group team - alice] (queued): hi"]

    def test_on_a_terminal_its_line_says_that_it_is_sent(self):
        renderer = Renderer("lobby", lambda: 0.0)
        assert self.texts(renderer, own(Delivery.QUEUED)) == ["[lobby] alice (queued): hi"]
        renderer.render(events.Connected("alice", "host", "lobby"))
        sent = events.Sent("01", 1, "lobby", ContentKind.ROOM, "hi")
        assert self.texts(renderer, sent, own(Delivery.SENT)) == ["[lobby] alice: hi"]

    def test_what_is_private_says_so(self):
        renderer = Renderer("lobby")
        private = {"kind": ContentKind.PRIVATE, "place": "bob"}
        sent = events.Sent("01", 1, "bob", ContentKind.PRIVATE, "hi")
        told = (own(Delivery.QUEUED, **private), sent, own(Delivery.SENT, **private))
        assert self.texts(renderer, *told) == [
            "[Private to bob] (queued): hi",
            "[Private to bob]: hi",
        ]

    def test_what_is_refused_is_seen_with_its_text(self):
        renderer = Renderer("lobby")
        renderer.render(events.Connected("alice", "host", "lobby"))
        told = self.texts(renderer, own(Delivery.QUEUED), own(Delivery.REFUSED, text="a\nb"))
        assert told == [f"[lobby] alice (not sent): a\n{CONTINUED}b"]
