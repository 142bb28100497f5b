"""What the words of the command line mean, as values."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from geventim.app.settings import Settings, data_directory
from geventim.app.state import known_server
from geventim.chat.links import DEFAULT_HOST, DEFAULT_PORT, Link, format_address, parse_links
from geventim.chat.names import check_name, check_nick
from geventim.errors import UserError
from geventim.lines.sentences import describe
from geventim.net.key_files import read_access_key
from geventim.net.trace import print_record
from geventim.terminal.input import Input
from geventim.terminal.output import STDIN, STDOUT, can_be_drawn_on
from geventim.terminal.prompts import ask, show
from geventim.web.place import Place
from geventim.wire.lines import Item

RECALLED: Final = 10
"""Messages that are shown again on a terminal in the beginning."""

NICK: Final = "Your nick: "

FIRST_ROOM: Final = "lobby"
"""Where somebody is who has said nothing else."""

ERRANDS: Final = ("send", "tail", "ask")
"""Words of the command line for one thing to be done."""

LONGEST_WAIT: Final = 86_400.0
"""Seconds after which nobody waits any more."""

DEFAULT_ADDRESS: Final = format_address(DEFAULT_HOST, DEFAULT_PORT)


def settings_of(options: dict[str, Any], lines: Input) -> Settings:
    """What the command line says, and what it leaves to be asked for on a terminal."""
    answers = iter(lines) if os.isatty(STDIN) else None
    if options["ADDRESS"] in ERRANDS:
        raise UserError("usage", f"'{options['ADDRESS']}' of what?", "See --help.")
    nick, key_file = options["--nick"], options["--access-key-file"]
    if nick is not None:
        nick = check_name(nick)
    elif answers is None:
        raise UserError("usage", "Who are you?", "Give --nick NICK.")
    if answers is None and (options["--passphrase"] or options["passphrase"]):
        raise UserError("usage", "A passphrase is asked for on a terminal.")
    room = check_name(options["--room"] or FIRST_ROOM)
    psk = read_access_key(Path(key_file)) if key_file else None
    data = data_directory(options["--data"])
    if is_errand(options) and nick is not None and options["ADDRESS"] is None:
        link, *others = known_server(data, nick)
    else:
        link, *others = _links(options["ADDRESS"], answers)
    return Settings(
        link,
        nick or ask(NICK, show, answers or iter(()), check_nick),
        room,
        data,
        psk,
        print_record if options["--trace"] else None,
        recall=0 if is_full_screen(options) or not is_terminal(options) else RECALLED,
        others=tuple(others),
        stays=answers is not None or options["--listen"],
        describe=describe,
    )


def _links(given: str | None, answers: Iterator[Item] | None) -> tuple[Link, ...]:
    if given is None and answers is not None:
        question = f"Address of the server [{DEFAULT_ADDRESS}]: "
        return ask(question, show, answers, lambda text: parse_links(text or DEFAULT_ADDRESS))
    return parse_links(DEFAULT_ADDRESS if given is None else given)


def check_text(options: dict[str, Any]) -> None:
    """See that what is said to others is UTF-8 text, whatever the locale; change it to that.

    Raises :class:`UserError` with code ``not_text``.
    """
    for name in ("TO", "TEXT"):
        if options[name] is not None:
            options[name] = _text(options[name], name)
    for path in options["--file"]:
        _text(path, "The name of a file")


def _text(word: str, name: str) -> str:
    try:
        return os.fsencode(word).decode()
    except UnicodeError:
        raise UserError("not_text", f"{name} is not UTF-8 text.") from None


def seconds_of(text: str) -> float:
    """How long somebody waits. Raises :class:`UserError` for what is no time."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.0 < seconds <= LONGEST_WAIT:
        raise UserError("usage", f"'{text}' is no number of seconds to wait.")
    return seconds


def place_of(options: dict[str, Any]) -> Place:
    """Where browsers come in. Raises :class:`UserError`."""
    return Place.of(options["--web-host"], options["--web-cert"], options["--web-key"])


def is_full_screen(options: dict[str, Any]) -> bool:
    """Whether somebody is there who sees a whole screen, and wants to."""
    is_other = options["--lines"] or options["--plain"] or options["--trace"]
    is_other = is_other or is_errand(options) or is_program(options)
    return not is_other and can_be_drawn_on(os.environ)


def is_program(options: dict[str, Any]) -> bool:
    """Whether what is shown is for a program."""
    return bool(options["--json"] or options["--wishes"] or options["ask"])


def is_errand(options: dict[str, Any]) -> bool:
    """Whether one thing is to be done, by a user who has been here before."""
    return any(options[errand] for errand in ERRANDS)


def is_terminal(options: dict[str, Any]) -> bool:
    """Whether lines are shown to somebody who looks at them."""
    return os.isatty(STDOUT) and not options["--plain"] and not is_program(options)
