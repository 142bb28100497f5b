"""What the nodes of one service tell each other about who is there, and what becomes of it here.

A node that begins, or has missed something, asks who is connected to the others. A node that says
nothing for a while is gone: everybody there is lost.
"""

from functools import partial

from geventim.chat import bulletins as told
from geventim.chat.bulletins import BEAT, SILENCE, Bulletin, Guest
from geventim.chat.codec import encode
from geventim.chat.replies import Announcement, Change
from geventim.service.conversations.moderation import Moderation
from geventim.service.delivery.places import Places
from geventim.service.people.accounts import Accounts
from geventim.service.people.key_packages import KeyPackages
from geventim.service.people.presence import Connected
from geventim.service.ports import Journal, Neighbours, Timer, Timers
from geventim.service.turns.helping import Helping
from geventim.service.turns.states import States
from geventim.service.turns.turns import Turns


class Neighbourhood:
    """Hears other nodes, and says what they have to know."""

    def __init__(
        self,
        journal: Journal,
        accounts: Accounts,
        connected: Connected,
        places: Places,
        key_packages: KeyPackages,
        states: States,
        helping: Helping,
        turns: Turns,
        moderation: Moderation,
        timers: Timers,
        neighbours: Neighbours,
    ) -> None:
        self._journal = journal
        self._accounts = accounts
        self._connected = connected
        self._places = places
        self._key_packages = key_packages
        self._states = states
        self._helping = helping
        self._turns = turns
        self._moderation = moderation
        self._timers = timers
        self._neighbours = neighbours
        self._silences: dict[bytes, Timer] = {}

    def greet(self) -> None:
        """Ask who is connected elsewhere, and tell who is here."""
        self._neighbours.tell(told.Hello())
        self._tell_present()

    def beat(self) -> None:
        """Say from now on that this node is alive."""
        self._neighbours.tell(told.Alive())
        self._timers.later(BEAT, self.beat)

    def hear(self, node: bytes, bulletin: Bulletin) -> None:
        """Another node says something. May wait; raises :class:`geventim.errors.StoreError`."""
        if node not in self._silences and not isinstance(bulletin, told.Hello | told.Present):
            self._neighbours.tell(told.Hello())
        self._rearm(node)
        match bulletin:
            case told.Hello():
                self._tell_present()
            case told.Present(guests=guests):
                self._replace(node, guests)
            case told.Entered(guest=guest):
                self._enter(node, guest)
            case told.Left(account=account, change=change):
                self._connected.leave_elsewhere(node, account, change)
            case told.StatusChanged(guest=guest):
                self._connected.change_status_elsewhere(node, guest)
            case told.Alive():
                pass
            case told.Announced(text=text):
                self._connected.broadcast(encode(Announcement(text=text)))
            case told.AccountChanged(account=account):
                self._take_up(account)
            case told.KeyPackagesLow(account=account, left=left):
                self._key_packages.warn(account, left)
            case _:
                self._hear_of_conversation(node, bulletin)

    def _hear_of_conversation(self, node: bytes, bulletin: told.OfConversation) -> None:
        match bulletin:
            case told.Introduced():
                self._introduce(bulletin)
            case told.Asked():
                self._helping.hear_ask(bulletin)
            case told.Helped():
                self._helping.hear_help(bulletin)
            case told.CalledVoid():
                self._states.hear(bulletin)
            case told.StateWanted(conversation=conversation):
                self._states.tell_wanted(conversation)
            case _:
                self._turns.hear(node, bulletin)

    def _take_up(self, account: bytes) -> None:
        found = self._journal.account(account)
        if found is not None:
            self._moderation.take_up(found)

    def _tell_present(self) -> None:
        self._neighbours.tell(told.Present(self._connected.locals()))

    def _rearm(self, node: bytes) -> None:
        if timer := self._silences.pop(node, None):
            timer.cancel()
        self._silences[node] = self._timers.later(SILENCE, partial(self._lose, node))

    def _lose(self, node: bytes) -> None:
        del self._silences[node]
        self._replace(node, ())

    def _replace(self, node: bytes, guests: tuple[Guest, ...]) -> None:
        present = {guest.account for guest in guests}
        known = set(self._connected.guests(node))
        for account in known - present:
            self._connected.leave_elsewhere(node, account, Change.LOST)
        for guest in guests:
            # Who is known to be elsewhere may have gone there when this was on its way.
            if not self._connected.is_connected(guest.account):
                self._enter(node, guest)

    def _enter(self, node: bytes, guest: Guest) -> None:
        # Whoever has come to us since is told of after this, and stays.
        untold = self._neighbours.untold()
        ours = (each.guest.account for each in untold if isinstance(each, told.Entered))
        if guest.account not in ours:
            self._connected.enter_elsewhere(node, guest)

    def _introduce(self, bulletin: told.Introduced) -> None:
        if self._connected.session(bulletin.account) is None:
            return
        conversation = self._journal.conversation(bulletin.conversation)
        if conversation is not None:
            self._accounts.person(bulletin.peer)
            self._places.introduce(bulletin.account, conversation, bulletin.peer)
