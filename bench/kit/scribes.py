"""Members of eim-load who write into a room of a server, in a process of their own.

Usage: scribes.py [--room NAME] ADDRESS RUN COUNT SECONDS RATE

Options:
  --room NAME  A room that is there [default: lobby].

Each text is a mark of the run with that id: who has written it, and when. They write RATE messages
a second together once there is a line to read, or fewer where the server does not take so many, and
say how many of these are on the disk in the end.
"""

import sys
import time

import gevent
import kit.checkout  # noqa: F401 - has to come before what is measured
from docopt import docopt

from geventim.chat.links import parse_links
from geventim.client.answers import Answer
from geventim.client.events import Event, Notice
from geventim.load.ledger import Ledger
from geventim.load.marks import SIZE
from geventim.load.member import Member
from geventim.load.room import Room
from geventim.load.target import Target

PATIENCE = 60.0
"""Seconds in which everything is to be on the disk."""

BEHIND = 1_000
"""Messages that may be on their way there; they wait while there are more."""


class Scribe(Member):
    """A member who writes for so long that keys are changed meanwhile."""

    def heed(self, event: Event | Answer) -> None:
        """Take what the client says besides; notices are nothing bad."""
        if not isinstance(event, Notice):
            super().heed(event)


def main() -> None:
    """Enter, write, and leave."""
    words = docopt(__doc__)
    ledger = Ledger(int(words["COUNT"]), mixed=True)
    target = Target(parse_links(words["ADDRESS"])[0], None, Room(words["--room"]))
    run = bytes.fromhex(words["RUN"])
    members = [Scribe([target], run, 2 * SIZE, tally) for tally in ledger.tallies]
    for member in members:
        member.enter()
        gevent.spawn(member.listen)
    print("entered", flush=True)
    sys.stdin.readline()
    begin, rate, seconds = time.monotonic(), float(words["RATE"]), float(words["SECONDS"])
    for number in range(int(seconds * rate)):
        gevent.sleep(max(0.0, begin + number / rate - time.monotonic()))
        while ledger.sent - ledger.acknowledged > BEHIND:
            gevent.sleep(0.01)
        if time.monotonic() > begin + 1.1 * seconds:
            break
        members[number % len(members)].send()
    with gevent.Timeout(PATIENCE, False):
        while ledger.acknowledged < ledger.sent:
            gevent.sleep(0.01)
    print(ledger.acknowledged, flush=True)
    for member in members:
        member.leave()


if __name__ == "__main__":
    main()
