"""People at several servers on one Redis."""

from collections.abc import Callable
from typing import Any


def test_people_meet_and_move_when_their_server_is_killed(
    nodes: Callable[..., Any], start_client: Callable[..., Any]
) -> None:
    one, other = nodes(), nodes()
    alice = start_client(f"{one.link},{other.link}", "alice")
    bob = start_client(other.link, "bob")
    alice.expect("joined", nick="bob")
    alice.say("hello from one")
    bob.expect("message", message="hello from one")
    bob.say("hello from the other")
    alice.expect("message", message="hello from the other")
    one.kill()
    bob.say("are you there?")
    alice.expect("message", message="are you there?")
    alice.say("moved")
    bob.expect("message", message="moved")


def test_first_address_may_be_of_nobody(
    nodes: Callable[..., Any], start_client: Callable[..., Any]
) -> None:
    gone, there = nodes(), nodes()
    gone.kill()
    alice = start_client(f"{gone.link},{there.link}", "alice")
    alice.settle()
