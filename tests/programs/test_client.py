"""The client for programs, in processes that nothing has patched, as the programs of others are."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.conftest import PATIENCE, ROOT

Run = Callable[..., str]


@pytest.fixture
def run(start_server, tmp_path):
    """Runs a program in which ``join(nick)`` makes a client; what it has printed."""
    link = start_server().link

    def run(program: str, prelude: str = "") -> str:
        script = f"""
{prelude}
from functools import partial
from geventim import Client
from geventim.client.events import Message
from geventim.errors import GeventIMError, MisuseError, UserError
link, data = {link!r}, {str(tmp_path)!r}
def join(nick, address=link, **fields):
    return Client(address, nick=nick, data=data, **fields)
{program}
"""
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            timeout=PATIENCE,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr == ""
        return done.stdout

    return run


CHAT = """
with join("alice") as alice, join("bob") as bob:
    said = alice.say("lobby", "hello")
    print(next(event.message for event in bob if isinstance(event, Message)), said.seq > 0)
    print(sorted(alice.people()), [each.name for each in bob.conversations()])
"""


@pytest.mark.parametrize("prelude", ["", "from gevent import monkey; monkey.patch_all()"])
def test_programs_chat(run: Run, prelude: str) -> None:
    assert run(CHAT, prelude) == "hello True\n['alice', 'bob'] ['lobby']\n"


def test_two_of_one_user_share_a_session(run: Run) -> None:
    program = """
first, second = join("alice"), join("alice")
with first, second:
    print(first.snapshot() == second.snapshot())
    second.say("lobby", "from both")
    print(next(event.message for event in first if hasattr(event, "message")))
"""
    assert run(program) == "True\nfrom both\n"


def test_one_goes_on_when_the_other_has_left(run: Run) -> None:
    program = """
with join("alice") as second:
    with join("alice") as first:
        first.say("lobby", "one")
    second.say("lobby", "two")
first = join("alice")
with first:
    second = join("alice")
    second.__enter__()
    first.__exit__(None, None, None)
    print(second.say("lobby", "three").seq > 0)
    second.__exit__(None, None, None)
"""
    assert run(program) == "True\n"


def test_a_refusal_is_raised(run: Run) -> None:
    program = """
with join("alice") as alice:
    try:
        alice.say("nowhere", "hello")
    except UserError as error:
        print(error.code)
"""
    assert run(program) == "unknown_name\n"


def test_what_is_wished_in_several_threads_is_answered_to_each(run: Run) -> None:
    program = """
from concurrent.futures import ThreadPoolExecutor
with join("alice") as alice, ThreadPoolExecutor(8) as pool:
    seqs = pool.map(lambda number: alice.say("lobby", str(number)).seq, range(40))
    print(len(set(seqs)))
"""
    assert run(program) == "40\n"


def test_waiting_for_an_event_can_end(run: Run) -> None:
    program = """
with join("alice") as alice:
    print(type(alice.next_event()).__name__, alice.next_event(0.01))
"""
    assert run(program) == "Connected None\n"


def test_who_takes_no_events_is_behind(run: Run) -> None:
    program = """
from geventim.programs import client
client.MOST = 3
with join("alice") as alice, join("bob") as bob:
    for number in range(20):
        bob.say("lobby", str(number))
    alice.say("lobby", "and now")
    kinds = []
    while (event := alice.next_event(0.01)) is not None:
        kinds.append(type(event).__name__)
    print(kinds[0], len(kinds) <= 3)
"""
    assert run(program) == "Behind True\n"


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ('join("alice", address="127.0.0.1:1").__enter__()', "no_server"),
        ('join("two words")', "bad_name"),
        ('join("alice", address="127.0.0.1:0x")', "bad_address"),
    ],
)
def test_what_cannot_be_is_said(run: Run, call: str, code: str) -> None:
    printed = run(f"try:\n    {call}\nexcept UserError as error:\n    print(error.code)")
    assert printed.strip() == code


def test_outside_of_with_nothing_can_be_wished(run: Run) -> None:
    program = """
alice = join("alice")
for _ in range(2):
    try:
        alice.people()
    except MisuseError:
        print("no")
    if _ == 0:
        with alice:
            pass
"""
    assert run(program) == "no\nno\n"


def test_importing_the_package_imports_nothing_of_it() -> None:
    script = (
        "import sys, geventim\n"
        "print([name for name in sys.modules if name.startswith('gevent')])\n"
        "print(geventim.Client.__module__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "['geventim']\ngeventim.programs.client\n"


def test_what_is_no_wish_is_refused_at_once_as_through_the_socket(run: Run) -> None:
    program = """
