import pytest

from geventim.chat.access import channel_psk
from geventim.crypto.readable import encode_key, format_key
from geventim.errors import UserError

KEY = encode_key(bytes(range(16)))


def test_key_of_the_handshake_has_32_bytes_and_is_not_the_access_key() -> None:
    psk = channel_psk(KEY)
    assert len(psk) == 32
    assert bytes(range(16)) not in psk


@pytest.mark.parametrize("text", [KEY.upper(), format_key(KEY), f"{KEY}\n"])
def test_key_is_read_as_people_write_it(text: str) -> None:
    assert channel_psk(text) == channel_psk(KEY)


def test_other_access_keys_give_other_keys() -> None:
    assert channel_psk(encode_key(bytes(16))) != channel_psk(KEY)


@pytest.mark.parametrize("text", ["", KEY[:-1], KEY + KEY, "password"])
def test_what_is_no_access_key_is_refused(text: str) -> None:
    with pytest.raises(UserError) as caught:
        channel_psk(text)
    assert caught.value.code == "bad_key"
