"""Says again, where it was said, whatever anybody says: echo_bot.py ADDRESS NICK."""

import sys

from geventim import Client
from geventim.client.events import Message

address, nick = sys.argv[1:]

with Client(address, nick=nick) as client:
    for event in client:
        if isinstance(event, Message) and not (event.history or event.is_own):
            client.say(event.conversation_id, event.message)
