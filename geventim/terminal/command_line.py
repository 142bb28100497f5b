"""From the words of the command line to the exit code.

SCREEN: what draws the full screen is imported where there is one, as it is a fourth of all that a
client loads.
"""

import gc
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
from geventim.app.state import State
from geventim.app.stay import Stay, is_attachable
from geventim.app.view import View
from geventim.chat.names import check_nick
from geventim.client import wishes
from geventim.client.events import Error
from geventim.client.wish_lines import WISH_SIZE
from geventim.client.wishes import BadWishError
from geventim.errors import StoreError, UserError
from geventim.lines.line_mode import LineMode
from geventim.lines.refusals import explain
from geventim.lines.sentences import describe
from geventim.net.standard_output import gathered_output, print_lines
from geventim.terminal.browser import Browser
from geventim.terminal.echo import Echo
from geventim.terminal.errands import Answers, Watch, read_text, send
from geventim.terminal.identity import change_passphrase, export_identity, import_identity
from geventim.terminal.input import Input
from geventim.terminal.options import (
    NICK,
    check_text,
    is_errand,
    is_full_screen,
    is_program,
    is_terminal,
    place_of,
    seconds_of,
    settings_of,
)
from geventim.terminal.output import STDIN, People, Program, Writer
from geventim.terminal.passphrases import Passphrases
from geventim.terminal.paths import absolute
from geventim.terminal.prompts import ask, show
from geventim.terminal.reader import Reader
from geventim.terminal.rendering import Renderer
from geventim.terminal.sanitizer import sanitize
from geventim.terminal.typist import Typist
from geventim.web.opening import opener
from geventim.wire.lines import Item

HINT: Final = "; @help lists what you can type"
"""What somebody who has just come to a terminal may not know."""

OTHER_NICK: Final = frozenset({"nick_taken", "bad_name"})
"""Codes of what a server has against a nick alone."""


def main(usage: str, words: list[str]) -> int:
    """Do what ``words`` say, as the docopt text ``usage`` explains them; the exit code."""
    # Until a session takes them, signals end the process as they do elsewhere.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    lines, echo = Input(STDIN), Echo(STDIN)
    reader = Reader(iter(lines))
    gevent.signal_handler(signal.SIGCONT, echo.resume)
    asking = Passphrases(show, reader.answers(), echo) if os.isatty(STDIN) else None
    try:
        with gathered_output():
            options = docopt(usage, words, version=f"geventim {__version__}")
        if options["config"]:
            return _configure(options)
        if options["import"]:
            return _import(options, lines, asking, echo)
        if is_program(options):
            lines.limit = WISH_SIZE
        check_text(options)
        settings = settings_of(options, lines)
        options["--wait"] = seconds_of(options["--wait"])
        place_of(options)
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
            if is_full_screen(options)
            else _talk(settings, options, reader, asking, echo)
        )
        if _asks_again(options, how):
            with suppress(UserError):
                nick = ask(NICK, show, iter(lines), check_nick)
                settings = replace(settings, nick=nick, passphrase=None)
                continue
        return exit_code


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
    if State(settings, show).locked:
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
    is_asked = is_terminal(options) and os.isatty(STDIN) and not is_errand(options)
    line_mode = LineMode(settings.nick, settings.room, asks=is_asked)
    watch = Watch(view, options["TO"]) if options["tail"] else None
    typist = _typist(view if watch is None else watch, echo, line_mode, options)
    if is_asked and options["--room"] is None:
        typist.resume()
    session = Stay(settings, typist, partial(_passphrase, settings, asking))
    if watch is not None:
        watch.stay = session
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
    how = typist.ending(how) if watch is None else watch.ending(how)
    _report(how, view, as_json=is_program(options))
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


def _typist(view: View, echo: Echo, line_mode: LineMode, options: dict[str, Any]) -> Typist:
    """Who takes what is typed, and shows in ``view`` what becomes of it."""
    if options["ask"]:
        return Typist(Answers(view), echo, line_mode)
    if isinstance(view, People):
        view.prompt = lambda: sanitize(line_mode.prompt)
        return Typist(view, echo, line_mode, view.ask, reads=is_terminal(options))
    return Typist(view, echo, line_mode)


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
    return Browser(settings, place_of(options), lambda event: view.show([Note(event)]), program)


def _view(settings: Settings, options: dict[str, Any], writer: Writer) -> View:
    if is_program(options):
        return Program(writer)
    terminal = is_terminal(options)
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
    # What was loaded stays: nothing that is said waits until it was looked through for garbage.
    gc.freeze()
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
