"""The key of a keyed room, as far as we have it, and its gate."""

from typing import Final

from geventim.client.kept.record import Offer, Record
from geventim.client.sealing import gates
from geventim.client.sealing.charter import psk_name
from geventim.mls.schedule.psk import PskName

OFFERS: Final = 32
"""Keys that wait for their gate, of as many accounts."""

OURSELVES: Final = b""
"""Stands for whose key was the one before."""


class RoomKey:
    """What ``record`` holds of it; who changes that has the record kept."""

    def __init__(self, record: Record) -> None:
        self._record = record

    @property
    def is_lacking(self) -> bool:
        """Whether this is a keyed room whose present key we do not have."""
        record = self._record
        if not record.keyed:
            return False
        return not record.room_key or gates.gate(record.room_key).public != record.gate

    def find(self, gate: bytes) -> bytes | None:
        """What the key behind ``gate`` stretches to: the present one, or one that was announced."""
        record = self._record
        for secret in (record.room_key, *(offer.secret for offer in record.offers.values())):
            if secret and gates.gate(secret).public == gate:
                return secret
        return None

    def take(self, secret: bytes) -> None:
        """The user has typed the key, which stretches to ``secret``.

        It is not known to be the right one before a member's state of the group has said so.
        """
        record = self._record
        record.room_key = secret
        if not record.member:
            record.gate = gates.gate(secret).public if secret else b""

    def look_up(self, name: PskName) -> bytes | None:
        """The PSK of a keyed room, under its present name."""
        record = self._record
        if not record.gate or self.is_lacking or name != psk_name(record.gate):
            return None
        return gates.psk(record.room_key)

    def offer(self, account: bytes, offer: Offer) -> None:
        """An account announces a key; only its last counts, so that it displaces no other's."""
        offers = self._record.offers
        offers.pop(account, None)
        offers[account] = offer
        if len(offers) > OFFERS:
            del offers[next(iter(offers))]

    def pass_gate(self, gate: bytes) -> Offer | None:
        """Use the key that was announced, if the room has another gate now; which one that is."""
        record = self._record
        if gate == record.gate:
            return None
        record.gate = gate
        for account, offer in record.offers.items():
            if gates.gate(offer.secret).public == gate:
                del record.offers[account]
                former, record.room_key = record.room_key, offer.secret
                if former:
                    # Where the room has this gate may be a state that somebody has made up.
                    self.offer(OURSELVES, Offer(former))
                return offer
        return None
