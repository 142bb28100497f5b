"""An account and its connection: requests go out, messages come in, and nothing is decided."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from msgspec.structs import replace

from geventim.channel.events import Event, Frames
from geventim.chat import replies
from geventim.chat.codec import Malformed, encode
from geventim.chat.codec import replies as decoder
from geventim.chat.links import Link
from geventim.chat.requests import Request
from geventim.client.people.profile import Keys, Profile
from geventim.client.steps.effects import Steps
from geventim.crypto.dh import PrivateKey
from geventim.errors import MisuseError, NetworkError
from geventim.load.dialogue import Dialogue
from geventim.net.connection import Connection
from geventim.net.dial import dial

AnyMessage = replies.AnyReply | replies.AnyEvent | Malformed
"""What a server says; a payload comes with it."""

Result = TypeVar("Result")


class Caller:
    """``nick`` with ``keys``; there is a ``connection`` once :meth:`connect` has made one.

    ``signs_life`` says whether both sides have announced signs of life at the last login.
    """

    def __init__(self, nick: str, keys: Keys) -> None:
        self.nick = nick
        self.keys = keys
        self.signs_life: bool = False
        self.connection: Connection
        self._link: Link | None = None
        self._server_key = b""
        self._number = 0
        self._unanswered: set[int] = set()

    @property
    def account(self) -> bytes:
        """The id of the account."""
        return self.keys.account

    @property
    def profile(self) -> Profile:
        """Who that is on the server that it has connected to; not to be asked for earlier."""
        if self._link is None:
            raise MisuseError("the server is not known yet")
        link = self._link
        return Profile(self.nick, "", link.address, self._server_key, self.keys, link.code)

    @property
    def is_waiting(self) -> bool:
        """Whether the server should answer something."""
        return bool(self._unanswered)

    def connect(
        self, link: Link, *, psk: bytes | None = None, check: Callable[[bytes], object] = bool
    ) -> None:
        """Open a connection to the server of ``link``, whose key ``check`` may refuse by raising.

        Raises what :func:`.dial` does.
        """
        self.signs_life = False
        self._unanswered.clear()
        self._link = link

        def choose_key(server_key: bytes) -> PrivateKey:
            check(server_key)
            self._server_key = server_key
            return self.keys.channel

        self.connection = dial(link, choose_key, psk=psk)

    def send(self, request: Request, payload: bytes = b"") -> int:
        """Send ``request`` with the next number, which is returned; never blocks."""
        self._number += 1
        self._unanswered.add(self._number)
        self.connection.send(encode(replace(request, id=self._number), payload))
        return self._number

    def receive(self) -> list[tuple[AnyMessage, bytes]] | None:
        """Wait for something, and return it; None when the server has ended the connection.

        Raises :class:`PeerError` and :class:`NetworkError`.
        """
        events = self.connection.receive()
        return None if events is None else self.read(events)

    def read(self, events: Sequence[Event]) -> list[tuple[AnyMessage, bytes]]:
        """What the server says in ``events`` of the connection. Raises :class:`PeerError`."""
        messages: list[tuple[AnyMessage, bytes]] = []
        for event in events:
            if isinstance(event, Frames):
                messages += decoder.decode(event.plaintext)
        for message, _ in messages:
            if isinstance(message, replies.Reply):
                self._unanswered.discard(message.id)
                if isinstance(message, replies.LoggedIn):
                    self.signs_life = message.life_signs
        return messages

    def ask(self, request: Request, payload: bytes = b"") -> tuple[replies.Reply, bytes]:
        """Send ``request`` and wait for its reply; whatever else comes until then is forgotten.

        Raises what :meth:`receive` does, and :class:`NetworkError` if there is no reply.
        """
        number, found = self.send(request, payload), None
        while found is None:
            messages = self.receive()
            if messages is None:
                raise NetworkError(f"{self.profile.server} ended the connection")
            for message, content in messages:
                if isinstance(message, replies.Reply) and message.id == number:
                    found = message, content
        return found

    def carry_out(self, steps: Steps[Result]) -> Result:
        """Take ``steps``, each when its reply has come; what they end with.

        Raises what :meth:`ask` and :meth:`.Dialogue.answer` do.
        """
        dialogue = Dialogue(steps)
        while dialogue.wanted is not None:
            dialogue.answer(*self.ask(dialogue.wanted.request, dialogue.wanted.payload))
        return dialogue.result
