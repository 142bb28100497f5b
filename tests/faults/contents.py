"""What a client may put into a message, as ``hostile_client.py`` takes it."""

import json

from geventim.wire.frames import prefix

NOW = 1_800_000_000.0


def content(**changes):
    """A line that sends mallory's message to the room, with these fields changed or, None, gone."""
    fields = {"nick": "mallory", "message": "hi", "date": NOW, "kind": "room", **changes}
    return line(json.dumps({name: value for name, value in fields.items() if value is not GONE}))


def line(body):
    """A line that sends a frame with ``body``."""
    return raw(prefix(body if isinstance(body, bytes) else body.encode()))


def raw(payload):
    """A line that sends exactly these bytes."""
    return f"hex {payload.hex()}"


GONE = object()
"""In the place of a value: the field is missing."""
