"""What we wrote where it was not certain that anybody else is, to be written again if nobody was.

It stands in the record until that is certain; but what is deleted goes at once.
"""

from geventim.client.conversation.conversation import Conversation
from geventim.client.kept.parcels import Parcel
from geventim.client.sealing import content
from geventim.client.sealing.content import Content


def note(conversation: Conversation, parcel: Parcel, said: Content) -> None:
    """That was written; with too much of it, it is not written again."""
    doubtful, measures = conversation.record.doubtful, conversation.user.measures
    size = sum(map(len, doubtful.values())) + len(parcel.content)
    if len(doubtful) < measures.doubtful and size <= measures.doubtful_size:
        doubtful[said.id or parcel.message_id] = parcel.content


def drop(conversation: Conversation, message_id: bytes) -> None:
    """A message is gone, and nobody is to read it any more, nor what has words of it.

    What answers it cannot be written again without them: it would be another message.
    """
    account, doubtful = conversation.user.account, conversation.record.doubtful
    for first, written in list(doubtful.items()):
        said = content.parse(written)
        known = {first, content.message_id(account, conversation.id, said, written)}
        about = said.replaces if said.reply is None else said.reply.to
        if message_id in known or about == message_id:
            del doubtful[first]
            conversation.keep()
