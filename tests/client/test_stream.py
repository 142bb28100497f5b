from typing import get_args

from geventim.client import events, stream
from geventim.client.events import Event


def test_every_event_is_one_that_somebody_can_be_told():
    kinds = [
        kind
        for module in (events, stream)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event
    ]
    assert set(kinds) == set(get_args(stream.AnyEvent))
