"""From the words of the command line to the exit code."""

import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any, Final

import gevent
from docopt import DocoptExit, docopt

from geventim import __version__
from geventim.chat import limits
from geventim.chat.links import parse_links
from geventim.errors import GeventIMError, UserError
from geventim.load import marks, member
from geventim.load.plan import Plan
from geventim.load.run import Progress, Run
from geventim.net.key_files import read_access_key
from geventim.net.standard_output import gathered_output, print_lines

DONE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
NO_SERVER: Final = 3
UNTRUSTED: Final = 4
REFUSED: Final = 5
INTERRUPTED: Final = 130

CODES: Final = {"untrusted_key": UNTRUSTED, "other_version": NO_SERVER}
"""Exit codes of the errors that are no refusal."""


def main(usage: str, words: list[str]) -> int:
    """Do what ``words`` say, as the docopt text ``usage`` explains them; the exit code."""
    try:
        with gathered_output():
            options = docopt(usage, words, version=f"geventim {__version__}")
        plan = _plan(options)
        links = parse_links(options["ADDRESSES"])
        key_file = options["--access-key-file"]
        psk = read_access_key(Path(key_file)) if key_file else None
    except DocoptExit as error:
        print(error, file=sys.stderr)
        return USAGE
    except UserError as error:
        print(f"eim-load: {error}", file=sys.stderr)
        return USAGE
    _raise_file_limit()
    run = Run(plan, links, psk, _progress())
    _stop_on_signals(run)
    try:
        report = run.carry_out()
    except UserError as error:
        print(f"eim-load: {error}", file=sys.stderr)
        return CODES.get(error.code, REFUSED)
    except GeventIMError as error:
        print(f"eim-load: {error}.", file=sys.stderr)
        return NO_SERVER
    try:
        print_lines([report.to_json() if options["--json"] else report.to_text()])
    except UserError as error:
        print(f"eim-load: {error}", file=sys.stderr)
        return FAILED
    return DONE if report.faultless else FAILED


def _plan(options: dict[str, Any]) -> Plan:
    e2e = options["--e2e"]
    most_clients = member.MOST if e2e else 1_000_000
    least, most = (
        (member.LEAST_TEXT, member.MOST_TEXT) if e2e else (marks.SIZE, limits.PAYLOAD_SIZE)
    )
    clients = int(_number("--clients", options["--clients"], 2, most_clients))
    return Plan(
        clients=clients,
        senders=int(_number("--senders", options["--senders"], 1, clients)),
        rate=_number("--rate", options["--rate"], 0.001, 1_000_000),
        size=int(_number("--size", options["--size"], least, most)),
        duration=_number("--duration", options["--duration"], 0.001, 1_000_000),
        e2e=e2e,
    )


def _number(option: str, text: str, least: float, most: float) -> float:
    """``text`` as a whole number, or with decimals where ``least`` has some."""
    kind = type(least)
    try:
        value = kind(text)
    except ValueError:
        value = None
    if value is None or not least <= value <= most:
        raise UserError("usage", f"{option} is a number from {least:,} to {most:,}, not '{text}'.")
    return value


def _progress() -> Progress:
    """One line on a terminal, written again and again; else one after the other."""
    end = "\x1b[K\r" if sys.stderr.isatty() else "\n"
    return lambda line: print(line, end=end, file=sys.stderr, flush=True)


def _stop_on_signals(run: Run) -> None:
    """The first SIGINT or SIGTERM ends the sending, the second one the process."""
    signals = 0

    def stop() -> None:
        nonlocal signals
        signals += 1
        if signals > 1:
            os._exit(INTERRUPTED)
        run.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        gevent.signal_handler(number, stop)


def _raise_file_limit() -> None:
    """Every client takes a descriptor."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
