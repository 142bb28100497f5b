"""What is said about messages, and what goes with time: by real processes."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from geventim.store.vault.vault import Vault
from tests.e2e.conftest import CLIENT, Person

BLOCK = "def f(x):\n\treturn x\n\n\n    # @nobody\n/quit\n"

FAST = """
import runpy, sys, time
now = time.time
start = now()
time.time = lambda: start + (now() - start) * 100
sys.argv[0] = {client!r}
sys.path.insert(0, {root!r})
runpy.run_path({client!r}, run_name="__main__")
"""
"""A client for which time passes a hundred times as fast."""

PLANTED = "a word that is planted"


def said(user: Person, **fields: Any) -> str:
    """Have something done that others hear; which message it is about."""
    done = user.wish(**fields)["done"]
    return str(done["message_id"])


def held(data: Path, text: str) -> bool:
    """Whether a text is in anything that is kept below ``data``."""
    found = False
    for place in data.rglob("vault.db"):
        vault = Vault.open(place.parent, os.urandom)
        try:
            found = found or any(text.encode() in value for value in dict(vault.items("")).values())
        finally:
            vault.close()
    return found


def test_a_block_is_one_message_with_all_its_lines(alice: Person, bob: Person) -> None:
    said(alice, wish="say", to="lobby", text=BLOCK, format="plain")
    heard = bob.expect("message", message=BLOCK)
    assert heard["plain"] is True


def test_what_is_said_about_a_message_is_seen_by_all_and_by_who_missed_it(
    alice: Person, bob: Person, server: Any, start_client: Callable[..., Person]
) -> None:
    first = said(alice, wish="say", to="lobby", text="helo")
    bob.expect("message", message="helo")
    said(bob, wish="say", to="lobby", text="hi", reply_to=first)
    quote = alice.expect("message", message="hi")["reply"]
    assert (quote["message_id"], quote["nick"], quote["excerpt"]) == (first, "alice", "helo")
    assert bob.leave() == 0
    said(alice, wish="edit", message_id=first, text="hello")
    said(alice, wish="react", message_id=first, reaction="tada")
    second = said(alice, wish="say", to="lobby", text="oh no")
    said(alice, wish="delete_message", message_id=second)
    again = start_client(server.link, "bob")
    again.sees("edited", message="hello", message_id=first)
    again.sees("reacted", reaction="🎉", message_id=first)
    again.sees("message", message_id=second)
    shown = again.wish(wish="timeline", conversation="lobby")["done"]["messages"]
    now = {each["message_id"]: each for each in shown}
    assert (now[first]["message"], now[first]["edited"]) == ("hello", True)
    assert now[first]["reactions"] == [{"emoji": "🎉", "nicks": ["alice"]}]
    assert (now[second]["message"], now[second]["deleted"]) == ("", "alice")


def test_nothing_is_left_of_what_was_deleted(
    tmp_path: Path,
    alice: Person,
    bob: Person,
    server: Any,
    start_client: Callable[..., Person],
) -> None:
    message = said(alice, wish="say", to="lobby", text=PLANTED)
    bob.expect("message", message=PLANTED)
    for user in (alice, bob):
        assert user.wish(wish="search", words=["planted"])["done"]["messages"]
        assert user.leave() == 0
    assert held(tmp_path / "data", PLANTED)
    alice, bob = (start_client(server.link, nick) for nick in ("alice", "bob"))
    said(alice, wish="delete_message", message_id=message)
    bob.expect("deleted", message_id=message, nick="alice")
    for user in (alice, bob):
        assert not user.wish(wish="search", words=["planted"])["done"]["messages"]
        assert user.leave() == 0
    assert not held(tmp_path / "data", PLANTED)


def test_nothing_is_left_of_what_has_had_its_time(
    tmp_path: Path, server: Any, start_client: Callable[..., Person]
) -> None:
    program = tmp_path / "fast"
    program.write_text(FAST.format(client=str(CLIENT), root=str(CLIENT.parent.parent)))
    alice, bob = (start_client(server.link, nick, program=program) for nick in ("alice", "bob"))
    said(alice, wish="set_timer", conversation="lobby", seconds=600)
    said(alice, wish="say", to="lobby", text=PLANTED)
    bob.expect("message", message=PLANTED, expires=600)
    assert bob.wish(wish="search", words=["planted"])["done"]["messages"]
    bob.wish(wish="mark_read", conversation="lobby")
    # Six seconds are ten minutes for them.
    for user in (alice, bob):
        while not any(each.get("event") == "deleted" for each in user.events):
            user.wish(wish="settings")
        user.sees("deleted", nick="")
        assert not user.wish(wish="search", words=["planted"])["done"]["messages"]
        assert user.leave() == 0
    assert not held(tmp_path / "data", PLANTED)
