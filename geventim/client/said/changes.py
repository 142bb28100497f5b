"""What is said about a message after it was written: an edit, a deletion, a reaction."""

from msgspec import Struct

from geventim.client.said.emoji import is_emoji
from geventim.client.sealing.content import Act, Content, Format


class Change(Struct, frozen=True, array_like=True, tag=True):
    """Root of all changes: ``account``, called ``nick``, wrote the entry ``seq`` on ``about``.

    ``about`` is a message id. The message may be here, be somebody else's, or not exist.
    """

    about: bytes
    account: bytes
    nick: str
    seq: int

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.about.hex()}>"

    @property
    def size(self) -> int:
        """Bytes that it takes, about."""
        return 64


class Edit(Change, frozen=True, tag="e"):
    """The message has another ``text`` now."""

    text: str
    is_plain: bool = False

    @property
    def size(self) -> int:
        """Bytes that it takes, about."""
        return 64 + len(self.text.encode())


class Retraction(Change, frozen=True, tag="d"):
    """The message is gone; ``by_founder`` says whether the author may delete those of others."""

    by_founder: bool = False


class Opinion(Change, frozen=True, tag="r"):
    """One emoji; nothing any more if it is empty."""

    emoji: str


def read_change(
    said: Content, account: bytes, seq: int, *, is_founder: bool = False
) -> Change | None:
    """What ``account`` changes with what they ``said`` in the entry ``seq``.

    None if that is nothing, or nothing that makes sense.
    """
    match said.act:
        case Act.EDIT if said.replaces is not None and said.message:
            is_plain = said.format is Format.PLAIN
            return Edit(said.replaces, account, said.nick, seq, said.message, is_plain)
        case Act.RETRACT if said.retracts is not None:
            return Retraction(said.retracts, account, said.nick, seq, is_founder)
        case Act.REACT if said.reaction is not None:
            emoji = said.reaction.emoji
            if not emoji or is_emoji(emoji):
                return Opinion(said.reaction.to, account, said.nick, seq, emoji)
    return None
