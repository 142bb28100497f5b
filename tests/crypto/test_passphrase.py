import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geventim.crypto import passphrase
from geventim.crypto.kdf import scrypt
from geventim.errors import AuthenticationError


def seal(words, plaintext=b"the key", associated=b"what for"):
    return passphrase.seal(words, plaintext, associated, secrets.token_bytes)


@pytest.mark.usefixtures("cheap_passphrases")
class TestAtLittleCost:
    def test_what_is_sealed_opens(self):
        assert passphrase.open_sealed("open sesame", seal("open sesame"), b"what for") == b"the key"

    @pytest.mark.parametrize("other", ["open", "Open sesame", "open sesame ", ""])
    def test_another_passphrase_does_not_open(self, other):
        with pytest.raises(AuthenticationError):
            passphrase.open_sealed(other, seal("open sesame"), b"what for")

    def test_it_is_bound_to_what_it_is_for(self):
        with pytest.raises(AuthenticationError):
            passphrase.open_sealed("open sesame", seal("open sesame"), b"something else")

    @pytest.mark.parametrize(
        ("typed", "same"), [("caf\u00e9 Ω", "cafe\u0301 \u2126"), ("\uff11\uff12", "12")]
    )
    def test_f12_characters_are_the_same_however_they_are_composed(self, typed, same):
        assert passphrase.open_sealed(same, seal(typed), b"what for") == b"the key"

    def test_nothing_is_the_same_twice(self):
        one, other = seal("open sesame"), seal("open sesame")
        assert one[:16] != other[:16]
        assert one[16:32] != other[16:32]
        assert one[32:] != other[32:]

    @settings(max_examples=100)
    @given(st.binary(max_size=200))
    def test_any_bytes_open_or_fail_to_authenticate(self, data):
        with pytest.raises(AuthenticationError):
            passphrase.open_sealed("open sesame", data, b"what for")


def test_guessing_is_dear(monkeypatch):
    costs = []

    def count(*arguments, cost, length):
        costs.append(cost)
        return scrypt(*arguments, cost=16, length=length)

    monkeypatch.setattr(passphrase, "scrypt", count)
    passphrase.open_sealed("open sesame", seal("open sesame"), b"what for")
    assert costs == [2**17, 2**17]


def test_it_opens_at_its_true_cost():
    assert passphrase.open_sealed("x", seal("x"), b"what for") == b"the key"
