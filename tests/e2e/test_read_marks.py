"""Who has read what, whom one hears of, and what calls one: by real processes."""

from collections.abc import Callable
from typing import Any

from tests.e2e.conftest import Person


def change(user: Person, name: str, value: object) -> Any:
    return user.wish(wish="change_setting", name=name, value=value)["done"]


def test_who_wrote_learns_who_has_read_it(alice: Person, bob: Person) -> None:
    said = alice.wish(wish="say", to="@bob", text="hello")["done"]
    bob.expect("message", message="hello")
    assert bob.wish(wish="mark_read", conversation="@alice")["done"] == {}
    read = alice.expect("read", nick="bob", conversation="bob", seq=said["seq"])
    assert read["message_id"] == said["message_id"]
    members = alice.wish(wish="members", conversation="@bob")["done"]["members"]
    assert {each["nick"]: each["read"] for each in members}["bob"] == said["seq"]


def test_who_does_not_want_that_tells_nobody(
    alice: Person, bob: Person, carol: Person, server: Any, start_client: Callable[..., Person]
) -> None:
    assert change(bob, "receipts", False)["receipts"] is False
    assert bob.leave() == 0
    bob = start_client(server.link, "bob")
    assert bob.wish(wish="settings")["done"]["receipts"] is False
    alice.wish(wish="create_group", name="team", members=["bob", "carol"])
    for user in (bob, carol):
        user.expect("group", group="team")
    said = alice.wish(wish="say", to="#team", text="hello")["done"]
    for user in (bob, carol):
        user.expect("message", message="hello")
        user.wish(wish="mark_read", conversation="#team")
    alice.expect("read", nick="carol", seq=said["seq"])
    bob.wish(wish="say", to="#team", text="done")
    alice.expect("message", message="done")
    assert [each["nick"] for each in alice.events if each.get("event") == "read"] == ["carol"]


def test_g7_who_writes_is_told_why_one_is_away_and_the_server_is_not(
    alice: Person, bob: Person, server: Any
) -> None:
    bob.say("@status away back at five")
    text = "Your status has been changed to 'away'. Who writes to you is told: back at five"
    bob.expect("notice", text=text)
    alice.say("@bob are you there?")
    away = alice.expect("away", nick="bob", conversation="bob")
    assert away["text"] == "back at five"
    members = alice.wish(wish="members", conversation="@bob")["done"]["members"]
    assert {each["nick"]: each["away"] for each in members} == {"alice": "", "bob": "back at five"}
    alice.say("@bob hello?")
    alice.expect("notice", text="bob is 'Away' and may not respond. They say: back at five")
    bob.say("@status normal")
    alice.expect("status", nick="bob", status="normal")
    members = alice.wish(wish="members", conversation="@bob")["done"]["members"]
    assert {each["nick"]: each["away"] for each in members} == {"alice": "", "bob": ""}
    told = [each["text"] for each in alice.events if each.get("event") == "away"]
    assert [text for text in told if text] == ["back at five"]
    files = [each for each in server.data.rglob("*") if each.is_file()]
    assert not [each for each in files if b"back at five" in each.read_bytes()]


def test_nothing_is_heard_of_who_is_ignored_even_after_a_restart(
    alice: Person, bob: Person, carol: Person, server: Any, start_client: Callable[..., Person]
) -> None:
    assert bob.wish(wish="ignore", nick="alice")["done"] == {"nicks": ["alice"]}
    assert bob.leave() == 0
    bob = start_client(server.link, "bob")
    assert bob.wish(wish="ignored")["done"] == {"nicks": ["alice"]}
    alice.say("from alice", "@bob from alice to bob")
    alice.expect("sent", message="from alice to bob")
    carol.expect("message", message="from alice")
    carol.say("from carol")
    bob.expect("message", message="from carol")
    heard = [each["message"] for each in bob.events if each.get("event") == "message"]
    assert heard == ["from carol"]
    bob.say("@unignore alice")
    bob.expect("notice", text="You hear of alice again.")
    alice.say("again")
    bob.expect("message", message="again")


def test_words_of_ones_own_call_one(alice: Person, bob: Person) -> None:
    assert change(bob, "highlights", ["lunch"])["highlights"] == ["lunch"]
    alice.say("is there lunch?", "no", "hey @bob")
    marks = {text: bob.expect("message", message=text)["mention"] for text in TEXTS}
    assert marks == {"is there lunch?": True, "no": False, "hey @bob": True}
    (lobby,) = bob.wish(wish="conversations")["done"]["conversations"]
    assert (lobby["unread"], lobby["mentions"]) == (3, 2)


TEXTS = ("is there lunch?", "no", "hey @bob")


def test_a_conversation_is_muted_for_good(
    bob: Person, server: Any, start_client: Callable[..., Person]
) -> None:
    bob.wish(wish="mute", conversation="lobby")
    assert bob.leave() == 0
    again = start_client(server.link, "bob")
    (lobby,) = again.wish(wish="conversations")["done"]["conversations"]
    assert lobby["muted"] is True


def test_what_was_deleted_is_not_unread_any_more(alice: Person, bob: Person) -> None:
    said = alice.wish(wish="say", to="lobby", text="@bob oh")["done"]
    bob.expect("conversation", unread=1, mentions=1)
    alice.wish(wish="delete_message", message_id=said["message_id"])
    bob.expect("conversation", unread=0, mentions=0)
