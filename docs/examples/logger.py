"""Writes down what is said, one line of JSON for each message: logger.py ADDRESS NICK FILE.

After it was started again it goes on behind what the file has already; what it had just written
when it was killed may be there twice.
"""

import json
import sys
from pathlib import Path

from geventim import Client
from geventim.client.events import Message

address, nick, name = sys.argv[1:]

with Client(address, nick=nick) as client, Path(name).open("a", encoding="utf-8") as file:
    for event in client:
        if isinstance(event, Message) and not (event.history or event.is_own):
            fields = {
                "conversation": event.conversation,
                "nick": event.nick,
                "date": event.date,
                "message": event.message,
            }
            print(json.dumps(fields), file=file, flush=True)
