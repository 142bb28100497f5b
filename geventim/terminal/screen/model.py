"""The screen without a terminal: keys, events and answers in; orders and a scene out.

Nothing here waits, reads a clock but the one it was given, or knows how it is drawn; it is told
how many rows there are for messages, and how many each of them takes.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from geventim.chat.values import Kind
from geventim.client import answers, wishes
from geventim.client.answers import Answer, Refusal, Result
from geventim.client.events import Event
from geventim.terminal.screen import keys, writing
from geventim.terminal.screen.asking import Asking
from geventim.terminal.screen.attention import Attention, unread_title
from geventim.terminal.screen.completion import Completion, Known
from geventim.terminal.screen.items import Delivery, Said
from geventim.terminal.screen.keys import Action, Where
from geventim.terminal.screen.layers import (
    Candidate,
    Finder,
    Help,
    Layer,
    Palette,
    Question,
    is_text,
)
from geventim.terminal.screen.orders import Copy, Edit, Leave, Order, Redraw, Suspend, Typed
from geventim.terminal.screen.rooms import Room
from geventim.terminal.screen.scene import Input, Place, Scene, Status
from geventim.terminal.screen.selection import Selection
from geventim.terminal.screen.timeline import Height
from geventim.terminal.screen.world import World

FOUND: Final = 100
"""What a search shows at most."""


class Model:
    """What ``nick`` sees; ``clock`` gives seconds since the epoch.

    ``commands`` are the usage and the help of each, by name.
    """

    def __init__(
        self,
        nick: str,
        clock: Callable[[], float],
        commands: dict[str, tuple[str, str]],
        attention: Attention = Attention(),  # noqa: B008 - it is frozen
    ) -> None:
        self.world = World(nick, clock, attention)
        self._clock = clock
        self._commands = commands
        self._orders: list[Order] = []
        self._asking = Asking(self._orders.append)
        self._layer: Layer | None = None
        self._chord = ""
        self._room_rows = 20
        self._height: Height = lambda _: 1
        self._selection = Selection(self.world, self._show)
        self._completion: dict[str, Completion] = {}
        self._is_stopping = False
        self._shows_people = True
        self._actions: dict[Action, Callable[[], object]] = {
            Action.HELP: self._open_help,
            Action.PALETTE: self._open_palette,
            Action.SEARCH: self._open_search,
            Action.NEXT_NEWS: lambda: self._go(self.world.rooms.with_news()),
            Action.NEXT_PLACE: lambda: self._go(self.world.rooms.beside(1)),
            Action.PREVIOUS_PLACE: lambda: self._go(self.world.rooms.beside(-1)),
            Action.PAGE_UP: lambda: self._scroll(max(self._room_rows - 2, 1)),
            Action.PAGE_DOWN: lambda: self._scroll(-max(self._room_rows - 2, 1)),
            Action.ROW_UP: lambda: self._scroll(1),
            Action.ROW_DOWN: lambda: self._scroll(-1),
            Action.TO_TOP: lambda: self._scroll(1_000_000),
            Action.TO_BOTTOM: self._to_end,
            Action.MEMBERS: self._toggle_people,
            Action.REDRAW: lambda: self._orders.append(Redraw()),
            Action.SUSPEND: lambda: self._orders.append(Suspend()),
            Action.CANCEL: self._cancel,
            Action.STOP: self._stop,
            Action.SEND: self._send,
            Action.COMPLETE: lambda: self._complete(1),
            Action.COMPLETE_BACK: lambda: self._complete(-1),
            Action.UP: self._up,
            Action.DOWN: self._down,
            Action.EARLIER: self._earlier,
            Action.LATER: self._later,
            Action.EDIT: self._edit,
            Action.COPY: self._copy,
            Action.QUOTE: self._quote,
            Action.WHO: self._who,
        }

    def take(self, told: Event | Answer) -> None:
        """Take what has happened, or the answer to a wish."""
        if isinstance(told, Answer):
            self._asking.take(told)
        else:
            self.world.hear(told)
            if self.world.is_stale and self.world.is_connected:
                self._ask_conversations()
        self._orders += self.world.alerts
        self.world.alerts.clear()
        self._look_after()

    def remark(self, text: str) -> None:
        """Say something about the session itself."""
        self.world.remark(text)

    def press(self, key: str) -> None:
        """Take a key; chords are several."""
        key, self._chord = (f"{self._chord} {key}" if self._chord else key), ""
        if key in keys.PREFIXES:
            self._chord = key
            return
        if key != "ctrl c":
            self._is_stopping = False
        if self._layer is not None:
            if not self._layer.press(key) and not self._is_replaced():
                self._layer = None
        else:
            self._press(key)
        self._look_after()

    def paste(self, text: str) -> None:
        """Take what was pasted, which is one message however many lines it has."""
        if self._layer is not None:
            self._layer.paste(text)
            return
        text = writing.clean(text)
        if writing.is_large(text):
            self._layer = Question(text, partial(self._paste, text))
        else:
            self._paste(text)

    def written(self, text: str) -> None:
        """Take what was written with another editor in place of the input."""
        room = self.world.rooms.current
        if room is not None:
            room.editor.set(writing.clean(text))
            room.is_pasted = room.is_pasted and bool(room.editor.text)

    def focus(self, focused: bool) -> None:
        """Whether somebody looks here."""
        room = self.world.rooms.current
        self.world.is_focused = focused
        if room is None:
            return
        if focused:
            room.read()
        elif room.timeline.at_end:
            room.timeline.mark_read()

    def measure(self, room_rows: int, height: Height) -> None:
        """There are so many rows for messages, which take as many as ``height`` says."""
        self._room_rows, self._height = max(room_rows, 1), height

    def drain(self) -> list[Order]:
        """What is to be done, in order; each is given once."""
        orders, self._orders[:] = list(self._orders), []
        return orders

    @property
    def wake_at(self) -> float | None:
        """When the scene is another one although nothing has happened."""
        return None if self.world.back_at is None else self._clock() + 1.0

    def scene(self) -> Scene:
        """What is to be seen now."""
        world, room = self.world, self.world.rooms.current
        places = tuple(map(self._place, world.rooms, range(1, len(world.rooms) + 1)))
        others = [each for each in world.rooms if each is not room]
        calling = [each.mentions or (each.unread if each.kind is Kind.DM else 0) for each in others]
        people = world.people(room)
        return Scene(
            unread_title(room.title if room else "geventim", calling),
            places,
            world.timeline.view(self._room_rows, self._height),
            people,
            Status(
                next((place for place in places if place.is_current), None),
                len(people),
                self._connection(),
                world.is_connected,
                world.own_status.value,
                sum(each.unread for each in others if not each.muted),
                sum(each.mentions for each in others),
                world.timeline.below,
            ),
            self._input(room),
            world.nick,
            self._selection.key,
            shows_people=self._shows_people,
            choices=self._completion_of(room).choices() if room and not self._layer else None,
            overlay=self._layer.overlay() if self._layer else None,
        )

    def _place(self, room: Room, number: int) -> Place:
        return Place(
            room.name, room.kind, number if number < 10 else 0, room.unread, room.mentions,
            room.muted, room.keyed, room.standing, bool(room.editor.text),
            room is self.world.rooms.current, room.stage,
        )  # fmt: skip

    def _input(self, room: Room | None) -> Input:
        if room is None:
            return Input("", 0, "", "" if self.world.is_connected else "not connected yet")
        hint = "Ctrl-C again leaves" if self._is_stopping else room.hint
        where = writing.goes_to(room, self._commands)
        editor = room.editor
        return Input(editor.text, editor.cursor, where, hint, bool(room.hint))

    def _connection(self) -> str:
        world = self.world
        if world.is_connected:
            return "ready"
        if world.back_at is None:
            return "connecting"
        left = max(0, round(world.back_at - self._clock()))
        return f"reconnecting in {left} s" if left else "reconnecting"

    def _press(self, key: str) -> None:
        where = Where.SELECTED if self._selection.key else Where.INPUT
        number = key.removeprefix("meta ")
        action = keys.action(where, key)
        if action is Action.GO:
            self._go(self.world.rooms.number(int(number)))
        elif action is not None:
            self._act(action)
        elif is_text(key) or keys.action(Where.INPUT, key) is not None:
            # Whoever types while a message is selected goes on typing.
            self._selection.clear()
            typed = keys.action(Where.INPUT, key)
            if typed is not None:
                self._act(typed)
            else:
                self._type(key)

    def _act(self, action: Action) -> None:
        room = self.world.rooms.current
        if action in writing.EDITS:
            if room is not None:
                writing.EDITS[action](room.editor)
                self._edited(room)
        elif action in self._actions:
            self._actions[action]()

    def _type(self, text: str) -> None:
        room = self.world.rooms.current
        if room is not None:
            room.editor.insert(text)
            self._edited(room)

    def _paste(self, text: str) -> None:
        room = self.world.rooms.current
        if room is not None:
            if not room.editor.text:
                room.is_pasted = "\n" in text
            room.editor.insert(text, as_one=True)
            self._edited(room)

    def _edited(self, room: Room) -> None:
        room.hint = ""
        if not room.editor.text:
            room.is_pasted = False
            room.recollection.stop()

    def _send(self) -> None:
        room = self.world.rooms.current
        if room is None or not room.editor.text.strip():
            return
        text = room.editor.text
        meant = writing.meaning(text, pasted=room.is_pasted)
        room.recollection.add(text)
        room.editor.clear()
        room.editor.forget()
        self._edited(room)
        if meant.typed:
            self._orders.append(Typed(meant.typed))
            return
        wish = self._asking.ask(
            wishes.Say(id=0, to=room.id, text=meant.text),
            lambda done: self._said(room, wish, done),
            lambda refusal: self._not_said(room, wish, text, refusal),
        )
        self.world.queue(room, meant.text, wish)

    def _said(self, room: Room, wish: str, done: Result) -> None:
        item = room.timeline.awaiting(wish)
        if item is not None and isinstance(done, answers.Said):
            sent = Said(
                item.key, item.author, item.text, item.date, item.order, done.message_id,
                mine=True, delivery=Delivery.SENT,
            )  # fmt: skip
            room.timeline.replace(item.key, sent)

    def _not_said(self, room: Room, wish: str, text: str, refusal: Refusal) -> None:
        """Give back what cannot be sent, or leave it where it is if something else is typed."""
        item = room.timeline.awaiting(wish)
        if item is None:
            return
        if room.editor.text:
            refused = Said(
                item.key, item.author, item.text, item.date, mine=True,
                delivery=Delivery.REFUSED, reason=refusal.text,
            )  # fmt: skip
            room.timeline.replace(item.key, refused)
            return
        room.timeline.remove(item.key)
        room.editor.set(text)
        room.is_pasted = "\n" in text
        room.hint = refusal.text

    def _go(self, room: Room | None) -> None:
        rooms = self.world.rooms
        if room is None or room is rooms.current:
            return
        self._selection.clear()
        if rooms.current is not None:
            rooms.current.read()
            if rooms.current.timeline.at_end:
                rooms.current.timeline.mark_read()
        rooms.current = room
        room.read()

    def _look_after(self) -> None:
        """Ask for what is missing of what is seen now."""
        room = self.world.rooms.current
        if room is None or not self.world.is_connected:
            return
        if not room.asked_people:
            room.asked_people = True
            self._asking.ask(
                wishes.Members(id=0, conversation=room.id),
                partial(self._list_members, room),
                lambda _: None,
            )
        if self.world.is_focused and room.timeline.at_end:
            room.read()

    def _list_members(self, room: Room, result: Result) -> None:
        if isinstance(result, answers.Members):
            self.world.list_members(room, result.members)

    def _ask_conversations(self) -> None:
        self.world.is_stale = False
        self._asking.ask(wishes.Conversations(id=0), self._list_conversations, lambda _: None)

    def _list_conversations(self, result: Result) -> None:
        if isinstance(result, answers.Conversations):
            self.world.list_conversations(result.conversations)

    def _scroll(self, rows: int) -> None:
        self.world.timeline.scroll(rows, self._room_rows, self._height)

    def _to_end(self) -> None:
        self.world.timeline.to_end()

    def _show(self, key: str) -> None:
        self.world.timeline.reveal(key, self._room_rows, self._height)

    def _toggle_people(self) -> None:
        self._shows_people = not self._shows_people

    def _cancel(self) -> None:
        room = self.world.rooms.current
        if self._selection.key:
            self._selection.clear()
        elif not self.world.timeline.at_end:
            self._to_end()
        elif room is not None:
            room.hint = ""
            room.timeline.forget_mark()

    def _stop(self) -> None:
        room = self.world.rooms.current
        if room is not None and room.editor.text:
            room.recollection.add(room.editor.clear())
            self._edited(room)
        elif self._is_stopping:
            self._orders.append(Leave())
        else:
            self._is_stopping = True

    def _up(self) -> None:
        room = self.world.rooms.current
        if room is None or self._selection.key:
            self._selection.up()
        elif not room.editor.text:
            self._selection.begin()
        elif not room.editor.up():
            self._earlier()

    def _down(self) -> None:
        room = self.world.rooms.current
        if room is None or self._selection.key:
            self._selection.down()
        elif not room.editor.down():
            self._later()

    def _earlier(self) -> None:
        room = self.world.rooms.current
        if room is not None:
            self._recall(room, room.recollection.previous(room.editor.text))

    def _later(self) -> None:
        room = self.world.rooms.current
        if room is not None:
            self._recall(room, room.recollection.next())

    def _recall(self, room: Room, text: str | None) -> None:
        if text is not None:
            room.editor.set(text)
            room.hint = ""

    def _complete(self, steps: int) -> None:
        room = self.world.rooms.current
        if room is not None:
            self._completion_of(room).step(steps)

    def _completion_of(self, room: Room) -> Completion:
        if room.id not in self._completion:
            self._completion[room.id] = Completion(room.editor, lambda: self._known(room))
        return self._completion[room.id]

    def _known(self, room: Room) -> Known:
        here = [person.nick for person in room.people or ()]
        nicks = dict.fromkeys([*here, *self.world.present])
        nicks.pop(self.world.nick, None)
        places = tuple(each.name for each in self.world.rooms if each.kind is not Kind.DM)
        return Known(tuple(nicks), places, self._commands)

    def _edit(self) -> None:
        room = self.world.rooms.current
        if room is not None:
            self._orders.append(Edit(room.editor.text))

    def _copy(self) -> None:
        said = self._selection.message
        if said is not None:
            self._orders.append(Copy(said.text))
            self._selection.clear()

    def _quote(self) -> None:
        said, room = self._selection.message, self.world.rooms.current
        if said is not None and room is not None:
            quoted = "".join(f"> {line}\n" for line in said.text.split("\n"))
            room.editor.set(quoted + room.editor.text)
            self._selection.clear()

    def _who(self) -> None:
        said = self._selection.message
        if said is not None:
            self._selection.clear()
            self._orders.append(Typed(f"/whois {said.author}"))

    def _open_help(self) -> None:
        self._layer = Help([self._commands[name] for name in self._commands])

    def _open_palette(self) -> None:
        def go_to(room: Room) -> Candidate:
            unread = f"{room.unread} new" if room.unread else ""
            return Candidate(room.title, unread, lambda: self._go(room))

        world = self.world
        candidates = [go_to(room) for room in world.rooms if room is not world.rooms.current]
        for nick in sorted(world.present, key=str.casefold):
            if nick != world.nick and world.rooms.named(nick, Kind.DM) is None:
                opening = partial(self._open_dm, nick)
                candidates.append(Candidate(f"@{nick}", "talk privately", opening))
        for name, (usage, text) in self._commands.items():
            writing_it = partial(self._begin_command, f"/{name} ")
            candidates.append(Candidate(f"/{usage.lstrip('@')}", text, writing_it))
        self._layer = Palette(candidates)

    def _open_dm(self, nick: str) -> None:
        def opened(_: Result) -> None:
            self._ask_conversations()
            self._asking.ask(
                wishes.Conversations(id=0),
                lambda result: self._go_named(result, nick),
                lambda _: None,
            )

        def refused(refusal: Refusal) -> None:
            self.world.remark(refusal.text, problem=True)

        self._asking.ask(wishes.OpenDm(id=0, nick=nick), opened, refused)

    def _go_named(self, result: Result, nick: str) -> None:
        self._list_conversations(result)
        self._go(self.world.rooms.named(nick, Kind.DM))

    def _begin_command(self, text: str) -> None:
        room = self.world.rooms.current
        if room is not None:
            room.editor.set(text + room.editor.text)

    def _open_search(self) -> None:
        room = self.world.rooms.current
        if room is not None:
            self._layer = Finder(room.title, partial(self._find, room), self._selection.select)

    def _find(self, room: Room, typed: str) -> Sequence[tuple[str, str, str]]:
        words = typed.casefold().split()
        found = [
            (each.key, each.author, each.text.replace("\n", " "))
            for each in reversed(room.timeline.messages)
            if all(word in f"{each.author} {each.text}".casefold() for word in words)
        ]
        return found[:FOUND]

    def _is_replaced(self) -> bool:
        """Whether a layer has put another one in its place."""
        return False
