"""Clients that are killed at any moment lose nothing, and repeat nothing to others."""

import random
import time
from collections.abc import Callable
from typing import Any


def test_kill_9_of_clients_that_talk(
    server: Any, start_client: Callable[..., Any], rounds: Callable[[int], int]
) -> None:
    """alice dies over and over while she and bob talk; bob and carol stay."""
    bob, carol = start_client(server.link, "bob"), start_client(server.link, "carol")
    dice = random.Random(4)
    acknowledged: list[str] = []
    seen: list[str] = []
    for turn in range(rounds(200)):
        alice = start_client(server.link, "alice")
        bob.say(f"bob {turn}")
        alice.say(*[f"alice {turn}.{number}" for number in range(5)])
        if turn % 3:
            alice.expect("sent", message=f"alice {turn}.{dice.randrange(5)}")
        time.sleep(0.1 * dice.random())
        alice.kill()
        alice.close()
        acknowledged += [each["message"] for each in alice.events if each["event"] == "sent"]
        seen += alice.texts()
        assert not [each for each in alice.events if each["event"] == "error"]
    alice = start_client(server.link, "alice")
    alice.say("alice ends")
    bob.say("bob ends")
    alice.sees("message", message="bob ends")
    for other in (bob, carol):
        other.sees("message", message="alice ends")
        heard = [text for text in other.texts() if text.startswith("alice")]
        assert len(heard) == len(set(heard)), "nothing comes twice"
        assert set(acknowledged) <= set(heard), "nothing is lost"
        assert not [each for each in other.events if each["event"] == "error"]
    seen += alice.texts()
    assert {f"bob {turn}" for turn in range(rounds(200))} <= set(seen)
    order = [each["seq"] for each in carol.events if each["event"] == "message"]
    assert order == sorted(set(order))
    codes = []
    for person in (alice, bob, carol):
        person.say("@verify room")
        codes.append(person.expect("room-code")["code"])
    assert len(set(codes)) == 1, "all agree on the group"
