from dataclasses import FrozenInstanceError

import pytest

from tests.terminal.screen.play import Play


def test_a_scene_is_a_value():
    one, other = Play().enter(), Play().enter()
    assert one.scene() == other.scene()
    assert hash(one.scene()) == hash(other.scene())
    one.hear("hello")
    assert one.scene() != other.scene()
    with pytest.raises(FrozenInstanceError):
        one.scene().nick = "bo"


def test_a_scene_does_not_show_what_was_written():
    play = Play().enter()
    play.hear("a secret")
    assert "a secret" not in repr(play.scene())
