"""Where things are in Redis, and that they come back as they were."""

from geventim.chat.values import Entry, EntryKind
from geventim.log import shared
from geventim.log.outcomes import Appended
from geventim.store.memory.log import MemoryLog
from geventim.store.redis import layout
from geventim.store.redis.layout import Roster
from geventim.store.rules import Giver
from tests.store.builders import ALICE, BOB, LOBBY


def test_everything_of_a_log_is_in_one_bucket() -> None:
    owner = bytes([64 + 7]) + bytes(15)
    keys = {layout.key(noun, owner) for noun in ("end", "log", "said")}
    assert len(keys) == 3
    assert all("{b07}" in key for key in {*keys, layout.feed(7)})


def test_rosters_come_back() -> None:
    known = MemoryLog(LOBBY)
    known.begin(ALICE.id, 0)
    known.begin(BOB.id, 3)
    known.end(BOB.id, 5, is_left=True)
    known.commit, known.givers = 4, [Giver(BOB.id, 4), Giver(ALICE.id, 2, 3)]
    roster = Roster.of(known, 9)
    assert layout.unpack_roster(layout.pack(roster)) == roster


def test_entries_and_accounts_come_back() -> None:
    entry = Entry(LOBBY.id, 1, 2.5, ALICE.id, EntryKind.COMMIT, BOB.id, b"p" * 32, added=(BOB.id,))
    appended = Appended(entry, joined=((BOB.id, 0),), conversation=LOBBY, members=1)
    assert layout.unpack_entry(layout.pack(entry)) == entry
    assert shared.unpack_appended(shared.pack_appended(appended)) == appended
    assert layout.unpack_account(layout.pack(ALICE)) == ALICE
