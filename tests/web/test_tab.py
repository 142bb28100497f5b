"""A page at a client: its stream, its files, and what it may."""

import json

import gevent
import pytest
from gevent.event import Event

from geventim.app.note import Note
from geventim.client.answers import Done, Result, Said
from geventim.client.wishes import Cancel, People, Say, Trust
from geventim.errors import UserError
from geventim.lines.sentences import describe
from geventim.web import tab as module
from geventim.web.bounds import Bounds
from geventim.web.exchange import Request
from geventim.web.guard import Guard
from geventim.web.tab import Tab
from tests.greenlets import until
from tests.web.test_shelf import Cut


class Reader:
    """Reads a stream in a greenlet of its own; ``told`` is what it was told."""

    def __init__(self, tab, after=""):
        self.told = []
        self.raw = []
        self._stream = tab.stream(after)
        self.greenlet = gevent.spawn(self._read)

    def _read(self):
        for data in self._stream:
            self.raw.append(data)
            for line in data.decode().split("\n"):
                if line.startswith("data: "):
                    self.told.append(json.loads(line.removeprefix("data: ")))

    def texts(self):
        return [each["text"] for each in self.told if each.get("event") == "announcement"]

    def answers(self):
        return [each["answer"] for each in self.told if "answer" in each]

    def kinds(self):
        return [each.get("event") for each in self.told]


@pytest.fixture
def guard():
    return Guard(lambda passphrase: passphrase == "sesame", lambda: 1.0)


@pytest.fixture
def tab(client, box, guard):
    tab = Tab(client.attach, describe, box, guard)
    yield tab
    tab.close()
    gevent.sleep(0)


def wish(tab, number, **fields):
    return tab.wish(json.dumps({"id": number, **fields}))


def upload(tab, data=b"data"):
    request = Request("POST", "/files", {}, size=len(data), body=Cut(data))
    return f"upload:{tab.box.take('x.png', request)}"


def test_a_stream_begins_with_a_snapshot_and_goes_on(tab, client):
    client.publish("before")
    reader = Reader(tab)
    until(lambda: "snapshot" in reader.kinds())
    assert tab.is_there
    client.publish("after")
    until(lambda: reader.texts() == ["after"])
    assert reader.kinds() == ["snapshot", "announcement"]


def test_there_is_a_sign_of_life(client, box, guard):
    tab = Tab(client.attach, describe, box, guard, Bounds(heartbeat=0.001))
    reader = Reader(tab)
    until(lambda: reader.raw.count(module.SILENCE) > 3)
    tab.close()


def test_answers_wait_for_the_stream(tab, client):
    assert wish(tab, 1, wish="people")
    until(lambda: client.wished(People))
    reader = Reader(tab)
    until(lambda: reader.answers() == [1])


def test_a_second_stream_ends_the_first_and_goes_on(tab, client):
    first = Reader(tab)
    until(lambda: "snapshot" in first.kinds())
    client.publish("one")
    until(lambda: first.texts() == ["one"])
    second = Reader(tab, first.told[-1]["n"])
    until(first.greenlet.ready)
    assert first.kinds()[-1] == "superseded"
    client.publish("two")
    until(lambda: second.texts() == ["two"])
    assert first.texts() == ["one"]
    assert tab.is_there


def test_what_the_first_takes_in_its_last_moment_is_said_by_the_second(tab, client):
    first = Reader(tab)
    until(lambda: "snapshot" in first.kinds())
    # The first is woken up by an answer, and ended before it runs.
    tab._front.put(Note(Done(1, Result())))
    second = tab.stream(first.told[-1]["n"])
    told = next(second)
    while b'"answer": 1' not in told:
        told += next(second)
    second.close()


