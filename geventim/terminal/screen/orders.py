"""What the model wants of whoever drives it, besides wishes."""

from dataclasses import dataclass

from geventim.client.wishes import Wish


@dataclass(frozen=True, slots=True)
class Leave:
    """The user wants to leave."""


@dataclass(frozen=True, slots=True)
class Browse:
    """The user wants a link for their browser."""


@dataclass(frozen=True, slots=True)
class Suspend:
    """The user wants to have their shell."""


@dataclass(frozen=True, slots=True)
class Redraw:
    """Everything is to be drawn anew: something else has written to the terminal."""


@dataclass(frozen=True, slots=True)
class Edit:
    """The user wants to write ``text`` with their own editor; what comes of it is pasted back."""

    text: str

    def __repr__(self) -> str:
        return f"<edit {len(self.text)} characters>"


@dataclass(frozen=True, slots=True)
class Copy:
    """Put ``text`` where other programs can paste it from."""

    text: str

    def __repr__(self) -> str:
        return f"<copy {len(self.text)} characters>"


@dataclass(frozen=True, slots=True)
class Alert:
    """Call the user, who is looking elsewhere. Not safe to show yet."""

    title: str
    text: str

    def __repr__(self) -> str:
        return "<alert>"


@dataclass(frozen=True, slots=True)
class Open:
    """Have the program for it show the file at ``path``, which the user has asked for."""

    path: str

    def __repr__(self) -> str:
        return "<open a file>"


@dataclass(frozen=True, slots=True)
class Sample:
    """Say what a small picture looks like that somebody else has made."""

    thumbnail: bytes

    def __repr__(self) -> str:
        return "<sample a picture>"


@dataclass(frozen=True, slots=True)
class Save:
    """Put ``content`` into a new file called ``name`` that only the user can read."""

    name: str
    content: bytes

    def __repr__(self) -> str:
        return "<save>"


Order = Wish | Leave | Browse | Suspend | Redraw | Edit | Copy | Alert | Open | Sample | Save
