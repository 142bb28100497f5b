"""The full screen of one session, from the first frame until the terminal is given back."""

import gc
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Final

import gevent

from geventim.app.ending import Ending
from geventim.app.files.pictures import sample
from geventim.app.settings import Settings
from geventim.app.stay import Stay
from geventim.lines.commands.catalog import COMMANDS
from geventim.terminal.output import STDIN, STDOUT, Writer
from geventim.terminal.paths import beginning
from geventim.terminal.screen.configuration.configuration import (
    AUTO,
    KITTY,
    Configuration,
    Fault,
    read,
)
from geventim.terminal.screen.configuration.looks import parse_look
from geventim.terminal.screen.drawing.themes import EXACT, FEW, MANY, Theme, table
from geventim.terminal.screen.model import Model
from geventim.terminal.screen.rim import sequences
from geventim.terminal.screen.rim.front import FullScreen
from geventim.terminal.screen.rim.narrator import Narrator
from geventim.terminal.screen.rim.painter import Painter
from geventim.terminal.screen.rim.plates import Plates
from geventim.terminal.screen.rim.tty import Terminal

FILE: Final = "client.toml"
"""Where the user says how they want it, in the directory of their data."""

SWITCH_INTERVAL: Final = 0.0005
"""Seconds in which the thread of the vault, or of the terminal, may keep others from computing."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A session that is shown on the whole terminal."""

    session: Stay
    front: FullScreen
    terminal: Terminal

    @classmethod
    def set_up(
        cls,
        settings: Settings,
        environment: Mapping[str, str],
        *,
        quiet: bool = False,
        resumes: bool = False,
        ends: tuple[int, int] = (STDIN, STDOUT),
    ) -> "Stage":
        """The session of ``settings``, on the terminal that has these two ``ends``.

        Who ``resumes`` is where they were last, if that is known.
        """
        commands = {name: (each.usage, each.help) for name, each in COMMANDS.items()}
        wanted, faults = configure(settings.data)
        colours = colours_of(environment)
        theme = choose_theme(wanted.theme, environment)
        has_colours = theme is not Theme.MONO and colours > FEW
        model = Model(
            settings.nick,
            settings.room,
            time.time,
            commands,
            replace(wanted.attention, quiet=quiet),
            wanted.keymap,
            str(settings.link),
            lru_cache(1)(beginning),
            resumes=resumes,
            pictures=bool(wanted.pictures) and has_colours and not wanted.aloud,
        )
        for fault in faults:
            model.remark(f"{FILE}, {fault}", problem=True)
        terminal = Terminal(*ends)
        if wanted.aloud:
            terminal = Terminal(*ends, sequences.ENTER_LINES, sequences.LEAVE_LINES)
        own = {style: parse_look(look) for style, look in wanted.styles.items()}
        plates = Plates(tmux="TMUX" in environment)
        painter = Painter(table(theme, colours, own), colours, plates=plates)
        canvas = Narrator() if wanted.aloud else painter
        # Nobody sees what is written any more: the same as when they leave.
        writer = Writer(lambda _: session.leave())
        ways = () if wanted.desktop == "none" else (wanted.desktop,)
        front = FullScreen(
            model,
            terminal,
            canvas,
            lambda text: writer.write(ends[1], text),
            alone=writer.alone,
            bell=wanted.bell,
            ways=sequences.ways_of(environment) if wanted.desktop == AUTO else ways,
            # The number of a picture is a colour.
            sample=partial(sample, fine=wanted.pictures == KITTY and colours == EXACT),
        )
        session = Stay(settings, front, front.ask_passphrase)
        return cls(session, front, terminal)

    def run(self) -> Ending:
        """Talk until it is over; how it ended. The terminal is as it was before, whatever comes."""
        self.terminal.enter()
        try:
            attending = gevent.spawn(self.front.attend, self.session)
            attending.link_exception(lambda _: self.session.leave())
            tuning = gevent.spawn(_tune, self.session)
            try:
                how = self.session.run()
            finally:
                attending.kill()
                tuning.kill()
        finally:
            self.terminal.leave()
        if attending.exception is not None and not attending.successful():
            attending.get()
        return how


def _tune(session: Stay) -> None:
    """Set what the interpreter decides for the whole process, so that no key waits for it."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    session.await_entry()
    # What was loaded stays as long as the session: nobody needs to look through it for garbage.
    gc.freeze()


def configure(data: Path) -> tuple[Configuration, tuple[Fault, ...]]:
    """How the user wants it who has their data there, and what is wrong with how they say it."""
    try:
        return read((data / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Configuration(), ()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        return Configuration(), (Fault(0, f"it cannot be read: {why}."),)


def choose_theme(chosen: str, environment: Mapping[str, str]) -> Theme:
    """The theme that was ``chosen``, or the one that fits the terminal."""
    if chosen != AUTO:
        return Theme(chosen)
    if environment.get("NO_COLOR"):
        return Theme.MONO
    # Terminals that say it give the colour of the text and of the background.
    background = environment.get("COLORFGBG", "").rpartition(";")[2]
    return Theme.LIGHT if background in {"7", "15"} else Theme.DARK


def colours_of(environment: Mapping[str, str]) -> int:
    """Colours that a terminal has, as far as it says."""
    if environment.get("COLORTERM") in {"truecolor", "24bit"}:
        return EXACT
    is_rich = "256" in environment.get("TERM", "") or bool(environment.get("COLORTERM"))
    return MANY if is_rich else FEW