def test_what_the_first_has_taken_and_not_read_yet_is_said_by_the_second(tab, client, monkeypatch):
    first = Reader(tab)
    until(lambda: "snapshot" in first.kinds())
    monkeypatch.setattr(module, "prepare", lambda *_: Event().wait())
    client.publish("not told")
    tab._front.put(Note(Done(1, Result())))
    until(lambda: tab._taken)
    monkeypatch.setattr(module, "prepare", lambda *_: None)
    second = Reader(tab, first.told[-1]["n"])
    until(lambda: second.answers() == [1])
    until(lambda: second.texts() == ["not told"])
    assert first.kinds()[-1] == "superseded"


def test_a_page_that_does_not_read_is_behind_and_holds_up_nobody(tab, client, monkeypatch):
    reader = Reader(tab)
    until(lambda: "snapshot" in reader.kinds())
    reader.greenlet.kill()
    until(lambda: not tab.is_there)
    other = Tab(client.attach, describe, tab.box, tab.guard)
    witness = Reader(other)
    until(lambda: "snapshot" in witness.kinds())
    large = "x" * 100_000
    for number in range(400):
        client.publish(f"{number} {large}")
        until(lambda number=number: len(witness.texts()) == number + 1)
    wish(tab, 1, wish="people")
    again = Reader(tab, reader.told[-1]["n"])
    until(lambda: "snapshot" in again.kinds() and again.answers() == [1])
    assert tab._front._size < module.LARGEST
    client.publish("news")
    until(lambda: again.texts()[-1:] == ["news"])
    other.close()


def test_what_is_no_wish_is_refused_on_the_stream(tab):
    reader = Reader(tab)
    assert tab.wish("{")
    assert wish(tab, 2, wish="dance")
    assert wish(tab, 3, wish="trust", nick="bob")
    until(lambda: len(reader.answers()) == 3)
    refusals = {each["answer"]: each["refused"] for each in reader.told if "answer" in each}
    assert [refusals[number]["code"] for number in (None, 2, 3)] == [
        "bad_wish",
        "unknown_wish",
        "terminal_only",
    ]
    assert all(refusal["text"] for refusal in refusals.values())


def test_what_needs_the_passphrase_is_granted_after_it(tab, client):
    tab.guard.unlock("sesame")
    wish(tab, 1, wish="trust", nick="bob")
    until(lambda: client.wished(Trust))


def test_a_file_goes_when_its_message_was_sent(tab, client):
    client.results[Say] = Said("0" * 32, 1)
    reader = Reader(tab)
    name = upload(tab)
    path = tab.box.find(name.removeprefix("upload:"))
    wish(tab, 1, wish="say", to="lobby", text="", files=[name])
    until(lambda: reader.answers() == [1])
    assert client.wished(Say)[0].files == (path,)
    assert tab.box.find(name.removeprefix("upload:")) is None


def test_it_goes_as_well_when_that_was_refused(tab, client):
    client.results[Say] = UserError("quota", "There is no room.")
    reader = Reader(tab)
    name = upload(tab)
    wish(tab, 1, wish="say", to="lobby", text="", files=[name])
    until(lambda: reader.answers() == [1])
    assert tab.box.find(name.removeprefix("upload:")) is None


def test_what_is_being_sent_is_given_up_when_the_page_goes(tab, client):
    client.hold = True
    name = upload(tab)
    wish(tab, 1, wish="say", to="lobby", text="", files=[name])
    wish(tab, 2, wish="say", to="lobby", text="a text is not")
    until(lambda: len(client.wished(Say)) == 2)
    tab.close()
    until(lambda: client.wished(Cancel))
    assert [each.request for each in client.wished(Cancel)] == [1]
    until(lambda: not client.hub.fronts)


def test_another_client_is_gone_on_with_and_there_is_a_gap(tab, client, start_client):
    reader = Reader(tab)
    until(lambda: "snapshot" in reader.kinds())
    client.close()
    start_client("next").publish("unseen")
    until(lambda: "behind" in reader.kinds())
    wish(tab, 1, wish="snapshot")
    until(lambda: reader.answers() == [1])


def test_a_stream_ends_with_its_page(tab):
    reader = Reader(tab)
    until(lambda: "snapshot" in reader.kinds())
    tab.close()
    until(reader.greenlet.ready)
