"""What members can do whose clients are not ours, on an honest server."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from geventim.chat.replies import Ok, Turn
from geventim.chat.requests import Commit, GiveUpTurn, Help, Void
from geventim.chat.values import Purpose
from geventim.client.conversation.conversation import Conversation
from geventim.client.following.foundation import found_charter
from geventim.client.following.submission import (
    Change,
    give_up_turn,
    make_pending,
    request_of,
    submit,
    take_turn,
)
from geventim.client.kept.stages import Move
from geventim.client.people import roster
from geventim.client.sealing.declaration import Declaration
from geventim.client.sealing.engine import Engine
from geventim.client.steps.effects import Operation, ask
from geventim.client.steps.procedure import Procedure
from geventim.errors import MisuseError
from geventim.mls.ground.cipher_suite import HPKECiphertext
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.groups.group import Group
from geventim.mls.messages.proposals import Remove
from geventim.mls.tree import treekem
from geventim.mls.tree.nodes import Leaf, Subtree
from geventim.mls.tree.treekem import FreshPath
from geventim.mls.tree.update_path import UpdatePath, UpdatePathNode
from tests.client.person import Frames, Person
from tests.client.world import World

replace = msgspec.structs.replace


@contextmanager
def noise(insiders: Collection[Person], victims: Collection[Person]) -> Iterator[None]:
    """Commits of ``insiders`` have noise instead of path secrets for ``victims``.

    All that everybody can see of them is right. Who shares a node with a victim is hit too.
    """
    original = FreshPath.encrypt
    keys = {insider.profile.keys.identity.public for insider in insiders}
    hit = {victim.profile.keys.identity.public for victim in victims}

    def encrypt(self: Any, context: bytes, newcomers: Any, random: Any) -> UpdatePath:
        path = original(self, context, newcomers, random)
        if self.leaf_node.signature_key not in keys:
            return path
        nodes = []
        for (_, copath), node in zip(self.steps, path.nodes, strict=True):
            recipients = treekem._recipients(copath, newcomers)
            sealed = tuple(
                HPKECiphertext(each.kem_output, bytes(len(each.ciphertext)))
                if hit & signature_keys(recipient)
                else each
                for recipient, each in zip(recipients, node.encrypted_path_secret, strict=True)
            )
            nodes.append(UpdatePathNode(node.encryption_key, sealed))
        return UpdatePath(path.leaf_node, tuple(nodes))

    treekem.FreshPath.encrypt = encrypt
    try:
        yield
    finally:
        treekem.FreshPath.encrypt = original


def signature_keys(node: Subtree) -> set[bytes]:
    """The keys of the members below a node of a tree."""
    if isinstance(node, Leaf):
        return set() if node.node is None else {node.node.signature_key}
    return signature_keys(node.left) | signature_keys(node.right)


def commit(world: World, person: Person, text: str = "with fresh keys") -> None:
    """Have a person change their keys, and write something after that."""
    person.room().record.renewed = 0
    person.say(text)
    world.run()


def make_noise(world: World, insider: Person, *victims: Person) -> None:
    """Have ``insider`` make a commit that ``victims`` cannot open, and write after it."""
    with noise([insider], victims):
        commit(world, insider, "something for some")


def refuse_help(*insiders: Person) -> None:
    """From now on ``insiders`` help nobody."""

    def forge(request: Any, payload: bytes) -> Frames:
        return [] if isinstance(request, Help) else [(request, payload)]

    for insider in insiders:
        insider.forge = forge


def silence(*people: Person) -> None:
    """From now on they say of no entry that it is void, and give no state."""

    def forge(request: Any, payload: bytes) -> Frames:
        return [] if isinstance(request, Void) else [(request, payload)]

    for person in people:
        person.forge = forge


def change_commits(
    insider: Person, change: Callable[[bytes, bytes], tuple[bytes, bytes]], times: int = 1
) -> None:
    """Let the next commits of ``insider`` leave with another message and another GroupInfo."""
    left = [times]

    def forge(request: Any, payload: bytes) -> Frames:
        if not isinstance(request, Commit) or not left[0]:
            return [(request, payload)]
        left[0] -= 1
        message, rest = payload[: request.message], payload[request.message :]
        welcome, group_info = rest[: request.welcome], rest[request.welcome :]
        message, group_info = change(message, group_info)
        replaced = type(request)(
            **{name: getattr(request, name) for name in request.__struct_fields__}
            | {"message": len(message)}
        )
        return [(replaced, message + welcome + group_info)]

    insider.forge = forge


def other_history(engine: Engine, person: Person) -> bytes:
    """A GroupInfo of another group of the same name, founded by ``person``."""
    room = person.room()
    return engine.found(room.id, found_charter(room), person.world.timers.time).group_info()


def part(insider: Person) -> Group:
    """A group that goes on elsewhere from here: whoever is in ours has their leaf in it, too."""
    user = insider.agent.context.user
    copy = Group(insider.room().group.state.fork(), user.random, user.engine.policy)
    declared = Declaration(copy.vantage.public.interim_transcript_hash).encode()
    request = CommitRequest((), now=int(user.clock()), authenticated_data=declared)
    copy.merge(copy.commit(request, public=True))
    return copy


@contextmanager
def made_up_state(world: World, person: Person, insider: Person) -> Iterator[None]:
    """The next state that ``person`` is given is one that ``insider`` has made up.

    No other member says so.
    """
    given = [other_history(insider.agent.context.user.engine, insider)]
    account = insider.agent.context.user.account

    def tamper(message: Any, payload: bytes) -> Frames:
        if isinstance(message, Turn) and given:
            return [(replace(message, at=message.head, giver=account), given.pop())]
        return [(message, payload)]

    others = [each for each in world.people.values() if each is not person]
    person.tamper = tamper
    silence(*others)
    try:
        yield
        assert person.room().record.entered
        assert not given
    finally:
        person.tamper = None
        for other in others:
            other.forge = None


def fool(world: World, nick: str, insider: Person) -> Person:
    """Bring somebody into the lobby by a state that ``insider`` has made up."""
    person = world.person(nick)
    with made_up_state(world, person, insider):
        person.connect()
        world.run()
    return person


def remove(world: World, founder: Person, group: Conversation, person: Person) -> None:
    """Have the founder of a group take somebody out of it."""
    account = person.agent.context.user.account
    assert roster.find(group.seat_of().tree, account) is not None
    take_out(founder, group, account)
    world.advance()


def take_out(founder: Person, group: Conversation, account: bytes) -> None:
    """Have the founder begin to take the leaf of ``account`` out."""

    def operation() -> Operation:
        turn, _ = yield from take_turn(group, Purpose.REMOVE)
        index = roster.find(group.seat_of().tree, account)
        if index is None:
            # Somebody else was first.
            yield from give_up_turn(group)
            return
        history = group.group.vantage.public.interim_transcript_hash
        change = Change.of(group.group, request_of(group, [Remove(index)], history=history))
        pending = make_pending(group, turn.head, change, removed=(account,))
        yield from submit(group, pending, change, Move.COMMIT)

    def unless_shut_out() -> Operation:
        try:
            yield from operation()
        except MisuseError:
            yield from ask(Ok, GiveUpTurn(id=0, conversation=group.id))

    Procedure(founder.agent.context.user.ways, unless_shut_out(), lambda error: None).begin()
    founder.tick()
