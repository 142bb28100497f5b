"""From the words of the command line to the exit code.

SCREEN: what draws the full screen is imported where there is one, as it is a fourth of all that a
client loads.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import gevent
from docopt import DocoptExit, docopt

from geventim import __version__
from geventim.app import ending
from geventim.app.ending import Ending
from geventim.app.note import Note
from geventim.app.settings import Settings, data_directory
from geventim.app.state import State, known_server
from geventim.app.stay import Stay, is_attachable
from geventim.app.view import View
from geventim.chat.links import DEFAULT_HOST, DEFAULT_PORT, Link, format_address, parse_links
from geventim.chat.names import check_name, check_nick
from geventim.client import wishes
from geventim.client.events import Error
from geventim.client.wishes import BadWishError
from geventim.errors import StoreError, UserError
from geventim.lines.line_mode import LineMode
from geventim.lines.refusals import explain
from geventim.lines.sentences import describe
from geventim.net.key_files import read_access_key
from geventim.net.standard_output import gathered_output, print_lines
from geventim.net.trace import print_record
from geventim.terminal.browser import Browser
from geventim.terminal.echo import Echo
from geventim.terminal.errands import Answers, Watch, read_text, send
from geventim.terminal.identity import change_passphrase, export_identity, import_identity
from geventim.terminal.input import Input
from geventim.terminal.output import STDIN, STDOUT, People, Program, Writer, can_be_drawn_on
from geventim.terminal.passphrases import Passphrases
from geventim.terminal.paths import absolute
from geventim.terminal.prompts import ask
from geventim.terminal.reader import Reader
from geventim.terminal.rendering import Renderer
from geventim.terminal.sanitizer import sanitize
from geventim.terminal.typist import Typist
from geventim.web.opening import opener
from geventim.web.place import Place
from geventim.wire.lines import Item

RECALLED: Final = 10
"""Messages that are shown again on a terminal in the beginning."""

WISH_SIZE: Final = 1024 * 1024
"""Bytes of a line that a program may write."""

HINT: Final = "; @help lists what you can type"
"""What somebody who has just come to a terminal may not know."""

NICK: Final = "Your nick: "

FIRST_ROOM: Final = "lobby"
"""Where somebody is who has said nothing else."""

ERRANDS: Final = ("send", "tail", "ask")
"""Words of the command line for one thing to be done."""

LONGEST_WAIT: Final = 86_400.0
"""Seconds after which nobody waits any more."""

OTHER_NICK: Final = frozenset({"nick_taken", "bad_name"})
"""Codes of what a server has against a nick alone."""

DEFAULT_ADDRESS: Final = format_address(DEFAULT_HOST, DEFAULT_PORT)


def main(usage: str, words: list[str]) -> int:
    """Do what ``words`` say, as the docopt text ``usage`` explains them; the exit code."""
    # Until a session takes them, signals end the process as they do elsewhere.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    lines, echo = Input(STDIN), Echo(STDIN)
    reader = Reader(iter(lines))
    gevent.signal_handler(signal.SIGCONT, echo.resume)
    asking = Passphrases(_show, reader.answers(), echo) if os.isatty(STDIN) else None
    try:
        with gathered_output():
            options = docopt(usage, words, version=f"geventim {__version__}")
        if options["config"]:
            return _configure(options)
        if options["import"]:
            return _import(options, lines, asking, echo)
        if _is_program(options):
            lines.limit = WISH_SIZE
        settings = _settings(options, lines)
        options["--wait"] = _seconds(options["--wait"])
        _place(options)
    except DocoptExit as error:
        print(error, file=sys.stderr)
        return ending.USAGE
    except (UserError, StoreError) as error:
        _complain(explain(error))
        return ending.USAGE if isinstance(error, UserError) else ending.FAILED
    while True:
        try:
            with _echo_again(echo):
                if options["export"] or options["passphrase"] or not is_attachable(settings):
                    settings = _unlock(settings, asking, wanted=options["--passphrase"])
                if options["export"]:
                    export_identity(settings, Path(options["FILE"]), asking)
                    return ending.DONE
                if options["passphrase"] and asking is not None:
                    change_passphrase(settings, asking)
                    return ending.DONE
        except (UserError, StoreError) as error:
            _complain(explain(error))
            return ending.FAILED
        if options["send"]:
            return _send(settings, options, asking)
        how, exit_code = (
            _talk_on_screen(settings, options)
            if _is_full_screen(options)
            else _talk(settings, options, reader, asking, echo)
        )
        if _asks_again(options, how):
            with suppress(UserError):
                nick = ask(NICK, _show, iter(lines), check_nick)
                settings = replace(settings, nick=nick, passphrase=None)
                continue
        return exit_code


def _settings(options: dict[str, Any], lines: Input) -> Settings:
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
    if _is_errand(options) and nick is not None and options["ADDRESS"] is None:
        link, *others = known_server(data, nick)
    else:
        link, *others = _links(options["ADDRESS"], answers)
    return Settings(
        link,
        nick or ask(NICK, _show, answers or iter(()), check_nick),
        room,
        data,
        psk,
        print_record if options["--trace"] else None,
        recall=0 if _is_full_screen(options) or not _is_terminal(options) else RECALLED,
        others=tuple(others),
        stays=answers is not None or options["--listen"],
        describe=describe,
    )


def _links(given: str | None, answers: Iterator[Item] | None) -> tuple[Link, ...]:
    if given is None and answers is not None:
        question = f"Address of the server [{DEFAULT_ADDRESS}]: "
        return ask(question, _show, answers, lambda text: parse_links(text or DEFAULT_ADDRESS))
    return parse_links(DEFAULT_ADDRESS if given is None else given)


def _configure(options: dict[str, Any]) -> int:
    """Print how the full screen is set up, as the file that says so, and what is wrong with it."""
    from geventim.terminal.screen.configuration.printing import lines_of  # noqa: PLC0415 - SCREEN
    from geventim.terminal.screen.rim.stage import FILE, configure  # noqa: PLC0415 - SCREEN

    data = data_directory(options["--data"])
    wanted, faults = configure(data)
    place = data / FILE
    print_lines(
        [f"# {place}{'' if place.exists() else ', which there is not yet'}", *lines_of(wanted)]
    )
    for fault in faults:
        _complain(f"{place}, {fault}")
    return ending.USAGE if faults else ending.DONE


def _import(options: dict[str, Any], lines: Input, asking: Passphrases | None, echo: Echo) -> int:
    data, locked = data_directory(options["--data"]), options["--passphrase"]
    try:
        with _echo_again(echo):
            file, named = Path(options["FILE"]), options["--data"]
            import_identity(file, data, lines, asking, locked=locked, named=named)
    except (UserError, StoreError) as error:
        _complain(explain(error))
        return ending.FAILED
    return ending.DONE


def _unlock(settings: Settings, asking: Passphrases | None, *, wanted: bool) -> Settings:
    """``settings`` with the passphrase that the user's data need, or are ``wanted`` to."""
    if asking is None:
        return settings
    if State(settings, _show).locked:
        passphrase = _passphrase(settings, asking)
    elif wanted:
        passphrase = asking.choose(f"New passphrase of {settings.nick}: ")
    else:
        return settings
    return replace(settings, passphrase=passphrase)


