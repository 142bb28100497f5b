import pytest

from geventim.terminal.screen.configuration.profiles import PROFILES, keymap_of
from geventim.terminal.screen.keys import DEFAULT, Action, Where


@pytest.mark.parametrize("profile", PROFILES)
def test_a_key_means_one_thing_and_every_action_has_one(profile):
    keymap = keymap_of(profile)
    for where in Where:
        bound = [key for each in keymap.bindings if each.where is where for key in each.keys]
        assert len(bound) == len(set(bound))
    assert {each.action for each in keymap.bindings} == set(Action)


@pytest.mark.parametrize("profile", PROFILES)
def test_nothing_that_is_typed_is_a_key(profile):
    for each in keymap_of(profile).bindings:
        assert each.where is Where.SELECTED or all(len(key) > 1 for key in each.keys)


def test_those_who_come_from_elsewhere_find_their_keys():
    assert keymap_of("default").bindings == DEFAULT.bindings
    assert keymap_of("emacs").action(Where.INPUT, "ctrl s") is Action.SEARCH
    assert keymap_of("vi").action(Where.SELECTED, "G") is Action.TO_BOTTOM
    assert keymap_of("vi").action(Where.INPUT, "G") is None
