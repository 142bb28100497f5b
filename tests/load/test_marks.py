import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.load.marks import SIZE, Mark, Marker

RUN = bytes(range(8))


@given(
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.floats(0, 1e9),
    st.integers(SIZE, 1000),
)
def test_what_is_written_is_read(sender, number, time, size):
    marker = Marker(RUN, size)
    payload = marker.write(Mark(sender, number, time))
    assert len(payload) == size
    assert marker.read(payload) == Mark(sender, number, time)


@given(st.binary(max_size=300))
def test_other_bytes_are_no_mark(payload):
    assert Marker(RUN, 200).read(payload) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda payload: payload[:-1],
        lambda payload: payload + b"\0",
        lambda payload: payload[:-1] + b"\1",
        lambda payload: b"\xff" + payload[1:],
    ],
    ids=["short", "long", "padding", "other run"],
)
def test_a_changed_payload_is_no_mark(change):
    marker = Marker(RUN, 200)
    assert marker.read(change(marker.write(Mark(1, 2, 3.0)))) is None
