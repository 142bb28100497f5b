import hashlib
from dataclasses import replace

import pytest

from geventim.client.people.safety_number import (
    Party,
    format_number,
    room_code,
    safety_number,
    split,
)

ALICE = Party(b"s" * 32, b"a" * 16, "alice", b"A" * 32)
BOB = Party(b"s" * 32, b"b" * 16, "bob", b"B" * 32)


def test_both_sides_see_the_same_60_digits():
    number = safety_number(ALICE, BOB)
    assert number == safety_number(BOB, ALICE)
    assert len(number) == 60
    assert number.isdigit()


@pytest.mark.parametrize(
    "other",
    [
        replace(BOB, server_key=b"t" * 32),
        replace(BOB, account=b"c" * 16),
        replace(BOB, nick="rob"),
        replace(BOB, identity=b"C" * 32),
        replace(BOB, account=b"b" * 15, nick="bbob"),
    ],
)
def test_any_difference_shows(other):
    assert safety_number(ALICE, other) != safety_number(ALICE, BOB)


def test_halves_are_those_of_each_person():
    carol = Party(b"s" * 32, b"c" * 16, "carol", b"C" * 32)
    halves = [
        {number[:30], number[30:]}
        for number in (safety_number(ALICE, BOB), safety_number(ALICE, carol))
    ]
    assert len(halves[0] & halves[1]) == 1


def test_construction_is_that_of_its_description():
    digest = b"geventim safety number 1"
    digest += b"\x20" + BOB.server_key + b"\x10" + BOB.account + b"\x03bob\x20" + BOB.identity
    for _ in range(5200):
        digest = hashlib.sha512(digest + BOB.identity).digest()
    half = "".join(
        f"{int.from_bytes(digest[start : start + 5], 'big') % 100000:05}"
        for start in range(0, 30, 5)
    )
    assert half in split_halves(safety_number(ALICE, BOB))


def split_halves(number):
    assert number[:30] <= number[30:]
    return number[:30], number[30:]


def test_room_code_is_of_the_conversation_and_its_epoch():
    code = room_code(b"L" * 16, b"e" * 32)
    assert len(code) == 30
    assert code == room_code(b"L" * 16, b"e" * 32)
    assert code not in (room_code(b"M" * 16, b"e" * 32), room_code(b"L" * 16, b"f" * 32))


def test_numbers_are_shown_in_groups_of_five():
    number = safety_number(ALICE, BOB)
    assert [len(group) for group in split(number)] == [5] * 12
    assert format_number(number).replace(" ", "") == number
