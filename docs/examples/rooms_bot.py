"""Answers questions in several rooms: rooms_bot.py ADDRESS NICK ROOM...

``!who`` is answered with those who are in the room, and ``!rooms`` with where the bot is. Both are
answered where they were asked, and to one alone who has asked in private.
"""

import sys

from geventim import Client
from geventim.client.events import Message

address, nick, *rooms = sys.argv[1:]


def answer(client: Client, question: Message) -> str | None:
    """What is said to a message, if anything is."""
    match question.message.split():
        case ["!who"]:
            members = client.members(question.conversation_id)
            return ", ".join(sorted(member.nick for member in members))
        case ["!rooms"]:
            return ", ".join(each.name for each in client.conversations() if each.kind == "room")
    return None


with Client(address, nick=nick, room=rooms[0]) as client:
    for room in rooms[1:]:
        client.join(room)
    for event in client:
        if isinstance(event, Message) and not (event.history or event.is_own):
            text = answer(client, event)
            if text is not None:
                client.say(event.conversation_id, text)
