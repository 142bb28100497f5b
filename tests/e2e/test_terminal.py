"""The client as a person meets it: in a terminal."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pexpect
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 20 * float(os.environ.get("EIM_PATIENCE", "1"))


def test_b1_and_c1_what_is_not_given_is_asked_for(
    server: Any, open_terminal: Callable[..., Any]
) -> None:
    terminal = open_terminal()
    terminal.expect(r"127\.0\.0\.1:5555")
    terminal.sendline(server.address)
    for nick in ("two words", "everyone", "alice"):
        terminal.expect("Your nick: ")
        terminal.sendline(nick)
    terminal.expect("connected to .* as alice")
    terminal.sendline("@quit")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0


def test_who_has_chosen_a_nick_that_is_taken_is_asked_again(
    server: Any, alice: Any, open_terminal: Callable[..., Any], tmp_path: Path
) -> None:
    terminal = open_terminal(server.link, "--data", str(tmp_path / "elsewhere"))
    for nick in ("alice", "Alice"):
        terminal.expect("Your nick: ")
        terminal.sendline(nick)
        terminal.expect(f"The nick '{nick}' belongs to someone else")
    terminal.expect("Your nick: ")
    terminal.sendline("bob")
    terminal.expect("connected to .* as bob")
    terminal.sendline("hello")
    alice.expect("message", nick="bob", message="hello")
    terminal.sendcontrol("c")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0


@pytest.mark.parametrize("end", ["c", "d"])
def test_who_has_no_other_nick_leaves(
    server: Any, alice: Any, open_terminal: Callable[..., Any], tmp_path: Path, end: str
) -> None:
    terminal = open_terminal(server.link, "--data", str(tmp_path / "elsewhere"))
    terminal.expect("Your nick: ")
    terminal.sendline("alice")
    terminal.expect("belongs to someone else.*Your nick: ")
    terminal.sendcontrol(end)
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert (terminal.exitstatus, terminal.signalstatus) in {(5, None), (None, 2)}


def test_without_an_answer_it_leaves(open_terminal: Callable[..., Any]) -> None:
    terminal = open_terminal()
    terminal.expect("Address")
    terminal.sendeof()
    terminal.expect("\r\neim-client: Nothing was answered")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 2


def test_the_end_of_input_leaves(
    server: Any, alice: Any, open_terminal: Callable[..., Any]
) -> None:
    terminal = open_terminal(server.link, "--nick", "bob")
    terminal.expect("connected")
    terminal.sendline("good night")
    terminal.sendeof()
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
    alice.expect("message", message="good night")
    alice.expect("left", nick="bob", reason="quit")


def test_lines_are_folded_to_the_width_the_terminal_has_now(
    server: Any, alice: Any, open_terminal: Callable[..., Any]
) -> None:
    terminal = open_terminal(server.link, "--nick", "bob", NO_COLOR="1")
    terminal.expect("connected to .* lobby; @help lists what you can type\r\n")
    alice.expect("joined", nick="bob")
    terminal.setwinsize(24, 40)
    alice.say("\u65e5\u672c\u8a9e" * 9)
    terminal.expect("alice: (\\w+)\r\n    (\\w+)\r\n")
    first, second = terminal.match.groups()
    assert first + second == "\u65e5\u672c\u8a9e" * 9
    assert len(first) == (40 - len("10:42 [lobby] alice: ")) // 2


def test_help_is_not_the_servers(server: Any, open_terminal: Callable[..., Any]) -> None:
    terminal = open_terminal(server.link, "--nick", "alice", "--plain")
    terminal.expect("connected")
    terminal.sendline("@help quit")
    terminal.expect(r"\r\n\* @quit: leaves\r\n")
    terminal.sendline("@status")
    terminal.expect(r"\r\n\[Server\]: Your current status is 'normal'\.\r\n")


def test_two_terminals_chat(server: Any, open_terminal: Callable[..., Any]) -> None:
    alice = open_terminal(server.link, "--nick", "alice")
    alice.expect("connected")
    bob = open_terminal(server.link, "--nick", "bob")
    bob.expect("connected")
    alice.expect("bob .*joined")
    bob.sendline("hello from bob")
    alice.expect("bob.*: .*hello from bob")
    alice.sendline("@bob in private")
    bob.expect(r"\[Private from alice\].*in private")
    bob.sendcontrol("c")
    alice.expect("bob has left")
    bob.expect(pexpect.EOF)
    bob.close()
    assert bob.exitstatus == 0


def test_g15_who_comes_back_is_in_the_room_of_last_time(
    server: Any, open_terminal: Callable[..., Any]
) -> None:
    words = (server.link, "--nick", "alice", "--lines")
    first = open_terminal(*words)
    first.expect("connected to .*, in lobby")
    first.sendline("@create room den")
    first.expect("You are in room 'den'")
    first.sendline("@quit")
    first.expect(pexpect.EOF)
    again = open_terminal(*words)
    again.expect("You are in #den, as last time.")
    again.expect("connected to .*, in den")
    again.sendline("@quit")
    again.expect(pexpect.EOF)
    other = open_terminal(*words, "--room", "lobby")
    other.expect("connected to .*, in lobby")


def test_closing_the_terminal_is_leaving(
    server: Any, alice: Any, open_terminal: Callable[..., Any]
) -> None:
    terminal = open_terminal(server.link, "--nick", "bob")
    terminal.expect("connected")
    alice.expect("joined", nick="bob")
    terminal.close(force=False)
    alice.expect("left", nick="bob", reason="quit")


def test_a_line_that_was_interrupted_can_be_shown_again(
    server: Any, alice: Any, open_terminal: Callable[..., Any]
) -> None:
    terminal = open_terminal(server.link, "--nick", "bob")
    terminal.expect("connected")
    alice.expect("joined", nick="bob")
    terminal.send("one ha")
    terminal.expect("one ha")
    alice.say("meanwhile")
    terminal.expect("alice: meanwhile\r\n")
    terminal.sendcontrol("r")
    terminal.expect("one ha")
    terminal.sendline("lf")
    alice.expect("message", nick="bob", message="one half")


def test_f10_three_pasted_lines_all_arrive(
    server: Any, bob: Any, open_terminal: Callable[..., Any]
) -> None:
    terminal = open_terminal(server.link, "--nick", "dora")
    terminal.expect("connected")
    terminal.send("one\ntwo\nthree\n")
    for text in ("one", "two", "three"):
        bob.expect("message", nick="dora", message=text)


def test_d10_a_key_is_asked_for_without_echo(
    server: Any, alice: Any, open_terminal: Callable[..., Any]
) -> None:
    terminal = open_terminal(server.link, "--nick", "bob")
    terminal.expect("connected")
    alice.expect("joined", nick="bob")
    alice.say("@secret bob opensesame the treasure")
    terminal.expect("Secret message #1 from alice: @open 1")
    terminal.sendline("@open 1")
    terminal.expect(r"\* Enter the key of secret #1")
    terminal.sendline("opensesame")
    terminal.expect("the treasure")
    assert "opensesame" not in terminal.before
    terminal.sendline("echo is back")
    terminal.expect("echo is back")
    alice.expect("message", message="echo is back")


def test_whoever_leaves_instead_of_typing_a_key_sees_what_is_typed_again(
    server: Any, alice: Any, open_terminal: Callable[..., Any]
) -> None:
    terminal = open_terminal(server.link, "--nick", "bob")
    terminal.expect("connected")
    alice.expect("joined", nick="bob")
    alice.say("@secret bob opensesame the treasure")
    terminal.expect("@open 1")
    terminal.sendline("@open 1")
    terminal.expect("Enter the key")
    assert terminal.waitnoecho(PATIENCE)
    terminal.sendintr()
    terminal.wait()
    assert terminal.getecho()
    terminal.close()
    assert terminal.exitstatus == 0


@pytest.mark.parametrize(
    ("options", "variables", "coloured"),
    [
        (("--lines",), {}, True),
        (("--plain",), {}, False),
        (("--lines",), {"NO_COLOR": "1"}, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(
    server: Any,
    alice: Any,
    open_terminal: Callable[..., Any],
    options: tuple[str, ...],
    variables: dict[str, str],
    coloured: bool,
) -> None:
    variables = {"TERM": "xterm-256color", **variables}
    terminal = open_terminal(server.link, "--nick", "bob", *options, **variables)
    terminal.expect("connected")
    alice.expect("joined", nick="bob")
    alice.say("in colour?")
    terminal.expect(r"in colour\?")
    assert bool(re.search(r"\x1b\[[\d;]*m", terminal.before)) is coloured


def test_what_is_half_typed_breaks_no_folding(
    server: Any, alice: Any, open_terminal: Callable[..., Any]
) -> None:
    terminal = open_terminal(server.link, "--nick", "bob", "--lines", TERM="xterm", NO_COLOR="1")
    terminal.expect("connected.*\r\n")
    alice.expect("joined", nick="bob")
    terminal.setwinsize(24, 40)
    terminal.send("half")
    terminal.expect("half")
    alice.say("x" * 60)
    said = r"\d\d:\d\d \[lobby\] alice: x{19}\r\n    x{36}\r\n    x{5}\r\n"
    terminal.expect(rf"\r\x1b\[K{said}")


def test_f9_what_others_write_cannot_reach_the_terminal(
    server: Any, alice: Any, open_terminal: Callable[..., Any]
) -> None:
    terminal = open_terminal(server.link, "--nick", "bob", "--plain")
    terminal.expect("connected")
    alice.expect("joined", nick="bob")
    hostile = "\x1b]0;owned\x07\x1b[2J\u202egnp.exe\x9b31m\u2028[Server]: all is well\x08\x7f"
    alice.say(f"start{hostile}end")
    terminal.expect("start")
    terminal.expect("end")
    shown = terminal.before
    assert "[Server]: all is well" in shown
    assert "\n" not in shown
    for char in "\x1b\x07\u202e\x9b\u2028\x08\x7f":
        assert char not in shown
