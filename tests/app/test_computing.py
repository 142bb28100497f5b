"""What is computed beside the desk, while others go on."""

import subprocess
import sys
import threading

from gevent.event import Event as Gate

from geventim.chat.replies import Announcement as Announced
from geventim.client.answers import Done, Refused
from geventim.client.events import (
    Announcement,
    Secret,
)
from geventim.client.history.reading import Reading
from geventim.client.sealing import secret
from geventim.client.wishes import (
    CreateRoom,
    OpenSecret,
    Search,
    Timeline,
)
from geventim.errors import UserError
from tests.app.desks import converse, hear, say, want
from tests.client.person import encode
from tests.conftest import PATIENCE, ROOT
from tests.greenlets import until


class TestComputing:
    def test_others_go_on_while_something_is_computed(self, desk, screen, world, monkeypatch):
        go_on = threading.Event()
        stretch = secret.stretch

        def stretch_later(*arguments):
            go_on.wait(PATIENCE)
            return stretch(*arguments)

        world.people["bob"].say("@secret alice sesame treasure")
        converse(world, desk, lambda: screen.of(Secret))
        monkeypatch.setattr("geventim.client.sealing.secret.stretch", stretch_later)
        desk.give(want(OpenSecret(id=1, number=1, key="sesame")))
        desk.settle()
        desk.give(lambda agent: agent.receive(encode(Announced(text="meanwhile"), b"")))
        until(lambda: screen.of(Announcement))
        assert screen.of(Done) == []
        go_on.set()
        (opened,) = until(lambda: screen.of(Done))
        assert opened.done.message == "treasure"

    def test_others_go_on_while_what_was_written_is_searched(
        self, desk, screen, world, monkeypatch
    ):
        go_on = threading.Event()
        step = Reading.step

        def step_later(reading):
            go_on.wait(PATIENCE)
            return step(reading)

        hear(world, desk, "needle")
        monkeypatch.setattr(Reading, "step", step_later)
        desk.give(want(Search(id=1, words=("needle",))))
        desk.give(lambda agent: agent.receive(encode(Announced(text="meanwhile"), b"")))
        until(lambda: screen.of(Announcement))
        assert screen.of(Done) == []
        go_on.set()
        (found,) = until(lambda: screen.of(Done))
        assert [each.message for each in found.done.messages] == ["needle"]

    def test_wishes_take_effect_while_what_was_written_is_searched(
        self, desk, world, screen, monkeypatch
    ):
        go_on = threading.Event()
        monkeypatch.setattr(Reading, "step", lambda reading: [][: go_on.wait(PATIENCE)])
        desk.give(want(Search(id=1, words=("needle",))))
        desk.give(say("hello"))
        converse(world, desk, world.people["bob"].texts)
        assert 1 not in [done.answer for done in screen.of(Done)]
        monkeypatch.undo()
        go_on.set()
        until(lambda: 1 in [done.answer for done in screen.of(Done)])

    def test_what_is_read_was_kept_before(self, desk, shelf, screen, monkeypatch):
        disk = shelf.slow = Gate()
        read, step = [], Reading.step
        monkeypatch.setattr(Reading, "step", lambda reading: read.append(1) or step(reading))
        desk.give(want(Timeline(id=1)))
        desk.agent.context.user.memory.put("last", b"word")
        until(lambda: shelf.waiting)
        assert read == []
        disk.set()
        until(lambda: read)
        assert shelf.kept["last"] == b"word"

    def test_what_it_raises_is_told_and_not_printed(self, desk, screen, monkeypatch, capfd):
        def fail(*_):
            raise UserError("too_slow", "That takes too long.")

        monkeypatch.setattr("geventim.client.sealing.gates.stretch", fail)
        desk.give(want(CreateRoom(id=1, name="vault", key="sesame")))
        (answer,) = until(lambda: screen.of(Refused))
        assert (answer.refused.code, answer.refused.text) == ("too_slow", "That takes too long.")
        assert capfd.readouterr().err == ""


def test_nothing_that_is_sealed_lets_other_greenlets_run():
    """Not even the first time that a function of a C library is called, in a patched process."""
    script = """
from gevent import monkey
monkey.patch_all()
import greenlet, os, sys
from geventim.crypto.aead import ChaCha20Poly1305
from geventim.crypto import etm, dh, signature
switches = []
greenlet.settrace(lambda event, ends: switches.append(event))
import gevent
def work():
    before = len(switches)
    sealed = ChaCha20Poly1305().seal(bytes(32), bytes(12), b"text", b"")
    ChaCha20Poly1305().open(bytes(32), bytes(12), sealed, b"")
    suite = etm.A256CBC_HS256
    key = suite.key(bytes(64))
    etm.open_sealed(key, etm.seal(key, bytes(16), b"text", b""), b"")
    dh.PrivateKey(bytes(32)).public
    signer = signature.SigningKey(bytes(32))
    signature.verify(signer.public, b"text", signer.sign(b"text"))
    return len(switches) - before
count = gevent.spawn(work)
count.join()
sys.exit(count.value)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, timeout=PATIENCE, check=False)
    assert done.returncode == 0
