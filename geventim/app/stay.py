"""A user's stay, which goes on while the process that holds the session may change.

If no client of that user runs, this one holds the session, and others can attach to it. If one
does, this one attaches to that. When that ends, one of those who were attached takes the vault's
lock and goes on; the others attach to it.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import gevent
from gevent.event import Event as Flag

from geventim.app import ending
from geventim.app.attachment import Attachment
from geventim.app.ending import Ending
from geventim.app.front import Front
from geventim.app.session import Session
from geventim.app.settings import Settings
from geventim.app.state import State
from geventim.app.view import View
from geventim.client.told import OWN
from geventim.client.wishes import Wish
from geventim.errors import UserError


class _LeftError(Exception):
    """The user leaves instead of answering."""


class Stay:
    """One front end of the user whom ``settings`` name, shown in ``view``.

    ``unlock`` asks for the passphrase of their vault; None if nobody can be asked.
    """

    def __init__(
        self,
        settings: Settings,
        view: View,
        unlock: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._view = view
        self._unlock = unlock
        self._front = Front(OWN)
        self._host: Session | Attachment | None = None
        self._open = Flag()
        self._left: list[Wish] = []
        self._refused = 0
        self._has_ended_input = False
        self._leaving = Flag()
        self._asking: Any = None
        self._was_attached = False

    def run(self) -> Ending:
        """Be there until it is over; how it ended. Call it once."""
        showing = gevent.spawn(self._show)
        showing.link_exception(lambda _: self.leave())
        try:
            how = self._ending(self._stay())
        finally:
            self._front.close()
        showing.get()
        return how

    @property
    def is_open(self) -> bool:
        """Whether wishes are taken now."""
        return self._open.is_set()

    def await_entry(self) -> None:
        """Wait until wishes can be taken; that may never be."""
        self._open.wait()

    def grant(self, wish: Wish) -> None:
        """Take a wish; waits while too much is under way."""
        self._front.await_room()
        self._await_host().grant(wish, self._front)

    def reject(self, error: UserError) -> None:
        """Take, in its turn, what should have been a wish; waits as :meth:`grant` does."""
        self._front.await_room()
        self._await_host().reject(error, self._front)

    def end_input(self) -> None:
        """There is nothing more to take: leave when all of it has taken effect."""
        self._has_ended_input = True
        self._await_host().end_input()

    def leave(self) -> None:
        """Leave as soon as what is on its way has arrived, but soon; does not wait for it."""
        self._leaving.set()
        if self._asking is not None:
            gevent.kill(self._asking, _LeftError())
        if self._host is not None:
            self._host.leave()

    def _await_host(self) -> Session | Attachment:
        while True:
            self._open.wait()
            if self._host is not None:
                return self._host

    def _stay(self) -> Ending:
        bounds = self._settings.bounds
        turns = bounds.turns
        while not self._leaving.is_set():
            attachment = attach(self._settings, self._front) if turns else None
            if attachment is not None:
                how = self._attend(attachment)
                if how is not None:
                    return how
                self._was_attached = True
                if attachment.is_welcome:
                    turns = bounds.turns
                    continue
            else:
                how = self._hold()
                if not turns or not self._may_attach(how):
                    return how
            turns -= 1
            gevent.sleep(bounds.retry * (1 + random.random()) / 2)  # noqa: S311 - no secret
        return Ending(ending.DONE)

    def _ending(self, how: Ending) -> Ending:
        """``how`` it ended, with what came of wishes before the last host, and after it."""
        undelivered, refused = how.undelivered + len(self._left), how.refused + self._refused
        return ending.leaving(how, undelivered, refused, how.queued)

    def _may_attach(self, how: Ending) -> bool:
        """Whether another process holds the session, or may be about to."""
        code = "" if how.error is None else how.error.code
        return code == "in_use" or (code == "locked" and self._was_attached)

    def _attend(self, attachment: Attachment) -> Ending | None:
        """Be attached until it is over; how that was, or None if the other one has ended."""
        entering: list[Any] = []
        self._host = attachment
        try:
            how = attachment.run(lambda: entering.append(gevent.spawn(self._enter, attachment)))
        finally:
            self._part()
        gevent.joinall(entering)
        if how is None:
            self._left = attachment.take_left() + self._left
            self._refused += attachment.refused
        return how

    def _hold(self) -> Ending:
        """Hold the session until it is over; how that was."""
        settings = self._settings
        try:
            if settings.passphrase is None and State(settings, _no_remark).locked:
                settings = replace(settings, passphrase=self._ask())
        except UserError as error:
            return Ending(ending.FAILED, error)
        except _LeftError:
            return Ending(ending.DONE)
        self._host = session = Session(settings, self._view, self._front)
        entering = gevent.spawn(self._enter_session, session)
        try:
            how = session.run()
        finally:
            entering.kill()
            self._part()
        return how

    def _ask(self) -> str | None:
        """The passphrase; None if nobody can be asked."""
        self._asking = gevent.getcurrent()
        try:
            return self._unlock()
        finally:
            self._asking = None

    def _enter_session(self, session: Session) -> None:
        session.await_entry()
        self._enter(session)

    def _enter(self, host: Session | Attachment) -> None:
        """Wishes can be taken from now on; first those that another host has not taken."""
        while self._left and self._host is host:
            host.grant(self._left[0], self._front)
            del self._left[0]
        if self._host is host:
            self._open.set()
            if self._has_ended_input:
                host.end_input()

    def _part(self) -> None:
        """There is nobody to take wishes for now."""
        self._open.clear()
        self._host = None

    def _show(self) -> None:
        """Show what there is to be told, as fast as that goes."""
        while (notes := self._front.take()) is not None:
            self._view.show(notes)


def is_attachable(settings: Settings) -> bool:
    """Whether a client of that user runs already. Raises :class:`StoreError`."""
    attachment = attach(settings, Front(OWN))
    if attachment is not None:
        attachment.close()
    return attachment is not None


def attach(settings: Settings, front: Front) -> Attachment | None:
    """``front`` at the client of that user that runs already; None if there is none.

    Raises :class:`StoreError`.
    """
    state = State(settings, _no_remark)
    server_key = state.known_key
    return (
        None
        if server_key is None
        else Attachment.attach(state.place(server_key), front, settings.bounds.drain)
    )


def _no_remark(_: str) -> None:
    """Whoever holds the session remarks upon what is wrong with the files."""
