"""Records as they are on the wire, on standard error."""

import sys
from typing import Final

SHOWN: Final = 32
"""Bytes of a record that are shown."""


def print_record(direction: str, kind: str, data: bytes) -> None:
    """One line for one record: direction, type, length in bytes, and its beginning in hex."""
    more = "..." if len(data) > SHOWN else ""
    print(
        f"{direction:3} {kind:9} {len(data):7} {data[:SHOWN].hex()}{more}",
        file=sys.stderr,
        flush=True,
    )
