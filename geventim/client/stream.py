"""All events, as a front end is told them, and those that are about being told.

Each is in :mod:`.events` that is about something else.
"""

from geventim.client import events
from geventim.client.events import Event
from geventim.client.wishes import Id


class Behind(Event, frozen=True, tag="behind"):
    """Events are missing here, since this front end did not take what it was told.

    The wish ``snapshot`` says how everything is now.
    """


class Attached(Event, frozen=True, tag="attached"):
    """The first that is told through a socket, with the number ``n`` of the last event.

    ``program`` is the version of the client, ``protocol`` that of what is said here.
    """

    program: str
    protocol: int


class Closing(Event, frozen=True, tag="closing"):
    """The client that this front end is attached to ends.

    The wishes with the ids ``unanswered`` were taken, and may have been granted; others were not.
    """

    unanswered: tuple[Id, ...]


AnyEvent = (
    events.Connected
    | events.Entered
    | events.Message
    | events.Edited
    | events.Deleted
    | events.Reacted
    | events.Read
    | events.Away
    | events.TimerSet
    | events.Found
    | events.ConversationChanged
    | events.Secret
    | events.Joined
    | events.Left
    | events.StatusChanged
    | events.Names
    | events.Group
    | events.Members
    | events.KeyChanged
    | events.SafetyNumber
    | events.RoomCode
    | events.Trusted
    | events.Acquaintance
    | events.Sent
    | events.Delayed
    | events.Notice
    | events.Announcement
    | events.Error
    | events.Reconnecting
    | events.Transfer
    | events.Web
    | Behind
    | Attached
    | Closing
)
