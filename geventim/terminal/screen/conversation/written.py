"""What was written before, as an item of its conversation."""

from geventim.client.answers import Written
from geventim.client.sealing.content import ContentKind
from geventim.terminal.screen.conversation.items import Delivery, Said


def item_of(said: Written) -> Said:
    """The item that ``said`` is."""
    return Said(
        said.message_id,
        said.nick,
        said.message,
        said.date,
        said.order,
        said.message_id,
        said.own,
        said.verified,
        delivery=Delivery.SENT if said.own else Delivery.ARRIVED,
        kind="secret" if said.kind is ContentKind.SECRET else "",
    )
