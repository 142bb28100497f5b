"""Commands about what this program is to do: settings, and what does not call the user."""

from typing import Final

from geventim.client import answers, wishes
from geventim.errors import UserError
from geventim.lines import finding
from geventim.lines.command import Line, MisusedError, split
from geventim.lines.dialogue import Dialogue, say
from geventim.lines.standpoint import Standpoint

SWITCHES: Final = {"on": True, "off": False}

ABOUT: Final = {
    "receipts": "others are told how far you have read",
    "pictures": "small pictures are fetched by themselves",
}
"""Settings that are on or off."""

WORDS: Final = "highlights"


def settings(_: Standpoint, line: Line) -> Dialogue:
    """Show the settings, or change one."""
    name, value = split(line.argument)
    if not name:
        settled: answers.Settings = yield wishes.Settings(id=0)
        return [say(_describe(settled, each)) for each in (*ABOUT, WORDS)]
    if name in ABOUT and value in SWITCHES:
        wanted: object = SWITCHES[value]
    elif name == WORDS:
        wanted = [each.strip() for each in value.split(",") if each.strip()]
    else:
        raise MisusedError
    settled = yield wishes.ChangeSetting(id=0, name=name, value=wanted)
    return [say(_describe(settled, name))]


def mute(here: Standpoint, line: Line) -> Dialogue:
    """Do not be called by what is written somewhere."""
    return (yield from _mute(here, line, muted=True))


def unmute(here: Standpoint, line: Line) -> Dialogue:
    """Be called again."""
    return (yield from _mute(here, line, muted=False))


def _mute(here: Standpoint, line: Line, *, muted: bool) -> Dialogue:
    name = line.argument or here.place
    if not name:
        raise UserError("nowhere", "You are nowhere.", "Name a conversation.")
    place = yield from finding.find(name)
    yield wishes.Mute(id=0, conversation=place.id, muted=muted)
    state = "does not call you any more" if muted else "calls you again"
    return [say(f"What is written in '{place.name}' {state}.")]


def _describe(settled: answers.Settings, name: str) -> str:
    if name == WORDS:
        return f"{WORDS}: {', '.join(settled.highlights) or 'none'}"
    return f"{name}: {'on' if getattr(settled, name) else 'off'} ({ABOUT[name]})"
