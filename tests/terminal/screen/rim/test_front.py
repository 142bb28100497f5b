import io
import os
import pty
import random
import re
import signal
import sys
import termios
import time
from functools import partial
from select import select

import gevent
import pytest
from gevent.event import Event as Flag
from gevent.socket import wait_read
from PIL import Image

from geventim.app.note import Note
from geventim.app.turns import TURN
from geventim.chat.values import Kind
from geventim.client import events, wishes
from geventim.client.answers import Done
from geventim.client.said.aside import Attachment
from geventim.client.sealing.content import ContentKind
from geventim.terminal.output import Writer
from geventim.terminal.screen.drawing.themes import Theme, table
from geventim.terminal.screen.model import Model
from geventim.terminal.screen.orders import Save
from geventim.terminal.screen.rim import sequences
from geventim.terminal.screen.rim.front import FullScreen
from geventim.terminal.screen.rim.painter import Painter
from geventim.terminal.screen.rim.tty import Terminal
from tests.terminal.screen.emulator import Emulator
from tests.terminal.screen.play import COMMANDS, NOON, Play, conversation, identify

PATIENCE = 20.0


class Host:
    """A session that takes everything."""

    def __init__(self):
        self.granted = []
        self.left = Flag()

    def await_entry(self):
        pass

    def grant(self, wish):
        self.granted.append(wish)

    def leave(self):
        self.left.set()


class Theatre:
    """A full screen on a terminal of 80 by 24, and who sits before it."""

    def __init__(self):
        self.master, self.slave = pty.openpty()
        termios.tcsetwinsize(self.slave, (24, 80))
        self.before = termios.tcgetattr(self.slave)
        self.terminal = Terminal(self.slave, self.slave)
        self.emulator = Emulator(80, 24)
        self.raw = ""
        model = Model("ana", "lobby", lambda: NOON, COMMANDS)
        self.writer = writer = Writer(lambda _: None)
        write = partial(writer.write, self.slave)
        painter = Painter(table(Theme.DARK))
        self.front = FullScreen(model, self.terminal, painter, write, alone=writer.alone)
        self.host = Host()
        self.terminal.enter()
        self.running = gevent.spawn(self.front.attend, self.host)
        self.watching = gevent.spawn(self._watch)

    def tell(self, *told):
        self.front.show([Note(each) for each in told])

    def type(self, data):
        os.write(self.master, data)

    def wait(self, condition):
        """Wait until that holds."""
        with gevent.Timeout(PATIENCE):
            while not condition():
                gevent.sleep(0.005)

    def sees(self, text):
        self.wait(lambda: any(text in line for line in self.emulator.screen.display))

    def close(self):
        gevent.killall([self.running, self.watching])
        self.terminal.leave()
        os.close(self.master)
        os.close(self.slave)

    def _watch(self):
        while True:
            wait_read(self.master)
            text = os.read(self.master, 65_536).decode(errors="replace")
            self.raw += text
            self.emulator.feed(text)


@pytest.fixture
def theatre():
    theatre = Theatre()
    theatre.tell(events.Connected("ana", "host:1", "lobby"))
    theatre.wait(lambda: theatre.host.granted)
    listing = next(w for w in theatre.host.granted if isinstance(w, wishes.Conversations))
    theatre.tell(Done(listing.id, Play().conversations()))
    theatre.sees("#lobby")
    yield theatre
    theatre.close()


def test_what_is_typed_is_seen_and_said(theatre):
    theatre.type(b"hello")
    theatre.sees("#lobby> hello")
    theatre.type(b"\r")
    theatre.wait(lambda: any(isinstance(w, wishes.Say) for w in theatre.host.granted))
    said = next(w for w in theatre.host.granted if isinstance(w, wishes.Say))
    assert (said.to, said.text) == (identify("lobby"), "hello")
    theatre.type(b"/names\r")
    theatre.wait(lambda: theatre.host.granted[-1].id == "line 1")


def test_what_happens_is_seen(theatre):
    theatre.front.remark("a remark")
    theatre.sees("a remark")
    theatre.tell(events.Notice("You are loud."))
    theatre.sees("You are loud.")


def test_a_key_is_taken_between_two_of_many_messages(theatre, monkeypatch):
    model, pressed, seen = theatre.front._model, [], []
    take, press = model.take, model.press
    monkeypatch.setattr(model, "press", lambda key: (press(key), pressed.append(key)))

    def take_slowly(*told):
        take(*told)
        seen.append(list(pressed))
        until = time.monotonic() + 2 * TURN
        while time.monotonic() < until:
            pass

    monkeypatch.setattr(model, "take", take_slowly)
    theatre.type(b"x")
    assert select([theatre.slave], [], [], PATIENCE)[0]
    theatre.tell(*[events.Notice("You are loud.")] * 5)
    assert seen == [[], ["x"], ["x"], ["x"], ["x"]]


