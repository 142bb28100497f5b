"""Profiles of keys: what those who come from elsewhere have in their fingers."""

from typing import Final

from geventim.terminal.screen.keys import DEFAULT, Action, Binding, Keymap, Where


def _bind(where: Where, action: Action, text: str, *keys: str) -> Binding:
    return Binding(where, keys, action, text)


_E, _S = Where.EVERYWHERE, Where.SELECTED

PROFILES: Final = {
    "default": (),
    "emacs": (
        _bind(_E, Action.SEARCH, "search here", "ctrl s", "ctrl r"),
        _bind(_E, Action.CANCEL, "close, or stop selecting", "esc", "ctrl g"),
        _bind(_E, Action.PAGE_UP, "a page up", "page up", "meta v"),
        _bind(_E, Action.PAGE_DOWN, "a page down", "page down", "ctrl v"),
        _bind(_E, Action.NEXT_PLACE, "next conversation", "meta down"),
        _bind(_E, Action.PALETTE, "go to a conversation or a person, or find a command", "meta x"),
        _bind(Where.INPUT, Action.RIGHT, "a character on", "right", "ctrl f"),
        _bind(Where.INPUT, Action.UP, "a line up; in an empty input: select a message",
              "up", "ctrl p"),
        _bind(Where.INPUT, Action.DOWN, "a line down", "down", "ctrl n"),
        _bind(_S, Action.CONTEXT, "see it with what was said around it", "ctrl l"),
    ),
    "vi": (
        _bind(_S, Action.TO_TOP, "to the oldest message that is held", "g"),
        _bind(_S, Action.TO_BOTTOM, "to the newest message", "G"),
        _bind(_S, Action.PAGE_UP, "a page up", "ctrl u", "ctrl b"),
        _bind(_S, Action.PAGE_DOWN, "a page down", "ctrl d", "ctrl f"),
        _bind(_S, Action.ROW_UP, "a row up", "ctrl y"),
        _bind(_S, Action.ROW_DOWN, "a row down", "ctrl e"),
        _bind(_S, Action.SEARCH, "search here", "/"),
    ),
}  # fmt: skip


def keymap_of(profile: str) -> Keymap:
    """The keys of ``profile``."""
    keymap = DEFAULT
    for binding in PROFILES[profile]:
        keymap = keymap.with_binding(binding)
    return keymap
