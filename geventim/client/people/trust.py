"""Trust in people: which identity key a nick stands for, and whether a person has compared it.

Pins are one-to-one between nick and identity key, and made at first sight. What contradicts a pin
does not change it: it is a *rival*, kept until a person decides to trust it, or the pinned key is
seen again.

============== ==================================================
``pin/NICK``   the pin of a nick
``rival/NICK`` who was last seen instead
============== ==================================================

Names are folded there, so that two spellings of a nick have one pin.
"""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec
from msgspec import Struct

from geventim.chat import names
from geventim.client.kept.memory import Memory
from geventim.errors import DeniedError, StoreError

PIN: Final = "pin/"
RIVAL: Final = "rival/"

_fold = functools.lru_cache(4_096)(names.fold)
_skeleton = functools.lru_cache(4_096)(names.skeleton)


class Standing(StrEnum):
    """What we hold of somebody who comes with a nick and an identity key."""

    VERIFIED = "verified"
    """A person has compared the safety number."""
    UNVERIFIED = "unverified"
    """The key is the one that was seen first."""
    CHANGED = "changed"
    """Nick or key was pinned to another one; nothing is sent until a person trusts it."""


class News(StrEnum):
    """What was not known before."""

    FIRST = "first"
    """Nick and key are new."""
    OTHER_KEY = "other-key"
    """The nick is pinned to another key."""
    OTHER_NICK = "other-nick"
    """The key is pinned to another nick."""
    LOOKALIKE = "look-alike"
    """The nick looks like another one that is pinned; servers must not allow that."""


class Pin(Struct, frozen=True):
    """``identity`` is the 32-byte key of ``nick``.

    ``since`` is when it was first seen, ``verified`` when its safety number was compared, both in
    seconds since the epoch; the latter is 0 if it was not.
    """

    nick: str
    identity: bytes
    since: float
    verified: float = 0

    @property
    def standing(self) -> Standing:
        """What we hold of who has this key."""
        return Standing.VERIFIED if self.verified else Standing.UNVERIFIED


@dataclass(frozen=True, slots=True)
class Sighting:
    """What we hold of somebody, and what was new about them.

    ``known`` is the pinned nick that they contradict.
    """

    standing: Standing
    news: News | None = None
    known: str = ""


_encoder = msgspec.msgpack.Encoder()
_pins = msgspec.msgpack.Decoder(Pin)


