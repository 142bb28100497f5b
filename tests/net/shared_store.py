"""A store that several nodes share, in the memory of a test, with everything that can go wrong."""

import os

import gevent
from gevent.event import Event

from geventim.errors import StoreError
from geventim.log.outcomes import Appended
from geventim.log.shared import Item, pack_appended
from geventim.store.memory.store import MemoryStore


class Common:
    """What the nodes share. While it is ``broken``, everything fails."""

    def __init__(self):
        self.store = MemoryStore()
        self.broken = False
        self.items = {"log": [], "board": []}
        self.kept = {"log": 0, "board": 0}
        self.news = Event()
        self.failures = 0

    def break_down(self, times):
        """Break, and wait until that was noticed so often."""
        self.broken = True
        self.pulse()
        enough = self.failures + times
        while self.failures < enough:
            gevent.sleep(0.005)

    def put(self, feed, node, data):
        items = self.items[feed]
        items.append(Item(len(items) + 1, node, data))
        self.pulse()

    def forget(self, feed):
        """Let the feed have no more than its last item."""
        self.kept[feed] = len(self.items[feed]) - 1

    def pulse(self):
        self.news.set()
        self.news.clear()


class SharedStore:
    """One node's side of it. ``fails_after`` it has written when that is set."""

    feeds = ("log",)
    board = "board"
    looks = 1_000

    def __init__(self, common):
        self.common = common
        self.node = os.urandom(8)
        self.noticed = []
        self.reads = 0
        self.fails_after = False
        self.gate = Event()
        self.gate.set()
        self.leases = {}
        self.closed = False

    def __getattr__(self, name):
        return getattr(self.common.store, name)

    def commit(self, changes):
        self.check()
        outcomes = self.common.store.commit(changes)
        for outcome in outcomes:
            if isinstance(outcome, Appended) and not outcome.repeated:
                self.common.put("log", self.node, pack_appended(outcome))
        self.gate.wait()
        if self.fails_after:
            self.fails_after = False
            raise StoreError("nobody knows")
        return outcomes

    def account(self, account):
        self.check()
        return self.common.store.account(account)

    @property
    def failures(self):
        return self.common.failures

    def last(self, feed):
        self.check()
        items = self.common.items[feed]
        return items[-1] if items else None

    def read(self, feed, after):
        self.check()
        self.reads += 1
        common = self.common
        found = common.items[feed][max(after, common.kept[feed]) :]
        if not found:
            common.news.wait(0.5)
            self.check()
        return found

    def post(self, data):
        self.check()
        self.common.put("board", self.node, data)
        if self.fails_after:
            self.fails_after = False
            raise StoreError("nobody knows")

    def notice(self, appended):
        self.noticed.append(appended)

    def acquire(self, conversation, seconds):
        self.check()
        return self.leases.setdefault(conversation, b"lease")

    def release(self, conversation, lease):
        self.check()
        self.leases.pop(conversation)

    def close(self):
        self.closed = True

    def check(self):
        if self.common.broken:
            self.common.failures += 1
            raise StoreError("it is broken")