def test_every_key_is_shown_on_a_terminal_that_takes_little_at_a_time(theatre, monkeypatch):
    draw, write = random.Random(7), os.write

    def write_some(descriptor, data):
        if descriptor != theatre.slave:
            return write(descriptor, data)
        if draw.random() < 0.2:
            raise BlockingIOError
        return write(descriptor, data[: draw.randrange(1, 400)])

    monkeypatch.setattr(os, "write", write_some)
    text = ""
    for number in range(60):
        key = draw.choice("abcdefgh")
        text += key
        theatre.type(key.encode())
        if number % 7 == 0:
            os.kill(os.getpid(), signal.SIGWINCH)
        if number % 5 == 0:
            tell_of(theatre, number + 1)
        theatre.tell(events.Notice(f"It is {number} o'clock."))
        theatre.sees(f"#lobby> {text}")
    theatre.sees("It is 59 o'clock.")
    monkeypatch.undo()


def test_a_terminal_that_goes_in_the_middle_of_a_key_ends_it(theatre):
    theatre.watching.kill()
    theatre.type(b"\x1b")
    theatre.terminal.read_soon = lambda _: b""
    theatre.terminal.read = lambda: b""
    assert theatre.host.left.wait(PATIENCE)


def test_a_paste_is_one_input(theatre):
    theatre.type(b"\x1b[200~one\rtwo\x1b[201~")
    theatre.sees("#lobby> one")
    theatre.sees("  two")
    assert not any(isinstance(w, wishes.Say) for w in theatre.host.granted)


def test_an_escape_alone_closes(theatre):
    theatre.type(b"\x1bOP")
    theatre.sees("Keys")
    theatre.type(b"\x1b")
    theatre.wait(lambda: not any("Keys" in line for line in theatre.emulator.screen.display))


def test_another_size_is_drawn(theatre):
    termios.tcsetwinsize(theatre.slave, (10, 40))
    theatre.emulator.screen.resize(10, 40)
    os.kill(os.getpid(), signal.SIGWINCH)
    theatre.wait(lambda: theatre.emulator.screen.display[0].startswith(" #lobby"))


def test_who_looks_elsewhere_is_called(theatre):
    theatre.type(b"\x1b[O")
    theatre.type(b"x")
    theatre.sees("> x")
    place = identify("lobby")
    theatre.tell(
        events.Message(
            "lobby", ContentKind.ROOM, "bo", "@ana hello there", NOON, 1, conversation_id=place,
            message_id=identify("m"), order=1, mention=True,
        )
    )  # fmt: skip
    theatre.wait(lambda: "\x1b]9;bo in #lobby: @ana hello there" in theatre.raw)
    assert "\x07" in theatre.raw


def tell_of(theatre, number):
    message = events.Message(
        "bo", ContentKind.PRIVATE, "bo", f"hello {number}", NOON, number,
        conversation_id=identify("bo"), message_id=identify(str(number)), order=number,
    )  # fmt: skip
    changed = conversation("bo", Kind.DM, unread=number)
    listed = {field: getattr(changed, field) for field in changed.__struct_fields__}
    place, name = listed.pop("id"), listed.pop("name")
    theatre.tell(
        message, events.ConversationChanged(conversation=name, conversation_id=place, **listed)
    )


@pytest.mark.parametrize("way", sequences.WAYS)
@pytest.mark.parametrize("in_tmux", [False, True])
def test_each_way_of_a_notice_reaches_the_terminal_through_tmux_too(theatre, way, in_tmux):
    theatre.front._ways, theatre.front._in_tmux = (way,), in_tmux
    tell_of(theatre, 1)
    told = {
        "osc9": "\x1b]9;bo: hello 1\x1b\\",
        "osc777": "\x1b]777;notify;bo;hello 1\x1b\\",
        "osc99": "\x1b]99;i=eim:d=0;bo\x1b\\\x1b]99;i=eim:p=body;hello 1\x1b\\",
    }[way]
    if in_tmux:
        told = "\x1bPtmux;" + told.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    theatre.wait(lambda: told in theatre.raw)
    others = {"osc9": "]9;", "osc777": "]777;", "osc99": "]99;"}
    assert not any(mark in theatre.raw for name, mark in others.items() if name != way)


