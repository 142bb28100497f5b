"""Tells a room what a command has come to, and ends like it.

ci_notifier.py ADDRESS NICK ROOM COMMAND...
"""

import shlex
import subprocess
import sys

from geventim import Client

address, nick, room, *command = sys.argv[1:]

done = subprocess.run(command, check=False)  # noqa: S603 - it is what whoever calls this wants
fate = "passed" if done.returncode == 0 else f"failed with {done.returncode}"
with Client(address, nick=nick, room=room) as client:
    client.say(f"#{room}", f"{shlex.join(command)} has {fate}.")
sys.exit(done.returncode)
