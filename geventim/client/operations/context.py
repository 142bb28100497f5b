"""What operations work with: the user, with their conversations and where they are."""

from collections.abc import Callable
from dataclasses import dataclass, field

from geventim.chat.values import Kind, Status
from geventim.client.conversation.conversation import Conversation
from geventim.client.operations.conversations import Conversations
from geventim.client.phases import Phase
from geventim.client.user import User
from geventim.client.wishes import Cancel


@dataclass(slots=True)
class Context:
    """``room`` is the id of the room where lines go that name nobody, called ``room_name``.

    ``changes`` of presence were counted when the user came. ``life_signs`` says whether the server
    answers them. ``phase`` is where the agent stands. ``present`` are others who are connected, as
    far as the server has told it, with their status. ``cancel`` does as an asker wishes,
    and gives what tells whether that is over.
    """

    user: User
    conversations: Conversations
    room: bytes = b""
    room_name: str = ""
    status: Status = Status.NORMAL
    changes: int = 0
    life_signs: bool = False
    phase: Phase = Phase.OFFLINE
    present: dict[str, Status] = field(default_factory=dict)
    cancel: Callable[[int, Cancel], Callable[[], bool]] = lambda _, __: lambda: True

    @property
    def has_been_here(self) -> bool:
        """Whether the server has known the account, as far as we know."""
        return any(conversation.seat is not None for conversation in self.conversations)

    def return_to(self, name: str) -> None:
        """Be where lines went in an earlier process, if the user is there still."""
        place = self.conversations.named(Kind.GROUP, name)
        place = place or self.conversations.named(Kind.ROOM, name)
        if place is not None:
            self.room, self.room_name = place.id, place.name

    def touch_all(self) -> None:
        """There may be something new to be told of any conversation."""
        self.user.touched.update(each.id for each in self.conversations)

    @property
    def queued(self) -> int:
        """Messages that are kept, and of which it is not known that the server has them."""
        return self.conversations.undelivered + len(self.user.letters)

    @property
    def room_joined(self) -> Conversation | None:
        """The room where lines go, if the user has not left it."""
        room = self.conversations.get(self.room)
        return room if room is not None and room.record.member else None
