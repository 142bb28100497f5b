"""Credentials: what a member says about who it is (RFC 9420 §5.3).

Whether a credential is true is for the application to judge; see :mod:`geventim.mls.ground.policy`.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from geventim.wire.presentation import Opaque, Select, Struct

BASIC: Final = 1
X509: Final = 2


@dataclass(frozen=True, slots=True)
class BasicCredential(Struct):
    """A bare identity, in a form that the application defines."""

    identity: Opaque


@dataclass(frozen=True, slots=True)
class X509Credential(Struct):
    """A chain of DER certificates, the member's own first."""

    certificates: tuple[Opaque, ...]


Credential = BasicCredential | X509Credential

CREDENTIAL: Final = Select(2, {BASIC: BasicCredential, X509: X509Credential})
"""A credential behind its type."""

AnyCredential = Annotated[Credential, CREDENTIAL]


def credential_type(credential: Credential) -> int:
    """The type's number in the registry of RFC 9420 §17.5."""
    return CREDENTIAL.tag(credential)