def test_the_window_has_a_title_with_the_count(theatre):
    theatre.wait(lambda: "\x1b]2;#lobby\x1b\\" in theatre.raw)
    tell_of(theatre, 1)
    theatre.wait(lambda: "\x1b]2;(1) #lobby\x1b\\" in theatre.raw)
    tell_of(theatre, 2)
    theatre.wait(lambda: "\x1b]2;(2) #lobby\x1b\\" in theatre.raw)


def test_who_looks_back_is_called_no_more(theatre):
    theatre.type(b"\x1b[Ox")
    theatre.sees("> x")
    theatre.type(b"\x1b[Iy")
    theatre.sees("> xy")
    theatre.tell(
        events.Message(
            "lobby", ContentKind.ROOM, "bo", "@ana seen", NOON, 1, mention=True, order=1,
            conversation_id=identify("lobby"), message_id=identify("m"),
        )
    )  # fmt: skip
    theatre.sees("@ana seen")
    assert "\x07" not in theatre.raw


def test_a_picture_is_seen_in_colours(theatre):
    made = io.BytesIO()
    Image.new("RGB", (192, 96), "red").save(made, "JPEG", quality=95)
    file = Attachment("cat.jpg", "image/jpeg", 5, 192, 96, made.getvalue())
    theatre.tell(
        events.Message(
            "lobby", ContentKind.ROOM, "bo", "", NOON, 1, order=1, files=(file,),
            conversation_id=identify("lobby"), message_id=identify("m"),
        )
    )  # fmt: skip
    theatre.sees("▀" * 32)
    assert re.search(r"\x1b\[0;38;2;25[0-9];[0-3];[0-3];48;2;25[0-9];[0-3];[0-3]m", theatre.raw)


def test_what_is_saved_stands_in_a_file(theatre, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    theatre.front._do(Save("ana.identity", b"sealed"))
    theatre.front._follow()
    theatre.sees("ana.identity")
    assert (tmp_path / "ana.identity").read_bytes() == b"sealed"
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))
    theatre.front._do(Save("ana.identity", b"sealed"))
    theatre.front._follow()
    theatre.sees("cannot be written")


def test_an_editor_writes_the_input(theatre, tmp_path, monkeypatch):
    script = tmp_path / "editor.py"
    script.write_text("import sys; open(sys.argv[1], 'a').write(' and more')")
    monkeypatch.setenv("VISUAL", f"{sys.executable} {script}")
    theatre.type(b"text\x18\x05")
    theatre.sees("#lobby> text and more")
    theatre.wait(lambda: theatre.raw.count("\x1b]2;#lobby\x1b\\") == 2)


def test_nothing_is_drawn_while_the_terminal_is_given_back(theatre):
    theatre.sees("#lobby>")
    theatre.writer.alone.acquire()  # as while a frame is on its way
    before = len(theatre.raw)
    os.kill(os.getpid(), signal.SIGCONT)
    theatre.wait(theatre.writer.alone.linkcount)
    assert theatre.terminal.is_entered
    theatre.writer.alone.release()
    theatre.wait(lambda: "#lobby>" in theatre.raw[before:])
    told = theatre.raw[before:]
    left, entered = told.index("\x1b[?1049l"), told.index("\x1b[?1049h")
    assert left < entered < told.index("#lobby>")


def test_a_passphrase_is_asked_for(theatre):
    asking = gevent.spawn(theatre.front.ask_passphrase)
    theatre.sees("Passphrase")
    theatre.type(b"open\r")
    assert asking.get(timeout=PATIENCE) == "open"


def test_ctrl_c_twice_leaves(theatre):
    theatre.type(b"\x03\x03")
    assert theatre.host.left.wait(PATIENCE)


def test_a_terminal_that_is_gone_ends_it(theatre):
    theatre.watching.kill()
    theatre.terminal.read = lambda: b""
    theatre.type(b"x")
    assert theatre.host.left.wait(PATIENCE)


def test_a_fault_ends_it(theatre, monkeypatch):
    def fail(*_):
        raise RuntimeError("broken")

    monkeypatch.setattr(theatre.front._canvas, "show", fail)
    theatre.running.link_exception(lambda _: None)
    theatre.type(b"x")
    with pytest.raises(RuntimeError, match="broken"):
        theatre.running.get(timeout=PATIENCE)


def test_a_link_for_a_browser_is_shown(theatre):
    led = []
    theatre.front.browse = lambda: led.append(True)
    theatre.type(b"/web\r")
    theatre.wait(lambda: led)
    theatre.tell(events.Web("http://127.0.0.1:46123/#abcdefghijklmnopqrstuv"))
    theatre.sees("http://127.0.0.1:46123/#abcdefghijklmnopqrstuv")
