import dataclasses

import pytest

from geventim.channel.events import Established, Frames, ServerKey


def test_plaintext_is_not_shown() -> None:
    assert "hush" not in repr(Frames(b"hush"))


def test_events_are_values() -> None:
    assert ServerKey(bytes(32)) == ServerKey(bytes(32))
    assert Established(b"a", b"b") != Established(b"a", b"c")
    with pytest.raises(dataclasses.FrozenInstanceError):
        Frames(b"").plaintext = b"other"
