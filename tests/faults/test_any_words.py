"""F8: whatever a server says to an agent, in any order, is taken or refused as the peer's fault."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from geventim.chat.codec import encode
from geventim.client.agent import Phase
from geventim.client.events import to_object
from geventim.errors import PeerError
from tests.chat.test_codec import any_reply
from tests.client.scripted import BOB, FRIENDS, LOBBY, ready

LINES = ["hello", "@bob hello", "@names", "@group set team bob", "@status", "@secret bob k t"]
KNOWN = [LOBBY, FRIENDS, BOB]

NEAR = {
    "id": st.integers(1, 12),
    "conversation": st.sampled_from([info.id for info in KNOWN]),
    "seq": st.integers(1, 3),
    "author": st.sampled_from(["alice", "bob", "[Server]", ""]),
}
"""Values for fields of these names that the agent has a use for."""


@st.composite
def words(draw):
    """A record, more often than not with something that fits to what was said before."""
    message, payload = draw(any_reply), draw(st.binary(max_size=40))
    for name, values in NEAR.items():
        value = getattr(message, name, None)
        if isinstance(value, int | bytes | str) and draw(st.booleans()):
            message = replace(message, **{name: draw(values)})
    if not hasattr(message, "payload"):
        return encode(message)
    return encode(replace(message, payload=len(payload)), payload)


@given(
    st.lists(st.sampled_from(LINES), max_size=4),
    st.lists(st.one_of(words(), words(), st.binary(max_size=60)), max_size=8),
    st.booleans(),
)
def test_any_words_are_taken_or_refused(lines, records, offline):
    world = ready(FRIENDS, BOB)
    agent = world.agent
    world.type(*lines)
    if offline:
        agent.disconnected()
        agent.connected()
    for record in records:
        if agent.phase is Phase.OFFLINE:
            agent.connected()
        try:
            agent.receive(record)
        except PeerError:
            agent.disconnected()
        world.asked()
        agent.take_work()
        assert all(to_object(event)["event"] for event in world.events())
        agent.take_changes()
    if agent.phase in {Phase.ENTERING, Phase.READY}:
        agent.disconnected()
    if agent.phase is not Phase.ENDED:
        world.connect(FRIENDS, BOB)
