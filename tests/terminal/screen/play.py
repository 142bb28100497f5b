"""Somebody at a full screen without a terminal, and the session that they talk to."""

import hashlib
from typing import Any

from geventim.chat.values import Kind
from geventim.client import answers, events, wishes
from geventim.client.answers import Done, Refusal, Refused
from geventim.client.people.trust import Standing
from geventim.client.sealing.content import ContentKind
from geventim.client.wishes import Wish
from geventim.terminal.screen.attention import Attention
from geventim.terminal.screen.conversation.items import Said
from geventim.terminal.screen.drawing.bubbles import Look, rows_of
from geventim.terminal.screen.drawing.picture import Picture, arrange, draw
from geventim.terminal.screen.model import Model
from geventim.terminal.screen.orders import Order
from geventim.terminal.screen.scene import Scene

NOON = 1_796_040_000.0
"""Seconds since the epoch: a day in November 2026."""

COMMANDS = {
    "help": ("@help [COMMAND]", "lists what can be typed"),
    "names": ("@names [CONVERSATION]", "lists who is connected"),
    "status": ("@status [normal|dnd|away]", "says how you are"),
    "whois": ("@whois NICK", "says what is known of somebody"),
}

KINDS = {Kind.ROOM: ContentKind.ROOM, Kind.GROUP: ContentKind.GROUP, Kind.DM: ContentKind.PRIVATE}


SUPPLIES = (
    wishes.Members, wishes.Conversations, wishes.Timeline, wishes.MarkRead, wishes.Draft,
)  # fmt: skip
"""What the screen asks for by itself when it has got something else."""


def identify(name: str) -> str:
    """The id of the conversation or message called so."""
    return hashlib.sha256(name.encode(errors="replace")).hexdigest()[:32]


def conversation(name: str, kind: Kind = Kind.ROOM, **fields: Any) -> answers.Conversation:
    """The conversation called ``name``, as it is listed."""
    known = {
        "keyed": False, "stage": "member", "unread": 0, "mentions": 0, "read": 0, "members": 3,
        "trust": Standing.UNVERIFIED, "muted": False, "draft": "", **fields,
    }  # fmt: skip
    return answers.Conversation(id=identify(name), name=name, kind=kind, **known)


