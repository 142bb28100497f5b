"""The values are checked by the official vectors; here is what holds beyond them."""

from dataclasses import replace

import pytest

from geventim.errors import AuthenticationError
from geventim.mls.schedule.key_schedule import (
    NO_SECRET,
    derive_epoch,
    derive_joiner_secret,
    receive_external_init,
    send_external_init,
)
from geventim.mls.tree.group_context import GroupContext
from tests.mls.builder import SUITE, random

CONTEXT = GroupContext(1, SUITE.number, b"id", 1, b"tree", b"hash", ())


def test_every_input_counts() -> None:
    inputs = (bytes(32), b"\x01" * 32, b"\x02" * 32)
    joiner = derive_joiner_secret(SUITE, *inputs, CONTEXT)
    seen = {joiner.epoch_secret(SUITE, CONTEXT)}
    for index in range(3):
        other = list(inputs)
        other[index] = b"\x03" * 32
        changed = derive_joiner_secret(SUITE, *other, CONTEXT)
        seen.add(changed.epoch_secret(SUITE, CONTEXT))
    seen.add(joiner.epoch_secret(SUITE, replace(CONTEXT, epoch=2)))
    assert len(seen) == 5


def test_all_secrets_of_an_epoch_are_different() -> None:
    secrets, encryption = derive_epoch(SUITE, bytes(32))
    values = [getattr(secrets, name) for name in type(secrets).__dataclass_fields__]
    assert len({*values, encryption}) == 9
    assert {len(value) for value in values} == {32}


def test_both_sides_of_an_external_init_agree() -> None:
    secrets, _ = derive_epoch(SUITE, bytes(32))
    public = secrets.external_key_pair(SUITE).public
    kem_output, init_secret = send_external_init(SUITE, public, random)
    assert receive_external_init(SUITE, secrets, kem_output) == init_secret
    assert receive_external_init(SUITE, secrets, public) != init_secret
    for bad in (b"", bytes(32)):
        with pytest.raises(AuthenticationError):
            receive_external_init(SUITE, secrets, bad)
        with pytest.raises(AuthenticationError):
            send_external_init(SUITE, bad, random)


def test_exports_differ_by_label_context_and_length() -> None:
    secrets, _ = derive_epoch(SUITE, bytes(32))
    one = secrets.export(SUITE, "label", b"context", 16)
    assert len(one) == 16
    assert one != secrets.export(SUITE, "other", b"context", 16)
    assert one != secrets.export(SUITE, "label", b"other", 16)
    assert one != secrets.export(SUITE, "label", b"context", 32)[:16]


def test_secrets_are_not_shown() -> None:
    secrets, _ = derive_epoch(SUITE, bytes(32))
    shown = repr(secrets)
    assert repr(secrets.init_secret) not in shown
    assert repr(secrets.exporter_secret) not in shown
    joiner = derive_joiner_secret(SUITE, bytes(32), NO_SECRET, NO_SECRET, CONTEXT)
    assert repr(joiner) == "JoinerSecret()"
