"""What is to be seen, as one value. Nothing in it is safe to show yet: drawing sees to that."""

from dataclasses import dataclass

from geventim.chat.values import Kind
from geventim.client.people.trust import Standing
from geventim.terminal.screen.conversation.items import Person
from geventim.terminal.screen.conversation.place import View


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation in the list; ``number`` is that of its key, or 0."""

    name: str
    kind: Kind
    number: int = 0
    unread: int = 0
    mentions: int = 0
    muted: bool = False
    keyed: bool = False
    standing: Standing | None = None
    has_draft: bool = False
    is_current: bool = False
    stage: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """The line above the input: where one is, and how the connection is.

    ``below`` are messages that have come since one looks further up, if one ``is_up`` there.

    ``connection`` is a word for it, ``is_well`` whether it is as it should be. ``elsewhere`` are
    unread messages in other conversations, of which so many ``mentions`` call the user.
    """

    place: Place | None
    people: int
    connection: str
    is_well: bool
    own_status: str = ""
    elsewhere: int = 0
    mentions: int = 0
    below: int = 0
    is_up: bool = False


@dataclass(frozen=True, slots=True)
class Input:
    """What is being typed. ``hint`` is why something cannot be sent, or what may come next.

    ``goes_to`` says where it would be sent.
    """

    text: str
    cursor: int
    goes_to: str
    hint: str = ""
    is_problem: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several; ``detail`` explains it."""

    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """Several of which one is chosen, as a small list at the input."""

    choices: tuple[Choice, ...]
    chosen: int


@dataclass(frozen=True, slots=True)
class Step:
    """Something for who is new to do."""

    name: str
    detail: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class Overlay:
    """Something over all else. ``typed`` is its own input, if it has one.

    ``rows`` are pairs of what stands left and right; one with nothing at the right is a title if
    ``has_titles``, and ``wraps`` where it is too long, if all of it has to be seen. The row that is
    ``chosen`` is seen. Below them is a ``figure``, as it is.
    """

    title: str
    rows: tuple[tuple[str, str], ...]
    chosen: int = -1
    top: int = 0
    typed: str | None = None
    cursor: int = 0
    foot: str = ""
    has_titles: bool = False
    figure: tuple[str, ...] = ()
    wraps: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """All of it. ``title`` is for the window, ``selected`` the key of a message."""

    title: str
    places: tuple[Place, ...]
    view: View
    people: tuple[Person, ...]
    status: Status
    input: Input
    nick: str = ""
    selected: str = ""
    shows_people: bool = True
    choices: Choices | None = None
    overlay: Overlay | None = None
    guide: tuple[Step, ...] = ()
