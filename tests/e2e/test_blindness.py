"""What a server holds and passes on after a session of all kinds: nothing that it could read.

Its data directory, its memory and every byte on the wire are searched for what people wrote, for
the frames that hold it, and for every key that would open it. The same search finds what a server
does know, and in a client what the client knows; so it would find the rest.
"""

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from geventim.client.kept.memory import Memory
from geventim.client.kept.record import load_records
from geventim.client.people.profile import ENTRY, Keys
from geventim.client.sealing import gates
from geventim.crypto.readable import decode_key, format_key, generate_key
from geventim.store.vault.vault import Vault
from tests.e2e.relay import Relay

TEXTS = (
    "the quick brown fox",
    "jumps over privately",
    "the lazy hound sleeps",
    "we strike at midnight",
    "between these four walls",
    "after the locks were changed",
    "for when you come back",
)
"""One message of each kind."""

SECRET_KEY = "opensesame"
KNOWN = ("alexandra", "benjamin", "charlotte", "conspirators", "vestibule", "strongroom")
"""Names of people, groups and rooms, which the server has to know."""

FRAMES = tuple(f'"nick":"{nick}","message":' for nick in KNOWN[:3])
"""How content begins; requests have a ``nick`` as well, but no ``message``."""


def search(hay: bytes, needles: Iterable[str | bytes]) -> set[str | bytes]:
    """Those of ``needles`` that are in ``hay``."""
    found = set()
    for needle in needles:
        if (needle.encode() if isinstance(needle, str) else needle) in hay:
            found.add(needle)
    return found


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """A process does nothing meanwhile."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def search_memory(pid: int, needles: Iterable[str | bytes]) -> set[str | bytes]:
    """Those of ``needles`` that are anywhere in the memory of a process."""
    found: set[str | bytes] = set()
    wanted = list(needles)
    with frozen(pid), Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            place, rights, *rest = line.split()
            # The kernel's own pages are the same in every process, and not all can be read.
            if "r" not in rights or rest[-1] in {"[vvar]", "[vvar_vclock]", "[vsyscall]"}:
                continue
            start, end = (int(number, 16) for number in place.split("-"))
            found |= search(_read(memory.fileno(), start, end), wanted)
    return found


def _read(descriptor: int, start: int, end: int) -> bytes:
    parts = []
    while start < end:
        part = os.pread(descriptor, min(end - start, 2**24), start)
        parts.append(part)
        start += len(part)
        if not part:
            break
    return b"".join(parts)


def search_files(directory: Path, needles: Iterable[str | bytes]) -> set[str | bytes]:
    """Those of ``needles`` that are in a file, or in its name."""
    found: set[str | bytes] = set()
    wanted = list(needles)
    for path in directory.rglob("*"):
        found |= search(str(path.relative_to(directory)).encode(), wanted)
        if path.is_file():
            found |= search(path.read_bytes(), wanted)
    return found


def forms(key: str) -> list[str | bytes]:
    """A room's key as people type it, and as bytes."""
    return [key, format_key(key), format_key(key).replace(" ", "-"), decode_key(key, 16)]


def private_keys(vault: Vault) -> list[bytes]:
    """Every key in a vault that the server must not have: of an account, and of keyed rooms."""
    kept = dict(vault.items(""))
    keys = Keys.decode(kept.pop(ENTRY))
    found = [keys.identity.secret, keys.channel.secret]
    for record in load_records(Memory(kept)):
        if record.room_key:
            found += [gates.psk(record.room_key), gates.gate(record.room_key).secret]
    return found


def test_a_session_of_all_kinds_leaves_nothing_to_read(
    server: Any,
    relay: Relay,
    start_client: Callable[..., Any],
    environment: dict[str, str],
) -> None:
    link = server.link.replace(server.address, relay.address)
    first_key = generate_key()
    hidden: list[str | bytes] = [*TEXTS, SECRET_KEY, *FRAMES, *forms(first_key)]

    def check() -> None:
        assert search_memory(server.pid, hidden) == set()

    alexandra = start_client(link, "alexandra", "--room", "vestibule")
    benjamin = start_client(link, "benjamin", "--room", "vestibule")
    alexandra.expect("joined", nick="benjamin")

    alexandra.say(TEXTS[0])
    benjamin.sees("message", kind="room", message=TEXTS[0])
    check()
    alexandra.say(f"@benjamin {TEXTS[1]}")
    benjamin.sees("message", kind="private", message=TEXTS[1])
    check()
    alexandra.say(f"@secret benjamin {SECRET_KEY} {TEXTS[2]}")
    number = benjamin.sees("secret")["id"]
    benjamin.say(f"@open {number} {SECRET_KEY}")
    benjamin.sees("message", kind="secret", message=TEXTS[2])
    check()
    alexandra.say("@group set conspirators benjamin", f"@group send conspirators {TEXTS[3]}")
    benjamin.sees("message", kind="group", message=TEXTS[3])
    check()

    alexandra.say(f"@create room strongroom {first_key}")
    alexandra.expect("notice", text="You are in room 'strongroom'.")
    benjamin.say(f"@join strongroom {first_key}")
    benjamin.expect("notice", text="You are in room 'strongroom'.")
    alexandra.say(TEXTS[4])
    benjamin.sees("message", conversation="strongroom", message=TEXTS[4])
    alexandra.say("@newkey strongroom")
    announced = alexandra.expect("notice", code="new_key")["text"].rpartition(": ")[2]
    second_key = announced.replace(" ", "").replace("-", "")
    hidden += forms(second_key)
    benjamin.expect("notice", code="new_key")
    charlotte = start_client(link, "charlotte", "--room", "vestibule")
    charlotte.say(f"@join strongroom {second_key}")
    charlotte.expect("notice", text="You are in room 'strongroom'.")
    charlotte.say(TEXTS[5])
    benjamin.sees("message", conversation="strongroom", message=TEXTS[5])
    check()

    benjamin.say("@quit")
    assert benjamin.wait() == 0
    alexandra.expect("left", nick="benjamin")
    alexandra.say(f"@benjamin {TEXTS[6]}")
    alexandra.sees("sent", message=TEXTS[6])
    check()
    again = start_client(link, "benjamin", "--room", "vestibule")
    again.sees("message", message=TEXTS[6])
    again.say("@history", "@search fox")
    again.sees("message", message=TEXTS[0], history=True)
    again.settle()

    # A client knows what was written, and the search finds it there.
    assert search_memory(again.process.pid, [TEXTS[0], TEXTS[6]]) == {TEXTS[0], TEXTS[6]}
    assert search_memory(server.pid, KNOWN) == set(KNOWN)
    check()
    for person in (alexandra, charlotte, again):
        assert person.leave() == 0
    places = list(Path(environment["EIM_DATA"]).glob("client/*/*/vault.db"))
    assert len(places) == 3
    for place in places:
        vault = Vault.open(place.parent, os.urandom)
        hidden += private_keys(vault)
        vault.close()
    assert len(hidden) >= 30
    check()
    hidden.append('"nick":')
    # As it is while the server runs, with the log that SQLite has not taken in yet, and after it.
    assert any(path.name.endswith("-wal") for path in server.data.rglob("*"))
    for end in (lambda: None, server.stop):
        end()
        assert search_files(server.data, hidden) == set()
        assert search_files(server.data, KNOWN) == set(KNOWN)
    flows = relay.flows
    assert len(flows) == 8
    assert all(len(flow) > 1000 for flow in flows)
    for flow in flows:
        assert search(flow, [*hidden, *KNOWN]) == set()
    assert search(flows[0], [b"EIM"]) == {b"EIM"}, "all of it begins with what it is"
