"""What end-to-end encryption costs a client: processor time, and what it is without.

Usage: bench/e2e.py [options]

A whole client, agent and vault, in one process with the server's service; only the client's work is
counted. A message is "read alone" when it comes by itself, as in a conversation, and "together"
when many come in one record, as after an absence: then the vault is written once for all of them.
It is "written alone" when each is answered before the next is typed. Beside it stands what is left
without the vault; what the MLS engine takes by itself; and the same client's work on content that
was never sealed: decoding, history and vault. Writing includes the renewal of keys every 100
messages.

A newcomer "joins" a room when it has its GroupInfo fetched and checked, its commit made and
accepted, and all of it in its vault. Next to it is what its first start costs (keys, key packages,
a room of its own), and what another member spends on such a join.

Options:
  --messages N    Messages for each figure. [default: 400]
  --members LIST  Sizes of the rooms, separated by commas. [default: 10,100,500]
  --quick         A moment of each, to see that it works; the numbers mean little.
  --json          Print one JSON object instead of tables.
"""

import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from docopt import docopt
from kit.loopback import SERVER_KEY, Desk, Line, Server, make_profile

from geventim.chat import codec
from geventim.chat.replies import EntryEvent, Reply
from geventim.chat.values import Kind
from geventim.client.history.history import History
from geventim.client.kept.memory import Memory
from geventim.client.kept.stages import Stage
from geventim.client.sealing import content, counting
from geventim.client.sealing.charter import Charter
from geventim.client.sealing.content import Content, ContentKind
from geventim.client.sealing.declaration import Declaration
from geventim.client.sealing.engine import Engine, make_policy
from geventim.client.steps.effects import Steps
from geventim.crypto.signature import SigningKey, Verifier
from geventim.load import arrival
from geventim.load.dialogue import Dialogue
from geventim.mls.epochs.following import Followed
from geventim.mls.groups.external_join import Entrance
from geventim.mls.groups.group import Group
from geventim.store.vault.vault import Vault

TEXT = "x" * 100

INCARNATION = bytes(15) + b"\2"
"""What the server draws for the large room."""

TOGETHER = 100
"""Frames in one record, at most."""
TYPED = 32
"""Lines that a client has on their way at once."""

QUICK = {"--messages": "20", "--members": "3,6"}


def milliseconds(seconds: float, count: int) -> float:
    """Milliseconds for each of ``count``."""
    return 1e3 * seconds / count


@contextmanager
def two_people(*, vaults: bool) -> Iterator[tuple[Desk, Desk]]:
    """Two clients in one room."""
    server = Server()
    with tempfile.TemporaryDirectory() as place:
        desks = [
            Desk(server, make_profile(nick), Path(place, nick) if vaults else None)
            for nick in ("alice", "bob")
        ]
        for desk in desks:
            desk.enter()
        for desk in desks:
            desk.read()
        yield desks[0], desks[1]
        for desk in desks:
            desk.close()


def measure_reading(count: int, together: int, *, vaults: bool) -> float:
    """Milliseconds for a message that bob reads."""
    with two_people(vaults=vaults) as (alice, bob):
        spent = 0.0
        for start in range(0, count, TYPED):
            alice.type(*[TEXT] * min(TYPED, count - start))
            alice.read(TOGETHER)
            if together == 1:
                before = bob.spent
                bob.read()
                spent += bob.spent - before
        if together > 1:
            before = bob.spent
            bob.read(together)
            spent = bob.spent - before
        assert read_texts(bob) == count
    return milliseconds(spent, count)


def measure_writing(count: int, together: int, *, vaults: bool) -> float:
    """Milliseconds for a message that alice writes, until she has taken note of the answer."""
    with two_people(vaults=vaults) as (alice, bob):
        before = alice.spent
        for start in range(0, count, together):
            alice.type(*[TEXT] * min(together, count - start))
            alice.read(together)
        spent = alice.spent - before
        bob.read(TOGETHER)
        assert read_texts(bob) == count
    return milliseconds(spent, count)


def read_texts(desk: Desk) -> int:
    """How many messages were shown."""
    return sum(getattr(event, "message", None) == TEXT for event in desk.events)


def measure_engine(count: int) -> tuple[float, float]:
    """Milliseconds of the MLS engine for a message: to open it, and to seal it."""
    alice, bob = grow(found("alice"), 2)
    data = content.encode(Content("alice", TEXT, 1.0, ContentKind.ROOM))
    start = time.process_time()
    sealed = [alice.send(data) for _ in range(count)]
    middle = time.process_time()
    for message in sealed:
        bob.receive(message)
    end = time.process_time()
    return milliseconds(end - middle, count), milliseconds(middle - start, count)


def measure_plain(count: int, together: int) -> float:
    """Milliseconds for a message that comes, and goes to the history, but was never sealed."""
    data = content.encode(Content("alice", TEXT, 1.0, ContentKind.ROOM))
    frames = [
        codec.encode(
            EntryEvent(bytes(16), seq, 1.0, "alice", bytes(16), bytes(16), payload=len(data)), data
        )
        for seq in range(1, count + 1)
    ]
    memory = Memory({})
    history = History(memory)
    with tempfile.TemporaryDirectory() as place:
        vault = Vault.open(Path(place, "alice"), os.urandom)
        start = time.process_time()
        for first in range(0, count, together):
            for entry, payload in codec.replies.decode(b"".join(frames[first : first + together])):
                assert isinstance(entry, EntryEvent)
                said = content.decode(payload, entry.author, frozenset({ContentKind.ROOM}))
                history.add(
                    entry.conversation,
                    "lobby",
                    kind=said.kind,
                    nick=said.nick,
                    text=said.message,
                    date=said.date,
                    seq=entry.seq,
                )
            vault.put(memory.take_changes())
        spent = time.process_time() - start
        vault.close()
    return milliseconds(spent, count)


