"""The screen without a terminal: keys, events and answers in; orders and a scene out.

Nothing here waits, reads a clock but the one it was given, or knows how it is drawn; it is told
how many rows there are for messages, and how many each of them takes.
"""

from collections.abc import Callable, Sequence
from functools import partial

from geventim.app.files.raster import Raster
from geventim.client.answers import Answer, Conversation, Done
from geventim.client.events import Event, SafetyNumber, Web
from geventim.client.wishes import Id
from geventim.terminal.screen import writing
from geventim.terminal.screen.asking import Asking
from geventim.terminal.screen.attention import Attention
from geventim.terminal.screen.completion import Completions, Paths
from geventim.terminal.screen.conversation.place import Height
from geventim.terminal.screen.conversation.rooms import Room
from geventim.terminal.screen.errands import Errands
from geventim.terminal.screen.filing import Filing
from geventim.terminal.screen.gallery import Gallery
from geventim.terminal.screen.handling import Handling
from geventim.terminal.screen.hearing import Hearing
from geventim.terminal.screen.keys import DEFAULT, Action, Keymap, Where
from geventim.terminal.screen.layers import menus
from geventim.terminal.screen.layers.cover import Cover
from geventim.terminal.screen.layers.help import Commands, Help
from geventim.terminal.screen.layers.layer import is_text
from geventim.terminal.screen.layers.palette import Candidate
from geventim.terminal.screen.layers.question import Prompt, Question
from geventim.terminal.screen.newcomer.guide import Guide
from geventim.terminal.screen.newcomer.saving import Saving
from geventim.terminal.screen.orders import Edit, Leave, Order, Redraw, Suspend
from geventim.terminal.screen.pen import Pen
from geventim.terminal.screen.portrait import portray
from geventim.terminal.screen.scene import Input, Scene
from geventim.terminal.screen.seeking.finding import Finding
from geventim.terminal.screen.speech import Speech
from geventim.terminal.screen.supply import Supply
from geventim.terminal.screen.travel import Travel
from geventim.terminal.screen.world import World


