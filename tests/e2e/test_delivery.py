"""Nothing is lost, nothing comes twice: across restarts, breaks and bad luck."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_lines_typed_while_disconnected_wait(alice: Any, bob: Any, server: Any) -> None:
    server.kill()
    alice.expect("reconnecting")
    bob.expect("reconnecting")
    alice.say("typed in the dark", "@bob and this one too")
    server.restart()
    bob.expect("message", kind="room", message="typed in the dark")
    bob.expect("message", kind="private", message="and this one too")
    alice.sees("sent", message="typed in the dark")
    alice.sees("sent", message="and this one too")


def test_a_client_comes_back_after_a_clean_stop(alice: Any, bob: Any, server: Any) -> None:
    assert server.stop() == 0
    waits = [alice.expect("reconnecting")["in"], bob.expect("reconnecting")["in"]]
    assert all(wait <= 0.5 for wait in waits)
    server.restart()
    alice.expect("connected", nick="alice")
    bob.expect("connected", nick="bob")
    alice.say("and we are back")
    bob.expect("message", message="and we are back")


def test_a_restart_is_no_reason_to_announce_anyone_as_gone(
    alice: Any, bob: Any, server: Any
) -> None:
    server.kill()
    server.restart()
    alice.expect("connected")
    bob.expect("connected")
    alice.settle()
    assert not [event for event in alice.events if event["event"] == "left"]


LINES = 200
"""Lines of each person before the server is killed once more."""


@pytest.mark.timeout(600)
def test_kill_9_under_load_loses_and_repeats_nothing(
    server: Any, start_client: Callable[..., Any], rounds: Callable[[int], int]
) -> None:
    """The server dies at random moments while three people talk."""
    people = {nick: start_client(server.link, nick) for nick in ("alice", "bob", "carol")}
    dice = random.Random()
    said: dict[str, list[str]] = {nick: [] for nick in people}
    for turn in range(rounds(20)):
        for nick, person in people.items():
            lines = [f"{nick} {turn}.{number}" for number in range(LINES)]
            said[nick] += lines
            person.say(*lines)
        # Whoever is watched has just learned that a line of theirs, or of somebody else, arrived.
        watcher, speaker = dice.choice(list(people)), dice.choice(list(people))
        event = "sent" if watcher == speaker else "message"
        people[watcher].expect(event, message=f"{speaker} {turn}.{dice.randrange(LINES)}")
        server.kill()
        server.restart()
        for person in people.values():
            person.expect("connected")
    for nick, person in people.items():
        person.say(f"{nick} ends")
        said[nick].append(f"{nick} ends")
    for nick, person in people.items():
        person.sees("sent", message=f"{nick} ends")
        for other in people:
            if other != nick:
                person.sees("message", message=f"{other} ends")
    places = []
    for nick, person in people.items():
        sent = [event for event in person.events if event["event"] == "sent"]
        assert [event["message"] for event in sent] == said[nick]
        heard = [event for event in person.events if event["event"] == "message"]
        for other in people:
            texts = [event["message"] for event in heard if event["nick"] == other]
            assert texts == (said[other] if other != nick else [])
        order = [event["seq"] for event in heard]
        assert order == sorted(set(order))
        places.append({event["message"]: event["seq"] for event in heard + sent})
    # Everybody has the same log, and every line has a place of its own in it.
    assert places == [places[0]] * len(people)
    assert len(set(places[0].values())) == sum(map(len, said.values()))


def test_the_newer_of_two_connections_takes_over(
    alice: Any, server: Any, start_client: Callable[..., Any], environment: dict[str, str]
) -> None:
    """The same identity on another machine: the older client is told and stays away."""
    data = Path(environment["EIM_DATA"])
    elsewhere = data.with_name("elsewhere")
    shutil.copytree(data, elsewhere, ignore=shutil.ignore_patterns("*.sock"))
    newer = start_client(server.link, "alice", "--data", str(elsewhere))
    assert alice.wait() != 0
    assert not [event for event in alice.events if event["event"] == "reconnecting"]
    newer.settle()


def test_output_ends_with_the_input(server: Any, start_client: Callable[..., Any]) -> None:
    alice = start_client(server.link, "alice")
    alice.say(*[f"line {number}" for number in range(50)])
    assert alice.leave() == 0
    sent = [event["message"] for event in alice.events if event["event"] == "sent"]
    assert sent == [f"line {number}" for number in range(50)]