class Trust:
    """Every pin and every rival of the user with this ``nick`` and ``identity`` key.

    The user is pinned as well, for ever. ``changes`` counts how often it has changed what we hold
    of anybody. ``clock`` gives seconds since the epoch. Raises :class:`StoreError` if what was kept
    is damaged.
    """

    def __init__(
        self, memory: Memory, clock: Callable[[], float], nick: str, identity: bytes
    ) -> None:
        self._memory = memory
        self._clock = clock
        self._own = _fold(nick)
        self._pins = {name: _load(kept) for name, kept in memory.under(PIN)}
        self._pins[self._own] = Pin(nick, identity, clock(), clock())
        self._rivals = {name: _load(kept) for name, kept in memory.under(RIVAL)}
        self._owners = {pin.identity: name for name, pin in self._pins.items()}
        self._looks = {_skeleton(pin.nick): name for name, pin in self._pins.items()}
        self._shown: dict[str, bytes] = {}
        self.changes = 0

    def pin(self, nick: str) -> Pin | None:
        """The pin of ``nick``."""
        return self._pins.get(_fold(nick))

    @property
    def nicks(self) -> list[str]:
        """Everybody who is pinned, but for the user."""
        return [pin.nick for name, pin in self._pins.items() if name != self._own]

    def rival(self, nick: str) -> Pin | None:
        """Who waits to be trusted under ``nick``."""
        return self._rivals.get(_fold(nick))

    def candidate(self, nick: str) -> Pin | None:
        """Whom a person would verify or trust: the rival of ``nick``, else who is pinned."""
        return self.rival(nick) or self.pin(nick)

    def show(self, nick: str) -> Pin | None:
        """The same, whose key a person is now shown to compare."""
        candidate = self.candidate(nick)
        if candidate is not None:
            self._shown[_fold(nick)] = candidate.identity
        return candidate

    def standing(self, nick: str, identity: bytes) -> Standing:
        """What we hold of ``nick`` with the key ``identity``, whether seen before or not.

        An old account contradicts nobody: the server says itself that the nick is not theirs now.
        """
        name = _fold(nick)
        pin = self._pins.get(name)
        if nick.endswith(names.OLD) and (pin is None or pin.identity != identity):
            return Standing.UNVERIFIED
        if pin is None:
            contradicted = identity in self._owners or _skeleton(nick) in self._looks
            return Standing.CHANGED if contradicted else Standing.UNVERIFIED
        return pin.standing if pin.identity == identity else Standing.CHANGED

    def see(self, nick: str, identity: bytes) -> Sighting:
        """Take notice of ``nick`` with the key ``identity``; at first sight they are pinned."""
        if nick.endswith(names.OLD):
            self._retire(nick, identity)
            return Sighting(self.standing(nick, identity))
        standing = self.standing(nick, identity)
        name = _fold(nick)
        if standing is not Standing.CHANGED:
            self._drop_rival(name)
            if name in self._pins:
                return Sighting(standing)
            self._keep(Pin(nick, identity, self._clock()))
            return Sighting(standing, News.FIRST)
        rival = self._rivals.get(name)
        if rival is not None and rival.identity == identity:
            return Sighting(standing)
        self._rivals[name] = Pin(nick, identity, self._clock())
        self._memory.put(RIVAL + name, _encoder.encode(self._rivals[name]))
        if name in self._pins:
            return Sighting(standing, News.OTHER_KEY, self._pins[name].nick)
        owner = self._owners.get(identity)
        if owner is not None:
            return Sighting(standing, News.OTHER_NICK, self._pins[owner].nick)
        alike = self._pins[self._looks[_skeleton(nick)]]
        return Sighting(standing, News.LOOKALIKE, alike.nick)

    def require(self, people: Iterable[tuple[str, bytes]]) -> None:
        """Raise :class:`UserError` with code ``untrusted`` unless all can be written to.

        ``people`` are nicks with their identity keys.
        """
        for nick, identity in people:
            if self.standing(nick, identity) is Standing.CHANGED:
                raise DeniedError("untrusted", nick=nick)

    def accept(self, nick: str) -> Pin:
        """Trust the rival of ``nick`` from now on; whatever contradicts it is forgotten.

        Raises :class:`UserError`, with code ``nothing_to_trust`` if there is none, or ``own_name``
        if it is the user who is contradicted.
        """
        name = _fold(nick)
        rival = self._rivals.get(name)
        if rival is None:
            raise DeniedError("nothing_to_trust", nick=nick)
        owner = self._owners.get(rival.identity)
        if self._own in {name, owner}:
            raise DeniedError("own_name")
        self._drop_rival(name)
        self._forget(name)
        if owner is not None:
            self._forget(owner)
        self._keep(rival)
        return rival

    def verify(self, nick: str) -> Pin:
        """A person has compared what :meth:`show` gave for ``nick``, and it is right.

        Raises :class:`UserError`, with code ``not_compared`` if nothing was shown since the start,
        or ``changed_meanwhile`` if there is another key by now.
        """
        name = _fold(nick)
        shown = self._shown.get(name)
        if shown is None:
            raise DeniedError("not_compared", nick=nick)
        rival = self._rivals.get(name)
        if rival is not None and rival.identity == shown:
            self.accept(nick)
        pin = self._pins.get(name)
        if pin is None or pin.identity != shown or name in self._rivals:
            raise DeniedError("changed_meanwhile", nick=nick)
        verified = msgspec.structs.replace(pin, verified=self._clock())
        self._keep(verified)
        return verified

    def _retire(self, nick: str, identity: bytes) -> None:
        """Keep what we hold of an old account under its mark, whoever gets its nick.

        The pin of the nick stays: who comes with it next is somebody else than we know.
        """
        pin = self._pins.get(_fold(nick.removesuffix(names.OLD)))
        if pin is not None and pin.identity == identity:
            old = msgspec.structs.replace(pin, nick=nick)
            self._pins[_fold(nick)] = old
            self._memory.put(PIN + _fold(nick), _encoder.encode(old))

    def _keep(self, pin: Pin) -> None:
        self.changes += 1
        name = _fold(pin.nick)
        self._pins[name] = pin
        self._owners[pin.identity] = name
        self._looks.setdefault(_skeleton(pin.nick), name)
        self._memory.put(PIN + name, _encoder.encode(pin))

    def _drop_rival(self, name: str) -> None:
        self.changes += 1
        if self._rivals.pop(name, None) is not None:
            self._memory.drop(RIVAL + name)

    def _forget(self, name: str) -> None:
        pin = self._pins.pop(name, None)
        if pin is not None:
            self._owners.pop(pin.identity, None)
            if self._looks.get(_skeleton(pin.nick)) == name:
                del self._looks[_skeleton(pin.nick)]
            self._memory.drop(PIN + name)


def _load(kept: bytes) -> Pin:
    try:
        return _pins.decode(kept)
    except msgspec.MsgspecError:
        raise StoreError("a pin that is kept is damaged") from None
