"""The ways out that steps take: to the server, and to where work is done that takes its time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from geventim.client.steps.attention import Attention
from geventim.client.steps.effects import Compute
from geventim.client.steps.exchange import Exchange
from geventim.errors import PeerError, UserError

HandOut = Callable[[Compute, Callable[[Any], None], Callable[[UserError | PeerError], None]], None]
"""Has work done elsewhere; one of the two calls gets the result, or what was raised."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Where requests go, where work goes, and whose fault it is if neither was foreseen."""

    exchange: Exchange
    hand_out: HandOut
    attention: Attention = field(default_factory=Attention)
