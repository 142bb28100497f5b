"""F11: keys and texts are not in arguments, logs, traces, errors, or what values look like."""

import os
import signal
from pathlib import Path

import pytest

from geventim.crypto.readable import decode_key
from tests.conftest import ServerProcess
from tests.faults.proc import arguments

PROGRAM = Path(__file__).with_name("confessing.py")
TEXTS = ["an ordinary sentence", "in private only", "to the whole group", "said in the dark"]
PASSPHRASE = "opensesame"
HIDDEN = "hidden treasure"


@pytest.fixture
def confess(tmp_path):
    """What all values of a process look like."""

    def ask(program, pid):
        pipe = Path(f"{program}.{pid}")
        os.mkfifo(pipe)
        os.kill(pid, signal.SIGUSR1)
        return pipe.read_text(encoding="utf-8")

    return ask


def spellings(key):
    """How 16 or 32 secret bytes may look."""
    return {key.hex(), repr(key)[2:-1], key.decode("latin-1"), str(list(key))}


def test_nothing_secret_shows_anywhere(start_server, start_client, confess, tmp_path):
    key_file = tmp_path / "access"
    link = {name: tmp_path / name for name in ("eim-server", "eim-client")}
    for path in link.values():
        path.symlink_to(PROGRAM)
    kind = type("Confessing", (ServerProcess,), {"program": link["eim-server"]})
    options = ("--log-level", "debug", "--log-json", "--trace", "--access-key-file", str(key_file))
    server = start_server(*options, kind=kind)
    alice, bob = (
        start_client(
            server.link,
            nick,
            "--access-key-file",
            str(key_file),
            "--trace",
            program=link["eim-client"],
        )
        for nick in ("alice", "bob")
    )
    room, private, group, dark = TEXTS
    alice.say(
        room,
        f"@bob {private}",
        "@group set team bob",
        f"@group send team {group}",
        f"@secret bob {PASSPHRASE} {HIDDEN}",
    )
    bob.sees("message", message=group)
    number = bob.sees("secret")["id"]
    bob.say(f"@open {number} mistaken")
    bob.expect("error", code="wrong_key")
    bob.say(f"@open {number} {PASSPHRASE}")
    bob.expect("message", message=HIDDEN)
    told = confess(link["eim-server"], server.pid) + confess(link["eim-client"], bob.process.pid)
    shown = [arguments(process.pid) for process in (server.process, alice.process, bob.process)]
    server.kill()
    alice.expect("reconnecting")
    # Lines that wait are values too, and so is a secret that cannot be sent yet.
    alice.say(dark, f"@bob {dark}", f"@secret bob {PASSPHRASE} {HIDDEN}")
    bob.say(f"@open {number}", PASSPHRASE)
    bob.expect("message", message=HIDDEN)
    told += confess(link["eim-client"], alice.process.pid)
    for person in (alice, bob):
        person.kill()
        person.close()
    for name in ("Agent", "Outbox", "Task", "Content", "Connection", "Service", "PrivateKey"):
        assert f"\n{name} " in told, f"no {name} was looked at"
    secrets = {*TEXTS, PASSPHRASE, HIDDEN}
    for file, size in ((key_file, 16), (server.data / "server" / "key", 32)):
        key = file.read_text(encoding="utf-8").strip()
        secrets |= {key, key.replace("-", ""), *spellings(decode_key(key, size))}
    everything = {
        "values": told,
        "arguments": b"".join(shown).decode(),
        "logs": server.stderr_text(),
        "errors": (alice.errors + bob.errors).decode(),
    }
    for place, text in everything.items():
        assert text, place
        for secret in secrets:
            assert secret not in text, (place, secret)