def _passphrase(settings: Settings, asking: Passphrases | None) -> str | None:
    """What opens the user's data, if anybody can be asked."""
    return None if asking is None else asking.ask(f"Passphrase of {settings.nick}: ")


def _asks_again(options: dict[str, Any], how: Ending) -> bool:
    """Whether somebody who was asked for a nick is to be asked for another one."""
    is_refused = how.error is not None and how.error.code in OTHER_NICK
    return is_refused and options["--nick"] is None


@contextmanager
def _echo_again(echo: Echo) -> Iterator[None]:
    """See to it that the terminal shows what is typed when a signal ends the process."""

    def give_up() -> None:
        echo.hide(False)
        os._exit(ending.INTERRUPTED)

    stop = _handle({signal.SIGINT: give_up, signal.SIGTERM: give_up})
    try:
        yield
    finally:
        stop()


def _show(text: str) -> None:
    print(text, end="", file=sys.stderr, flush=True)


def _send(settings: Settings, options: dict[str, Any], asking: Passphrases | None) -> int:
    """Send one message, and say why that did not come about."""
    try:
        files = tuple(map(absolute, options["--file"]))
        text = "" if files and options["TEXT"] is None else read_text(options["TEXT"])
        unlock = partial(_passphrase, settings, asking)
        how = send(settings, options["TO"], text, options["--wait"], unlock, files)
    except StoreError as error:
        how = ending.failed(error)
    except UserError as error:
        how = Ending(ending.USAGE, error)
    if how.error is not None:
        _complain(explain(how.error))
    return how.exit_code


