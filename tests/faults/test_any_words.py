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


def record(data, open_requests):
    """One message or reply, more often than not one that fits to what was said before."""
    near = {
        "id": st.sampled_from(open_requests or [1]),
        "conversation": st.sampled_from([info.id for info in KNOWN]),
        "seq": st.integers(1, 3),
        "author": st.sampled_from(["alice", "bob", "[Server]", ""]),
    }
    message, payload = data.draw(any_reply), data.draw(st.binary(max_size=40))
    for name, values in near.items():
        # The conversation of some messages is more than its id.
        if isinstance(getattr(message, name, None), int | bytes | str) and data.draw(LIKELY):
            message = replace(message, **{name: data.draw(values)})
    if not hasattr(message, "payload"):
        return encode(message)
    return encode(replace(message, payload=len(payload)), payload)


LIKELY = st.sampled_from([True, True, True, False])


@given(st.lists(st.sampled_from(LINES), max_size=4), st.booleans(), st.data())
def test_any_words_are_taken_or_refused(lines, offline, data):
    world = ready(FRIENDS, BOB)
    agent = world.agent
    world.type(*lines)
    if offline:
        agent.disconnected()
    for _ in range(data.draw(st.integers(1, 8))):
        if agent.phase is Phase.OFFLINE:
            world.open.clear()
            agent.connected()
        world.asked()
        open_requests = [request.id for request, _ in world.open]
        garbage = data.draw(st.integers(0, 9)) == 0
        words = data.draw(st.binary(max_size=60)) if garbage else record(data, open_requests)
        try:
            agent.receive(words)
        except PeerError:
            agent.disconnected()
        agent.take_work()
        assert all(to_object(event)["event"] for event in world.events())
        agent.take_changes()
    if agent.phase in {Phase.ENTERING, Phase.READY}:
        agent.disconnected()
    if agent.phase is not Phase.ENDED:
        world.connect(FRIENDS, BOB)
