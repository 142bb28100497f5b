"""What the user wants of a conversation, and why it is not possible."""

from geventim.client.conversation.alteration import Alteration
from geventim.client.sealing.gates import NewKey
from geventim.errors import UserError


class Intent:
    """``sought``: the user wants to be in it, beyond what is kept.

    ``new_key`` is what a keyed room is to have, ``alteration`` who is to be in a group, and
    ``failure`` is why what was tried last came to nothing.
    """

    def __init__(self) -> None:
        self.sought = False
        self.new_key: NewKey | None = None
        self.alteration: Alteration | None = None
        self.failure: UserError | None = None

    def seek(self) -> None:
        """The user wants to be in it."""
        self.sought, self.failure = True, None

    def change_key(self, new: NewKey) -> None:
        """The user wants the room to have another key."""
        self.new_key, self.failure = new, None

    def alter(self, alteration: Alteration) -> None:
        """The user wants others to be in the group."""
        self.alteration, self.failure = alteration, None

    def drop(self) -> None:
        """Nothing is wanted any more."""
        self.sought, self.new_key, self.alteration = False, None, None

    def fail(self, error: UserError) -> None:
        """What was wanted is not possible."""
        self.drop()
        self.failure = error
