"""What a session is told to do."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from geventim.app import backoff
from geventim.channel.connection import Trace
from geventim.chat.links import Link
from geventim.client import measures
from geventim.client.answers import Answer
from geventim.client.events import Event
from geventim.client.measures import Measures
from geventim.client.steps import pulse
from geventim.client.steps.pulse import Rhythm
from geventim.errors import UserError


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a session is patient with.

    :ivar first: Seconds within which the first attempt to come back is made.
    :ivar longest: Seconds within which every later one follows.
    :ivar retry: Seconds after which somebody who found neither a free vault nor an open door tries
        again.
    :ivar turns: How often they do.
    :ivar entry: Seconds between two answers of a server while we come in.
    :ivar drain: Seconds for what is on its way when somebody wants to leave.
    :ivar queue: Lines or wishes of a front end that may wait; more are left where they come from.
    :ivar rhythm: How the connection is watched.
    :ivar measures: What the client itself goes by.
    """

    first: float = backoff.FIRST
    longest: float = backoff.LONGEST
    retry: float = 0.1
    turns: int = 100
    entry: float = 30.0
    drain: float = 5.0
    queue: int = 1_000
    rhythm: Rhythm = pulse.USUAL
    measures: Measures = measures.USUAL


@dataclass(frozen=True, slots=True)
class Settings:
    """Who talks where. ``psk`` is the 32-byte key that an access key stands for.

    ``data`` is the directory of all state, ``trace`` gets each record as it is on the wire.
    ``passphrase`` opens the user's vault, and seals one that is open. ``recall`` is how many of the
    last messages are told again in the beginning. ``others`` are more addresses of the same server.
    Who ``stays`` goes on without the server where they have been before, until it is there.
    ``describe`` puts the sentences for people into what is told.
    """

    link: Link
    nick: str
    room: str
    data: Path
    psk: bytes | None = field(default=None, repr=False)
    trace: Trace | None = None
    passphrase: str | None = field(default=None, repr=False)
    recall: int = 0
    others: tuple[Link, ...] = ()
    stays: bool = False
    describe: Callable[[Event | Answer], Event | Answer] = lambda told: told
    bounds: Bounds = Bounds()


def data_directory(given: str | None) -> Path:
    """Where everything is kept: ``given``, else ``$EIM_DATA``, else the platform's place.

    Raises :class:`UserError` with code ``no_home`` where that is not known.
    """
    chosen = given or os.environ.get("EIM_DATA")
    try:
        place = Path(chosen) if chosen else Path(platformdirs.user_data_dir("geventim"))
    except (OSError, RuntimeError):
        place = Path()
    if not chosen and not place.is_absolute():
        raise UserError(
            "no_home",
            "It is not known where data are kept on this machine.",
            "Name a directory with --data, or in $EIM_DATA.",
        )
    return place
