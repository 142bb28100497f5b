"""Whatever a client tells or answers, with its sentences: they are made here, and nowhere below."""

from typing import TypeVar

from msgspec.structs import replace

from geventim.client.answers import Answer, Refusal, Refused
from geventim.client.events import Error, Event, Notice, Transfer
from geventim.lines import notices, refusals

Told = TypeVar("Told", bound=Event | Answer)


def describe(told: Told) -> Told:
    """The same, with a text for people where one belongs."""
    match told:
        case Notice(text="", code=code) if code:
            return replace(told, text=notices.sentence(code, told.facts))
        case Error(text=""):
            text = refusals.sentence(told.code, told.case, told.facts, told.count)
            return replace(told, text=text)
        case Transfer(failure=Refusal(text="") as failure):
            text = refusals.sentence(failure.code, failure.case, failure.facts)
            return replace(told, failure=replace(failure, text=text))
        case Refused(refused=refused) if not refused.text:
            text = refusals.sentence(refused.code, refused.case, refused.facts)
            is_servers = refused.by_server or refused.code in refusals.BY_SERVER
            return replace(told, refused=replace(refused, text=text, by_server=is_servers))
    return told
