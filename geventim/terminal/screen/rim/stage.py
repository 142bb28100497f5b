"""The full screen of one session, from the first frame until the terminal is given back."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import gevent

from geventim.app.ending import Ending
from geventim.app.settings import Settings
from geventim.app.stay import Stay
from geventim.lines.commands import COMMANDS
from geventim.terminal.output import STDIN, STDOUT, Writer
from geventim.terminal.screen.attention import Attention
from geventim.terminal.screen.drawing.themes import Theme, table
from geventim.terminal.screen.model import Model
from geventim.terminal.screen.rim.front import FullScreen
from geventim.terminal.screen.rim.painter import Painter
from geventim.terminal.screen.rim.tty import Terminal

FEW: Final = 16
MANY: Final = 256
"""Colours that a terminal has, as far as its name says."""


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
    ) -> "Stage":
        """The session of ``settings``, on the terminal of this process.

        Who ``resumes`` is where they were last, if that is known.
        """
        commands = {name: (each.usage, each.help) for name, each in COMMANDS.items()}
        attention = Attention(quiet=quiet)
        model = Model(settings.nick, settings.room, time.time, commands, attention, resumes=resumes)
        terminal = Terminal(STDIN, STDOUT)
        painter = Painter(table(_theme(environment), _colours(environment)))
        # Nobody sees what is written any more: the same as when they leave.
        writer = Writer(lambda _: session.leave())
        front = FullScreen(model, terminal, painter, lambda text: writer.write(STDOUT, text))
        session = Stay(settings, front, front.ask_passphrase)
        return cls(session, front, terminal)

    def run(self) -> Ending:
        """Talk until it is over; how it ended. The terminal is as it was before, whatever comes."""
        self.terminal.enter()
        try:
            attending = gevent.spawn(self.front.attend, self.session)
            attending.link_exception(lambda _: self.session.leave())
            try:
                how = self.session.run()
            finally:
                attending.kill()
        finally:
            self.terminal.leave()
        if attending.exception is not None and not attending.successful():
            attending.get()
        return how


def is_possible(environment: Mapping[str, str]) -> bool:
    """Whether both ends are a terminal that can be drawn on."""
    is_simple = environment.get("TERM", "dumb") in {"dumb", "unknown", ""}
    return not is_simple and os.isatty(STDIN) and os.isatty(STDOUT)


def _theme(environment: Mapping[str, str]) -> Theme:
    if environment.get("NO_COLOR"):
        return Theme.PLAIN
    # Terminals that say it give the colour of the text and of the background.
    background = environment.get("COLORFGBG", "").rpartition(";")[2]
    return Theme.LIGHT if background in {"7", "15"} else Theme.DARK


def _colours(environment: Mapping[str, str]) -> int:
    is_rich = "256" in environment.get("TERM", "") or bool(environment.get("COLORTERM"))
    return MANY if is_rich else FEW
