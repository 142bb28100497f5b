"""A client without its server: it starts, shows what it has, and keeps what is said."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def alice(server: Any, start_client: Callable[..., Any]) -> Any:
    """Somebody who has been there, with bob, when the server went away."""
    person = start_client(server.link, "alice")
    bob = start_client(server.link, "bob")
    bob.say("the cat sat", "the dog ran")
    person.expect("message", message="the dog ran")
    assert person.leave() == 0
    assert bob.leave() == 0
    server.kill()
    return person


def away(server: Any, start_client: Callable[..., Any]) -> Any:
    """The client of alice, while there is no server."""
    return start_client(server.link, "alice", "--listen", connected=False)


def test_what_is_said_without_the_server_arrives_once_and_in_order(
    server: Any, alice: Any, start_client: Callable[..., Any]
) -> None:
    alone = away(server, start_client)
    alone.expect("reconnecting")
    alone.say("@history", "@search cat")
    for text in ("the cat sat", "the dog ran", "the cat sat"):
        alone.expect("message", message=text, history=True)
    (listed,) = alone.wish(wish="conversations")["done"]["conversations"]
    assert (listed["name"], listed["unread"]) == ("lobby", 2)
    alone.say("one", "two", "three")
    queued = alone.await_own("one", "two", "three")
    alone.say("@quit")
    assert alone.wait() == 3
    assert b"3 messages wait here" in alone.errors

    server.restart()
    bob = start_client(server.link, "bob")
    again = start_client(server.link, "alice")
    for said in queued:
        again.sees("sent", message=said["message"], message_id=said["message_id"])
        bob.expect("message", message=said["message"], message_id=said["message_id"])
    again.settle()
    assert again.leave() == 0
    once_more = start_client(server.link, "alice")
    once_more.settle()
    bob.settle()
    assert bob.texts() == ["one", "two", "three"]
    assert [event for event in once_more.events if event["event"] == "sent"] == []


def test_what_is_written_to_somebody_new_outlives_the_program(
    server: Any, alice: Any, start_client: Callable[..., Any]
) -> None:
    alone = away(server, start_client)
    alone.expect("reconnecting")
    alone.say("to all", "@bob one", "@names", "@bob two")
    alone.await_own("to all", "one", "two")
    alone.wish(wish="settings")
    alone.kill()
    server.restart()
    bob = start_client(server.link, "bob")
    again = start_client(server.link, "alice")
    for text in ("one", "two"):
        bob.expect("message", message=text, kind="private")
    again.settle()
    once_more = start_client(server.link, "alice")
    once_more.settle()
    bob.settle()
    assert sorted(bob.texts()) == ["one", "to all", "two"]


def test_what_was_queued_outlives_a_kill(
    server: Any, alice: Any, start_client: Callable[..., Any]
) -> None:
    alone = away(server, start_client)
    alone.say("one", "two")
    first = alone.await_own("one", "two")
    # What was said is shown first and kept then: the next answer comes when it is.
    alone.wish(wish="settings")
    alone.kill()
    alone = away(server, start_client)
    alone.say("three")
    last = alone.await_own("three")
    alone.wish(wish="settings")
    alone.kill()

    server.restart()
    bob = start_client(server.link, "bob")
    start_client(server.link, "alice").settle()
    for said in [*first, *last]:
        bob.expect("message", message=said["message"], message_id=said["message_id"])
    assert bob.texts() == ["one", "two", "three"]


def test_what_is_said_to_be_kept_outlives_a_kill(
    server: Any, alice: Any, start_client: Callable[..., Any]
) -> None:
    """That of the moment after; also what many keys have changed, one after the other."""

    def alone_in(**expected: Any) -> Any:
        alone = away(server, start_client)
        (place,) = alone.wish(wish="conversations")["done"]["conversations"]
        assert expected.items() <= place.items()
        return alone

    alone = alone_in(draft="", unread=2, muted=False)
    words = "what I have to say"
    for end in range(1, len(words) + 1):
        alone.wish(wish="draft", conversation="#lobby", text=words[:end])
    alone.kill()
    alone = alone_in(draft=words, unread=2)
    alone.wish(wish="mark_read", conversation="#lobby")
    alone.kill()
    alone = alone_in(draft=words, unread=0)
    alone.wish(wish="mute", conversation="#lobby")
    alone.kill()
    alone = alone_in(draft=words, muted=True)
    alone.wish(wish="change_setting", name="receipts", value=False)
    alone.kill()
    assert not alone_in(draft=words).wish(wish="settings")["done"]["receipts"]


def test_what_is_cancelled_is_never_sent(
    server: Any, alice: Any, start_client: Callable[..., Any]
) -> None:
    alone = away(server, start_client)
    alone.say("one", "two")
    queued = alone.await_own("one", "two")
    assert alone.wish(wish="cancel", message_id=queued[0]["message_id"])["done"] == {}
    alone.say("@quit")
    assert alone.wait() == 3

    server.restart()
    bob = start_client(server.link, "bob")
    start_client(server.link, "alice").settle()
    bob.expect("message", message="two")
    assert bob.texts() == ["two"]


def test_a_script_does_not_wait_for_the_server(
    server: Any, alice: Any, start_client: Callable[..., Any]
) -> None:
    script = start_client(server.link, "alice", connected=False)
    script.say("not to be kept")
    assert script.leave() == 3
    server.restart()
    bob = start_client(server.link, "bob")
    start_client(server.link, "alice").settle()
    assert bob.texts() == []


def test_at_a_terminal_one_starts_without_the_server(
    server: Any, alice: Any, open_terminal: Callable[..., Any]
) -> None:
    terminal = open_terminal(server.link, "--nick", "alice")
    terminal.expect("bob: the dog ran")
    terminal.expect("not connected; trying to return")
    terminal.sendline("hello")
    terminal.sendline("@quit")
    terminal.expect("1 message waits here, to be sent when you connect again")
    terminal.wait()
    assert terminal.exitstatus == 3