class Play:
    """``ana`` in the rooms lobby and lab, and in a conversation with bo."""

    def __init__(
        self,
        columns: int = 100,
        rows: int = 24,
        attention: Attention | None = None,
        last: str | None = None,
        *,
        pictures: bool = True,
    ):
        """Who resumes was last at ``last``."""
        self.last = last
        self.now = NOON
        self.columns, self.rows = columns, rows
        self.model = Model(
            "ana",
            "lobby",
            lambda: self.now,
            COMMANDS,
            attention,
            resumes=last is not None,
            pictures=pictures,
            link="eim://127.0.0.1:5555",
        )
        self.history = False
        """Whether something had been said before ana came."""
        self.orders: list[Order] = []
        self.places = {"lobby": Kind.ROOM, "lab": Kind.ROOM, "bo": Kind.DM}
        self.members = ("ana", "bo", "cy")
        self._count = 0

    def enter(self) -> "Play":
        """Be connected, and be told everything that is asked for."""
        self.tell(events.Connected("ana", "127.0.0.1:5555", "lobby"))
        self.model.begin()
        self.supply()
        return self

    def tell(self, event: events.Event, request: Any = None) -> None:
        """Something happens."""
        self.model.take(event, request)
        self._gather()

    def hear(self, text: str, nick: str = "bo", room: str = "lobby", **fields: Any) -> str:
        """Somebody says something; the id of the message."""
        self._count += 1
        message_id = fields.pop("message_id", identify(f"message {self._count}"))
        request = fields.pop("request", None)
        is_news = nick != "ana" and not fields.get("history")
        kind = self.places.get(room, Kind.ROOM)
        fields.setdefault("mention", is_news and "@ana" in text)
        is_called = fields["mention"]
        self.tell(
            events.Message(
                room,
                fields.pop("kind", KINDS[kind]),
                nick,
                text,
                fields.pop("date", self.now + self._count),
                self._count,
                conversation_id=identify(room),
                message_id=message_id,
                order=self._count,
                **fields,
            ),
            request,
        )
        if is_news:
            known = self.model.world.rooms.get(identify(room))
            unread, mentions = known.unread + 1, known.mentions + is_called
            self.change(room, unread=unread, mentions=mentions, muted=known.muted)
        return message_id

    def change(self, name: str, **fields: Any) -> None:
        """A conversation is another one."""
        fields = {"read": max(self._count - fields.get("unread", 0), 0), **fields}
        known = self.model.world.rooms.get(identify(name))
        fields.setdefault("draft", known.draft if known else "")
        told = conversation(name, self.places.get(name, Kind.ROOM), **fields)
        listed = {field: getattr(told, field) for field in told.__struct_fields__}
        place, called = listed.pop("id"), listed.pop("name")
        self.tell(events.ConversationChanged(conversation=called, conversation_id=place, **listed))

    def supply(self) -> None:
        """Answer what the screen asks for by itself."""
        for wish in self.wanted():
            match wish:
                case wishes.Conversations():
                    self.done(wish, self.conversations())
                case wishes.Members():
                    listed = tuple(
                        answers.Member(nick, identify(nick), Standing.UNVERIFIED)
                        for nick in self.members
                    )
                    self.done(wish, answers.Members("", listed, wish.conversation))
                case wishes.People():
                    self.done(wish, answers.Names(self.members))
                case wishes.Timeline():
                    self.done(wish, answers.Messages(self._said_before(wish), False))
                case wishes.Settings():
                    self.done(
                        wish, answers.Settings((), self.last or "", receipts=True, pictures=True)
                    )
                case wishes.MarkRead() | wishes.Draft():
                    self.done(wish, answers.Result())
                case _:
                    continue
            self.orders.remove(wish)
        if any(isinstance(wish, SUPPLIES) for wish in self.wanted()):
            self.supply()

    def conversations(self) -> answers.Conversations:
        """All that ana is in."""
        return answers.Conversations(
            tuple(conversation(name, kind) for name, kind in self.places.items())
        )

    def done(self, wish: Wish, result: answers.Result) -> None:
        """The wish is granted."""
        self.model.take(Done(wish.id, result))
        self._gather()

    def refused(self, wish: Wish, text: str = "That cannot be.", *, code: str = "refused") -> None:
        """The wish comes to nothing."""
        self.model.take(Refused(wish.id, Refusal(code, text, False)))
        self._gather()

    def wanted(self) -> list[Wish]:
        """What was wished for and is not answered."""
        return [order for order in self.orders if isinstance(order, Wish)]

    def said(self) -> list[wishes.Say]:
        """What was wished to be said."""
        return [wish for wish in self.wanted() if isinstance(wish, wishes.Say)]

    def of(self, kind: type) -> list[Any]:
        """The orders of that kind."""
        return [order for order in self.orders if isinstance(order, kind)]

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.measure()
            self.model.press(key)
            self._gather()

    def type(self, text: str) -> None:
        """Type characters; a line end is Alt-Enter."""
        self.press(*("meta enter" if char == "\n" else char for char in text))

    def resize(self, columns: int, rows: int) -> None:
        """Have another size."""
        self.columns, self.rows = columns, rows

    def measure(self) -> None:
        """Tell the model how much room there is."""
        scene = self.model.scene()
        layout = arrange(scene.input, self.columns, self.rows, shows_people=scene.shows_people)
        look = Look(layout.message_columns, scene.nick)
        self.model.measure(layout.message_rows, lambda line: len(rows_of(line, look)))

    def scene(self) -> Scene:
        """What is to be seen."""
        self.measure()
        return self.model.scene()

    def picture(self) -> Picture:
        """How that looks."""
        return draw(self.scene(), self.columns, self.rows)

    def lines(self) -> list[str]:
        """The rows as text."""
        return ["".join(part.text for part in row).rstrip() for row in self.picture().rows]

    def texts(self) -> list[str]:
        """The messages that are seen, whole or in part."""
        return [line.text for line in self.scene().view.lines if isinstance(line, Said)]

    @property
    def input(self) -> str:
        """What stands in the input."""
        return self.scene().input.text

    def _said_before(self, wish: wishes.Timeline) -> tuple[answers.Written, ...]:
        if not self.history or wish.before is not None:
            return ()
        written = answers.Written(
            "lobby", ContentKind.ROOM, "cy", "earlier", self.now - 60, 1, False,
            wish.conversation, identify(f"earlier {wish.conversation}"), 1,
        )  # fmt: skip
        return (written,)

    def _gather(self) -> None:
        self.orders += self.model.drain()