def _seconds(text: str) -> float:
    """How long somebody waits. Raises :class:`UserError` for what is no time."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.0 < seconds <= LONGEST_WAIT:
        raise UserError("usage", f"'{text}' is no number of seconds to wait.")
    return seconds


def _talk(
    settings: Settings,
    options: dict[str, Any],
    reader: Reader,
    asking: Passphrases | None,
    echo: Echo,
) -> tuple[Ending, int]:
    """Be there until it is over; how that came, and the exit code."""
    broken: list[OSError] = []

    def end_output(error: OSError) -> None:
        broken.append(error)
        session.leave()

    view = _view(settings, options, Writer(end_output))
    is_asked = _is_terminal(options) and os.isatty(STDIN) and not _is_errand(options)
    line_mode = LineMode(settings.nick, settings.room, asks=is_asked)
    if _is_errand(options):
        narrowed = Answers(view) if options["ask"] else Watch(view, options["TO"])
        typist = Typist(narrowed, echo, line_mode)
    elif isinstance(view, People):
        view.prompt = lambda: sanitize(line_mode.prompt)
        typist = Typist(view, echo, line_mode, view.ask, reads=_is_terminal(options))
    else:
        typist = Typist(view, echo, line_mode)
    if is_asked and options["--room"] is None:
        typist.resume()
    session = Stay(settings, typist, partial(_passphrase, settings, asking))
    browser = _browser(settings, options, typist, has_terminal=is_asked)
    typist.browse = browser.open
    if options["--web"]:
        browser.begin(session)
    is_wishing = options["--wishes"] or options["ask"]
    read = _wish if is_wishing else _wish_or_type if options["--json"] else Typist.type
    attending = gevent.spawn(typist.attend, session)
    reading = gevent.spawn(
        _read, partial(read, typist), typist, session, reader, options["--listen"]
    )
    if options["tail"]:
        reading.kill()
    give_up_signals = _leave_on_signals(session, partial(echo.hide, False))
    try:
        how = session.run()
    except StoreError as error:
        how = ending.failed(error)
    finally:
        reading.kill(block=False)
        attending.kill(block=False)
        browser.close()
        echo.hide(False)
    how = typist.ending(how)
    _report(how, view, as_json=_is_program(options))
    if _asks_again(options, how):
        give_up_signals()
    if broken and not isinstance(broken[0], BrokenPipeError):
        _complain(f"The output cannot be written: {broken[0].strerror}.")
        return how, ending.FAILED
    # Who types sees what became of a line; a script has the exit code.
    if how.refused and how.exit_code == ending.DONE and not os.isatty(STDIN):
        _complain(f"{_lines(how.refused)} refused.")
        return how, ending.FAILED
    return how, how.exit_code


def _talk_on_screen(settings: Settings, options: dict[str, Any]) -> tuple[Ending, int]:
    """The same on the whole terminal."""
    from geventim.terminal.screen.rim.stage import Stage  # noqa: PLC0415 - SCREEN

    resumes = options["--room"] is None
    stage = Stage.set_up(settings, os.environ, quiet=options["--quiet"], resumes=resumes)
    give_up_signals = _leave_on_signals(stage.session, stage.terminal.leave)
    browser = _browser(settings, options, stage.front, has_terminal=True)
    stage.front.browse = browser.open
    if options["--web"]:
        browser.begin(stage.session)
    try:
        how = stage.run()
    except StoreError as error:
        how = ending.failed(error)
    finally:
        browser.close()
    _report(how, stage.front, as_json=False)
    if _asks_again(options, how):
        give_up_signals()
    return how, how.exit_code


def _browser(
    settings: Settings, options: dict[str, Any], view: View, *, has_terminal: bool
) -> Browser:
    """What leads a browser here; links are shown in ``view``."""
    program = opener(os.environ) if has_terminal else None
    return Browser(settings, _place(options), lambda event: view.show([Note(event)]), program)


def _place(options: dict[str, Any]) -> Place:
    """Where browsers come in. Raises :class:`UserError`."""
    return Place.of(options["--web-host"], options["--web-cert"], options["--web-key"])


def _is_full_screen(options: dict[str, Any]) -> bool:
    """Whether somebody is there who sees a whole screen, and wants to."""
    is_other = options["--lines"] or options["--plain"] or options["--trace"]
    is_other = is_other or _is_errand(options) or _is_program(options)
    return not is_other and can_be_drawn_on(os.environ)


def _is_program(options: dict[str, Any]) -> bool:
    """Whether what is shown is for a program."""
    return bool(options["--json"] or options["--wishes"] or options["ask"])


def _is_errand(options: dict[str, Any]) -> bool:
    """Whether one thing is to be done, by a user who has been here before."""
    return any(options[errand] for errand in ERRANDS)


def _is_terminal(options: dict[str, Any]) -> bool:
    """Whether lines are shown to somebody who looks at them."""
    return os.isatty(STDOUT) and not options["--plain"] and not _is_program(options)


def _view(settings: Settings, options: dict[str, Any], writer: Writer) -> View:
    if _is_program(options):
        return Program(writer)
    terminal = _is_terminal(options)
    is_simple = os.environ.get("TERM") == "dumb"
    return People(
        writer,
        Renderer(settings.room, time.time, HINT) if terminal else Renderer(settings.room),
        terminal=terminal,
        colour=terminal and not is_simple and not os.environ.get("NO_COLOR"),
        fresh=terminal and not is_simple and os.isatty(STDIN),
        bell=terminal and not options["--quiet"],
    )


def _read(
    take: Callable[[str], None], typist: Typist, session: Stay, reader: Reader, listen: bool
) -> None:
    """Give every line to the session, once there is somebody to say it to."""

    def take_or_reject(line: Item) -> None:
        if isinstance(line, UserError):
            typist.reject(line)
        else:
            take(line)

    session.await_entry()
    reader.read(take_or_reject)
    if not listen:
        typist.end_input()


def _wish_or_type(typist: Typist, line: str) -> None:
    """Take a line of a program, which is a wish or what a person would type."""
    if line.startswith("{"):
        _wish(typist, line)
    else:
        typist.type(line)


def _wish(typist: Typist, line: str) -> None:
    """Take a line that is to be a wish."""
    try:
        wish = wishes.decode(line)
    except BadWishError as error:
        typist.refuse(error)
    else:
        typist.wish(wish)


def _leave_on_signals(session: Stay, restore: Callable[[], None]) -> Callable[[], None]:
    """The first SIGINT or SIGTERM ends the session, a second one the process, by ``restore``.

    A terminal that is closed sends SIGHUP, often twice. Returns what gives signals up again.
    """
    signals = 0

    def take() -> None:
        nonlocal signals
        signals += 1
        if signals > 1:
            restore()
            os._exit(ending.INTERRUPTED)
        session.leave()

    calls = {signal.SIGINT: take, signal.SIGTERM: take}
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        calls[signal.SIGHUP] = session.leave
    return _handle(calls)


def _handle(calls: dict[signal.Signals, Callable[[], None]]) -> Callable[[], None]:
    """Make these calls when signals come; what is returned lets these end the process again."""
    watchers = [gevent.signal_handler(number, call) for number, call in calls.items()]

    def give_up() -> None:
        for number, watcher in zip(calls, watchers, strict=True):
            watcher.cancel()
            signal.signal(number, signal.SIG_DFL)

    return give_up


def _report(how: Ending, view: View, *, as_json: bool) -> None:
    """Say why it ended, if there is anything to say."""
    if how.error is not None:
        if as_json:
            view.show([Note(describe(Error.by(how.error)))])
        _complain(explain(how.error))
    if how.undelivered:
        _complain(f"{_lines(how.undelivered)} not delivered.")
    if how.queued:
        messages = "1 message waits" if how.queued == 1 else f"{how.queued} messages wait"
        _complain(f"{messages} here, to be sent when you connect again.")


def _lines(count: int) -> str:
    return "1 line was" if count == 1 else f"{count} lines were"


def _complain(text: str) -> None:
    print(f"eim-client: {sanitize(text)}", file=sys.stderr)
