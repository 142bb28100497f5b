"""Groups of a few people, without agents or a server."""

import hashlib
from collections.abc import Callable
from itertools import count

from geventim.chat.values import Kind
from geventim.client.people.profile import Keys, Profile
from geventim.client.sealing.charter import Charter
from geventim.client.sealing.engine import Engine
from geventim.crypto.signature import SigningKey
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.groups.group import Group
from geventim.mls.messages.proposals import Add
from tests.client.person import SERVER_KEY

NOW = 1_700_000_000
PLACE = b"c" * 16
INCARNATION = b"i" * 16


def draw(name: str) -> Callable[[int], bytes]:
    """Bytes that are the same in every run."""
    numbers = count()
    return lambda size: hashlib.shake_256(f"{name} {next(numbers)}".encode()).digest(size)


def engine(nick: str, server_key: bytes = SERVER_KEY) -> Engine:
    """The engine of somebody, whose keys come from the nick."""
    profile = Profile(nick, "lobby", "", server_key, Keys.generate(draw(f"{nick} keys")))
    return Engine.of(profile, draw(nick))


def server_key() -> SigningKey:
    """What the server signs with."""
    return SigningKey(draw("server")(32))


def charter_of(
    kind: Kind, conversation: bytes = PLACE, founder: str = "alice", gate: bytes = b""
) -> Charter:
    """The charter of a conversation that somebody founds."""
    return Charter.found(
        kind,
        conversation,
        server=server_key().public,
        incarnation=INCARNATION,
        key=engine(founder).client.signing_key,
        gate=gate,
        name="" if kind is Kind.DM else "name",
    )


def group_of(conversation: bytes, charter: Charter, *nicks: str) -> list[Group]:
    """The group of a conversation as each of ``nicks`` has it; the first has founded it."""
    founder, *others = [engine(nick) for nick in nicks]
    group = founder.found(conversation, charter, NOW)
    packages = [other.generate_key_packages(1, NOW)[0] for other in others]
    adds = tuple(Add(package.key_package) for package in packages)
    staged = group.commit(CommitRequest(adds, now=NOW))
    group.merge(staged)
    welcome = staged.welcome or b""
    joined = [other.join(welcome, own) for other, own in zip(others, packages, strict=True)]
    return [group, *joined]
