"""Operations on what is kept for the user of a conversation: drafts, what is read, what waits."""

from math import inf

from geventim.client.conversation.conversation import Conversation
from geventim.client.conversation.mentions import mentions
from geventim.client.history.reading import Query, Told
from geventim.client.operations.reading import recall
from geventim.client.steps.effects import Operation
from geventim.client.user import User


def mark_read(user: User, conversation: Conversation, order: int | None) -> Operation:
    """The user has read everything, or what came up to the message numbered ``order``."""
    bookmark, newest = conversation.bookmark, user.history.newest(conversation.id)
    if order is None or order >= newest:
        conversation.mark_read(newest)
        return
    if order <= bookmark.read:
        return
    before = bookmark.unread, bookmark.mentions
    count = _Count(user)
    query = Query(places=frozenset([conversation.id]), after=order)
    yield from recall.read(user, user.history.read_forwards(query, inf), count.add)
    # What has come meanwhile is not among what was read.
    conversation.mark_read(
        order,
        count.unread + max(0, bookmark.unread - before[0]),
        count.mentions + max(0, bookmark.mentions - before[1]),
    )


class _Count:
    """How many messages of others there are, and how many of these call the user."""

    def __init__(self, user: User) -> None:
        self._nick = user.nick
        self._words = user.preferences.values.highlights
        self.unread = self.mentions = 0

    def add(self, told: list[Told]) -> None:
        """Some more."""
        said = [each.utterance for each in told if not each.utterance.beside.retracted]
        others = [each for each in said if each.nick != self._nick]
        self.unread += len(others)
        self.mentions += sum(mentions(each.text, self._nick, self._words) for each in others)
