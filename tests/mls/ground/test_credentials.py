import pytest

from geventim.errors import PeerError
from geventim.mls.ground.credentials import (
    BASIC,
    CREDENTIAL,
    X509,
    BasicCredential,
    X509Credential,
    credential_type,
)


def test_both_types_are_read_and_written() -> None:
    for credential, kind, encoded in (
        (BasicCredential(b"me"), BASIC, "0001026d65"),
        (X509Credential((b"a", b"")), X509, "0002030161 00".replace(" ", "")),
    ):
        assert credential_type(credential) == kind
        assert CREDENTIAL.encode(credential).hex() == encoded
        assert CREDENTIAL.decode(bytes.fromhex(encoded)) == credential


def test_another_type_is_malformed() -> None:
    for kind in ("0000", "0003", "0a0a"):
        with pytest.raises(PeerError, match="unknown type"):
            CREDENTIAL.decode(bytes.fromhex(kind + "00"))