with join("alice") as alice:
    for call in (
        lambda: alice.rooms(after="\\udfff"),
        lambda: alice.create_group("den", "bob"),
        lambda: alice.set_timer("lobby", -1),
        lambda: alice.say("lobby", b"hi"),
        lambda: alice.say("lobby", "x" * 1_100_000),
        lambda: alice.cancel(),
        lambda: alice.cancel(message_id="0f" * 16, transfer=1),
    ):
        try:
            call()
        except UserError as error:
            print(error.code, error.text[:30])
    try:
        alice.wish("people")
    except MisuseError as error:
        print(error)
    print(alice.people())
"""
    assert run(program).splitlines() == [
        "bad_wish That wish is not valid: half a",
        "bad_wish That wish is not valid: Expect",
        "bad_wish That wish is not valid: Expect",
        "bad_wish That wish is not valid: Object",
        "too_large A wish has at most 1,048,576 b",
        "bad_wish That wish is not valid: one of",
        "bad_wish That wish is not valid: one of",
        "what is wished for is no wish",
        "('alice',)",
    ]


def test_before_with_nothing_is_waited_for(run: Run) -> None:
    program = """
try:
    join("alice").next_event()
except MisuseError as error:
    print(error)
"""
    assert run(program) == "a client can be used inside of 'with'\n"


def test_who_was_ended_is_told_why(run: Run) -> None:
    program = (
        """
with join("alice") as alice, join("bob") as bob:
    content = alice.export_identity("words")
    alice._in_loop(lambda: alice._stay._host._finish(alice_is_over))
""".replace(
            "alice_is_over",
            "Ending(1, UserError('superseded', 'It is over.'))",
        ).replace("with join", "from geventim.app.ending import Ending\nwith join", 1)
        + """
    for call in (alice.people, lambda: list(alice), alice.people):
        try:
            call()
        except UserError as error:
            print(error.code)
"""
    )
    assert run(program) == "superseded\n" * 3


def test_who_leaves_by_an_exception_does_not_wait_for_what_cannot_be(run: Run) -> None:
    program = """
import os, signal, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # it is ignored in the background
def interrupt():
    until(lambda: alice._futures)
    os.kill(os.getpid(), signal.SIGINT)
def until(true):
    while not true():
        time.sleep(0.01)
try:
    with join("alice") as alice:
        # It is never answered, and nobody says that there is nothing more to come.
        alice._stay.grant = lambda wish: None
        alice._stay.end_input = lambda: None
        threading.Thread(target=interrupt).start()
        alice.say("lobby", "hello")
except KeyboardInterrupt:
    print("interrupted", alice._thread.is_alive())
"""
    assert run(program) == "interrupted False\n"


def test_an_exception_in_the_body_comes_out_of_it(run: Run) -> None:
    program = """
try:
    with join("alice") as alice:
        raise ZeroDivisionError
except ZeroDivisionError:
    with join("alice") as again:
        print(again.people())
"""
    assert run(program) == "('alice',)\n"


def test_what_is_not_delivered_in_time_does_not_hold_up_the_end(run: Run) -> None:
    program = """
import threading
with join("alice", patience=1) as alice:
    pass
with join("alice", patience=1) as alice:
    stay = alice._stay
    stay.end_input = lambda: None  # what is to be delivered never is
print(alice._thread.is_alive())
"""
    assert run(program) == "False\n"


def test_who_is_interrupted_at_the_very_beginning_leaves_nothing_behind(run: Run) -> None:
    program = """
import threading
alice = join("alice")
wait = alice._begun.wait
def interrupt():
    alice._begun.wait = wait
    raise KeyboardInterrupt
alice._begun.wait = interrupt
try:
    alice.__enter__()
except KeyboardInterrupt:
    print(alice._thread.is_alive())
"""
    assert run(program) == "False\n"


def test_who_gives_up_coming_in_leaves_nothing_behind(run: Run) -> None:
    program = """
import os, signal, socket, threading
signal.signal(signal.SIGINT, signal.default_int_handler)  # the same
held = []
def accept():
    held.append(silent.accept())
    os.kill(os.getpid(), signal.SIGINT)
with socket.create_server(("127.0.0.1", 0)) as silent:
    threading.Thread(target=accept, daemon=True).start()
    alice = join("alice", address=f"127.0.0.1:{silent.getsockname()[1]}")
    try:
        alice.__enter__()
    except KeyboardInterrupt:
        print(alice._thread.is_alive())
"""
    assert run(program) == "False\n"