def found(nick: str, conversation: bytes = bytes(16)) -> Group:
    """The group of a room, of one member."""
    profile = make_profile(nick)
    charter = Charter.found(
        Kind.ROOM,
        conversation,
        server=SigningKey(SERVER_KEY).public,
        incarnation=INCARNATION,
        key=profile.keys.identity,
        name="large",
    )
    return Engine.of(profile, os.urandom).found(conversation, charter, time.time())


def grow(founder: Group, size: int) -> tuple[Group, Group]:
    """Let ``size`` members into the group of ``founder``; the group of the last one, too."""
    last = founder
    for number in range(founder.state.epoch.tree.census.members, size):
        last, commit = enter(founder, f"member{number}")
        take(founder, commit)
    return founder, last


def enter(founder: Group, nick: str) -> tuple[Group, bytes]:
    """Somebody's group and commit, at no cost for reading: ``founder`` vouches for its group."""
    epoch = founder.state.epoch
    external_pub = epoch.secrets.external_key_pair(epoch.suite).public
    entrance = Entrance(epoch.public, external_pub, founder.own_index)
    engine = Engine.of(make_profile(nick), os.urandom)
    declared = Declaration(epoch.public.interim_transcript_hash).encode()
    return engine.enter(entrance, None, lambda _: None, None, lambda _: declared)


def take(group: Group, commit: bytes) -> None:
    """Find that a commit counts, open and merge it."""
    followed = counting.count(group.vantage.public, commit, make_policy(SERVER_KEY))
    assert isinstance(followed, Followed)
    group.merge(group.open(followed))


def open_room(server: Server, name: str, group_info: bytes) -> None:
    """Have somebody put a group into a room of the server, whatever is in it."""
    profile = make_profile("founder")
    line, account = Line(profile.keys.channel.public), profile.keys.account

    def found_room() -> Steps[None]:
        yield from arrival.register(profile)
        info = yield from arrival.create(name, bytes)
        yield from arrival.join(info.id, account, bytes, group_info)

    dialogue = Dialogue(found_room())
    while dialogue.wanted is not None:
        server.receive(line, codec.encode(dialogue.wanted.request, dialogue.wanted.payload))
        for message, payload in codec.replies.decode(b"".join(line.frames)):
            if isinstance(message, Reply):
                dialogue.answer(message, payload)
        line.frames.clear()


def time_join(group_info: bytes) -> tuple[float, float]:
    """Seconds that a client spends on its first start, and on joining the room of that group.

    Runs in a process of its own, since a process prepares what it verifies with once.
    """
    key = SigningKey(os.urandom(32))
    Verifier(key.public).verify(b"", key.sign(b""))
    room = bytes(15) + b"\1"
    server = Server(room, INCARNATION)
    open_room(server, "large", group_info)
    with tempfile.TemporaryDirectory() as place:
        newcomer = Desk(server, make_profile("newcomer"), Path(place, "newcomer"))
        newcomer.enter()
        first = newcomer.spent
        newcomer.type("@join large")
        newcomer.read()
        joined = newcomer.agent.context.conversations.get(room)
        assert joined is not None
        assert joined.stage is Stage.ACTIVE
        newcomer.close()
    return first, newcomer.spent - first


def measure_joins(sizes: list[int]) -> list[dict[str, float]]:
    """One row for each size of a room: that of before somebody joins."""
    room = bytes(15) + b"\1"
    founder, rows = found("somebody", room), []
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for size in sizes:
            grow(founder, size)
            info = founder.group_info()
            first, join = pool.apply(time_join, (info,))
            _, commit = enter(founder, "another")
            start = time.process_time()
            take(founder, commit)
            other = time.process_time() - start
            rows.append(
                {
                    "members": size,
                    "join": 1e3 * join,
                    "first start": 1e3 * first,
                    "of a join": 1e3 * other,
                    "GroupInfo": len(info),
                }
            )
    return rows


def measure_messages(count: int) -> list[dict[str, str | float]]:
    """One row for each way in which messages come and go."""
    opening, sealing = measure_engine(count)
    rows: list[dict[str, str | float]] = []
    for name, measure, together, engine in (
        ("read alone", measure_reading, 1, opening),
        ("read together", measure_reading, TOGETHER, opening),
        ("written alone", measure_writing, 1, sealing),
        ("written together", measure_writing, TYPED, sealing),
    ):
        client = measure(count, together, vaults=True)
        rows.append(
            {
                "message": name,
                "per CPU second": 1e3 / client,
                "client": client,
                "without vault": measure(count, together, vaults=False),
                "engine": engine,
                "never sealed": measure_plain(count, together),
            }
        )
    return rows


def print_rows(title: str, rows: list[dict[str, float]] | list[dict[str, str | float]]) -> None:
    """Print a table."""
    print(title)
    for number, row in enumerate(rows):
        first, *rest = row
        if not number:
            print(f"{first:17}" + "".join(f"{name:>16}" for name in rest))
        print(f"{row[first]!s:17}" + "".join(f"{row[name]:16,.2f}" for name in rest))


def main() -> None:
    """Measure everything and print it."""
    options = docopt(__doc__)
    if options["--quick"]:
        options |= QUICK
    messages = measure_messages(int(options["--messages"]))
    sizes = sorted(int(size) for size in options["--members"].split(","))
    joins = measure_joins(sizes)
    if options["--json"]:
        print(json.dumps({"messages": messages, "joins": joins}))
        return
    print_rows("milliseconds of CPU time for each message", messages)
    print_rows("milliseconds of CPU time, and bytes, for each join", joins)


if __name__ == "__main__":
    main()
