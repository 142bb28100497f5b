"""What is to be written, as Redis is told."""

from geventim.log.changes import Append
from geventim.log.logs import Log
from geventim.log.outcomes import NO_COMMIT, Appended
from geventim.store.redis import layout
from geventim.store.redis.plans import Plan, said_of, write
from geventim.store.redis.state import State
from tests.store.builders import ALICE, BOB, CREW, append, commit, ids

NODE = b"nodename"


def planned(change: Append, log: Log) -> tuple[Plan, State]:
    """A plan with what one change makes of ``log``, and how that was."""
    outcome, effect = log.judge(change)
    assert effect
    plan = Plan(CREW.id, [(0, change)], outcomes=[outcome])
    plan.after = State(b"next", log.applied(effect))
    if effect.givers is not None:
        plan.group_infos[effect.givers[0].account] = effect.group_info
    return plan, State(b"version", log)


def values(plan: Plan, state: State) -> list[object]:
    assert plan.after
    command = write(plan, state, plan.after, NODE)
    assert command[0] == "EVAL"
    return list(command[3 + int(command[2]) :])


def test_a_message_leaves_the_roster_as_it_is() -> None:
    log = Log.begin(CREW, ids(ALICE, BOB), 1)
    plan, state = planned(append(CREW, ALICE, b"text"), log)
    plan.after = State(state.version, plan.after.log)
    entry = plan.written[0]
    roster, version, running_hash, size, node, count, *rest = values(plan, state)[2:]
    assert (roster, version, running_hash) == (b"", b"version", entry.hash)
    assert (size, node, count) == (4, NODE, 1)
    assert rest == [
        said_of(entry),
        layout.pack(entry),
        layout.pack(plan.outcomes[0]),
        ALICE.id,
        0,
    ]


def test_a_commit_brings_roster_and_state_and_drops_those_of_others() -> None:
    log = Log.begin(CREW, ids(ALICE, BOB), 1)
    plan, state = planned(commit(CREW, ALICE, 0, group_info=b"info"), log)
    told = values(plan, state)
    assert told[2] == layout.pack(plan.after.log.roster)
    assert told[3] == b"next"
    assert told[-4:] == [b"", 1, ALICE.id, b"info"]


def test_what_was_refused_or_repeated_is_not_written() -> None:
    entry = Log.begin(CREW, ids(ALICE), 1).judge(append(CREW, ALICE)).outcome.entry
    plan = Plan(CREW.id, [], outcomes=[NO_COMMIT, Appended(entry, repeated=True)])
    assert plan.written == []
    assert plan.is_refused
    assert not plan.is_only_refused
    assert list(plan.joined) == []