class Model:
    """What ``nick`` sees, at first in ``room``; ``clock`` gives seconds since the epoch.

    Who ``resumes`` is where they were last time, if that is known, and it is kept where they are.
    ``link`` invites others to the server; ``paths`` gives those of files that begin so. Without
    ``pictures`` none is shown.
    """

    def __init__(
        self,
        nick: str,
        room: str,
        clock: Callable[[], float],
        commands: Commands,
        attention: Attention | None = None,
        keymap: Keymap = DEFAULT,
        link: str = "",
        paths: Paths = lambda _: (),
        *,
        resumes: bool = False,
        pictures: bool = True,
    ) -> None:
        self.world = World(nick, room, clock)
        attention = attention or Attention()
        self._words = attention.words
        self._hearing = Hearing(self.world, attention)
        self._clock = clock
        self._commands = commands
        self._keymap = keymap
        self._orders: list[Order] = []
        asking = self._asking = Asking(self._orders.append)
        cover = self._cover = Cover()
        self._pen = Pen(self.world)
        self._supply = Supply(self.world, asking, resumes=resumes)
        self._gallery = Gallery(self.world.rooms, self._orders.append) if pictures else None
        self._errands = Errands(nick, room, self._orders)
        self._speech = Speech(self.world, asking, self._run)
        self._travel = Travel(self.world, asking)
        self._filing = Filing(asking, self._orders, cover.open)
        handling = Handling(
            self._travel.selection, self._speech, self._orders, self._run, cover.open, self._filing
        )
        finding = Finding(asking, self._supply, self._travel, keymap, cover.open)
        self._saving = Saving(self.world, asking, self._orders, cover.open)
        self._guide = Guide(
            self.world, link, self._saving, self._orders, self._pen.begin, cover.open
        )
        self._chord = ""
        self._completions = Completions(self.world, commands, paths)
        self._is_stopping = False
        self._shows_people = True
        self._actions: dict[Action, Callable[[], object]] = {
            **self._travel.actions,
            Action.HELP: self._open_help,
            Action.PALETTE: self._open_palette,
            Action.GUIDE: self._guide.open,
            Action.MEMBERS: self._toggle_people,
            Action.REDRAW: lambda: self._orders.append(Redraw()),
            Action.SUSPEND: lambda: self._orders.append(Suspend()),
            Action.CANCEL: self._cancel,
            Action.STOP: self._stop,
        }
        self._here: dict[Action, Callable[[Room], object]] = {
            Action.SEARCH: finding.open,
            Action.PEOPLE: self._open_people,
            Action.SEND: self._speech.send,
            Action.COMPLETE: lambda room: self._completions.of(room).step(1),
            Action.COMPLETE_BACK: lambda room: self._completions.of(room).step(-1),
            Action.UP: self._up,
            Action.DOWN: self._down,
            Action.EARLIER: Room.earlier,
            Action.LATER: Room.later,
            Action.EDIT: lambda room: self._orders.append(Edit(room.editor.text)),
            Action.NEXT_FIND: partial(finding.step, 1),
            Action.PREVIOUS_FIND: partial(finding.step, -1),
            Action.CONTEXT: lambda _: self._travel.center(self._travel.selection.key),
            **handling.actions,
        }

    def begin(self) -> None:
        """Wishes can be taken from now on."""
        self._supply.begin(self._words)

    def take(self, told: Event | Answer, request: Id | None = None) -> None:
        """Take what has happened, by the wish ``request`` if it was ours; or an answer."""
        request = None if self._errands.owns(request) else request
        if isinstance(told, Done) and isinstance(told.done, Conversation):
            # One that is made and left at once is told of by nothing else.
            self.world.is_stale = True
        self._tell(self._errands.take(told), request)
        self._supply.look_after()

    def remark(self, text: str, *, problem: bool = False) -> None:
        """Say something about the session itself."""
        self.world.remark(text, problem=problem)

    def ask(self, question: str, answer: Callable[[str | None], object]) -> None:
        """Have the user answer with something that is not seen; None if they do not want to."""
        self._cover.open(Prompt(question, answer, hidden=True))

    def press(self, key: str) -> None:
        """Take a key; chords are several."""
        key, self._chord = (f"{self._chord} {key}" if self._chord else key), ""
        if key in self._keymap.prefixes:
            self._chord = key
            return
        self._is_stopping = self._is_stopping and key == "ctrl c"
        if not self._cover.press(key):
            self._press(key)
        self._supply.look_after()

    def paste(self, text: str) -> None:
        """Take what was pasted, which is one message however many lines it has."""
        text = writing.clean(text)
        if self._cover.paste(text):
            return
        if writing.is_large(text):
            self._cover.open(Question.about_paste(text, partial(self._pen.paste, text)))
        else:
            self._pen.paste(text)

    def drop(self, paths: Sequence[str], text: str) -> None:
        """Take files that were dropped here; ``text`` is what the terminal has made of that."""
        room = self.world.rooms.current
        if room is None or self._cover.is_open:
            self.paste(text)
        else:
            self._filing.offer(room, paths, partial(self._pen.paste, text))

    def saved(self, path: str) -> None:
        """Who the user is stands in the file at ``path``."""
        self._saving.written(path)

    def written(self, text: str) -> None:
        """Take what was written with another editor in place of the input."""
        self._pen.replace(writing.clean(text))

    def focus(self, focused: bool) -> None:
        """Whether somebody looks here."""
        self.world.focus(focused)
        self._supply.look_after()

    def measure(self, rows: int, height: Height) -> None:
        """There are so many rows for messages, which take as many as ``height`` says."""
        self._travel.measure(rows, height)
        view = self._travel.view()
        self._supply.look_around(view)
        if self._gallery is not None:
            self._gallery.look(view)

    def sampled(self, thumbnail: bytes, raster: Raster | None) -> None:
        """Take what a small picture looks like; None if there is nothing to be seen."""
        if self._gallery is not None:
            self._gallery.take(thumbnail, raster)

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
        room, is_covered = self.world.rooms.current, self._cover.is_open
        return portray(
            self.world,
            self._travel.view(),
            self._input(room),
            self._clock(),
            selected=self._travel.selection.key,
            shows_people=self._shows_people,
            choices=self._completions.of(room).choices() if room and not is_covered else None,
            overlay=self._cover.overlay(),
            guide=self._guide.shown(),
        )

    def _input(self, room: Room | None) -> Input:
        if room is None:
            return Input("", 0, "")
        hint = "Ctrl-C again leaves" if self._is_stopping else room.hint
        where = writing.goes_to(room, self._commands)
        return Input(room.editor.text, room.editor.cursor, where, hint, bool(room.hint))

    def _tell(self, told: Sequence[Event | Answer], request: Id | None = None) -> None:
        """Take what is left when lines have had what is theirs."""
        for each in told:
            if isinstance(each, Answer):
                self._asking.take(each)
            else:
                self._hearing.hear(each, request)
            if isinstance(each, Web):
                # A remark may be cut where it is wrapped, and a link has to be copied whole.
                self._cover.offer(menus.link(each.url))
            if isinstance(each, SafetyNumber):
                self._cover.offer(menus.safety_number(each, self._pen.propose))
        self._orders += self._hearing.alerts
        self._hearing.alerts.clear()
        question = self._errands.question
        if question is not None:
            self._cover.offer(Prompt(question.text, self._answer, hidden=question.secret))

    def _run(self, room: Room, text: str) -> None:
        if writing.is_help(text):
            self._open_help()
            return
        self._tell(self._errands.run(room, text))

    def _answer(self, text: str | None) -> None:
        self._cover.close()
        self._tell(self._errands.answer(text or ""))

    def _press(self, key: str) -> None:
        selection = self._travel.selection
        action = self._keymap.action(Where.SELECTED if selection.key else Where.INPUT, key)
        if action is None and (is_text(key) or self._keymap.action(Where.INPUT, key)):
            # Whoever types while a message is selected goes on typing.
            selection.clear()
            action = self._keymap.action(Where.INPUT, key)
        if action is Action.GO:
            self._travel.go(self.world.rooms.number(int(key[-1])))
        elif action is not None:
            self._act(action)
        elif is_text(key):
            self._pen.type(key)

    def _act(self, action: Action) -> None:
        room = self.world.rooms.current
        if action in self._actions:
            self._actions[action]()
        elif room is not None and action in self._here:
            self._here[action](room)
        else:
            self._pen.edit(action)

    def _cancel(self) -> None:
        room, selection = self.world.rooms.current, self._travel.selection
        if selection.key:
            selection.clear()
        elif room is not None and room.about is not None:
            room.give_up()
        elif not self.world.timeline.at_end:
            self._travel.to_end()
        elif room is not None:
            room.hint = ""
            room.timeline.forget_mark()
            self._guide.is_hidden = True

    def _stop(self) -> None:
        room = self.world.rooms.current
        if room is not None and room.editor.text:
            room.recollection.add(room.editor.clear())
            room.edited()
        elif self._is_stopping:
            self._supply.keep_drafts()
            self._orders.append(Leave())
        else:
            self._is_stopping = True

    def _up(self, room: Room) -> None:
        if self._travel.selection.key:
            self._travel.selection.up()
        elif not room.editor.text:
            self._travel.selection.begin()
        elif not room.editor.up():
            room.earlier()

    def _down(self, room: Room) -> None:
        if self._travel.selection.key:
            self._travel.selection.down()
        elif not room.editor.down():
            room.later()

    def _toggle_people(self) -> None:
        self._shows_people = not self._shows_people

    def _open_help(self) -> None:
        self._cover.open(Help(self._commands, self._keymap))

    def _open_palette(self) -> None:
        extra = (
            Candidate("Invite a friend", "a link and a QR code", self._guide.invite),
            Candidate("First steps", "what somebody who is new may want to do", self._guide.open),
        )
        self._cover.open(
            menus.palette(self.world, self._travel, self._commands, self._pen.begin, extra)
        )

    def _open_people(self, room: Room) -> None:
        self._cover.open(menus.people(self.world, room, self._travel))
