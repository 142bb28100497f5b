import pytest

from geventim.crypto.aes import cbc

# SP 800-38A F.2.5 and F.2.6.
KEY = bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
IV = bytes(range(16))
PLAINTEXT = bytes.fromhex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)
CIPHERTEXT = bytes.fromhex(
    "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
    "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b"
)


def test_published_example():
    assert cbc(KEY, IV).encrypt(PLAINTEXT) == CIPHERTEXT
    assert cbc(KEY, IV).decrypt(CIPHERTEXT) == PLAINTEXT


def test_one_object_goes_on_where_it_was():
    encryptor = cbc(KEY, IV)
    assert encryptor.encrypt(PLAINTEXT[:32]) + encryptor.encrypt(PLAINTEXT[32:]) == CIPHERTEXT


@pytest.mark.parametrize(
    ("key", "text"), [(KEY[:-1], bytes(16)), (KEY, bytes(15))], ids=["key", "text"]
)
def test_what_does_not_fit_is_refused(key, text):
    with pytest.raises(ValueError, match=r"length|boundary"):
        cbc(key, IV).encrypt(text)
