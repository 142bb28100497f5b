"""The official test vectors (mlswg/mls-implementations, test-vectors.md): every case of every file.

What a file is of is seen from its cases; only a file whose name contains ``passive`` is taken at
its name.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geventim.errors import PeerError
from geventim.mls.ground.cipher_suite import SUITES, suite_of
from tests.conftest import VECTORS
from tests.mls import group_formats, primitive_formats
from tests.mls.passive_client import run_passive_client
from tests.mls.primitive_formats import Case

pytestmark = pytest.mark.vectors

FOLDER = VECTORS / "mls"

RUNNERS: dict[str, Callable[[Case], None]] = {
    "n_leaves": primitive_formats.run_tree_math,
    "vlbytes_header": primitive_formats.run_deserialization,
    "expand_with_label": primitive_formats.run_crypto_basics,
    "sender_data": primitive_formats.run_secret_tree,
    "application_priv": primitive_formats.run_message_protection,
    "initial_init_secret": primitive_formats.run_key_schedule,
    "psk_secret": primitive_formats.run_psk_secret,
    "authenticated_content": primitive_formats.run_transcript_hashes,
    "signer_pub": primitive_formats.run_welcome,
    "proposal_sender": group_formats.run_tree_operations,
    "resolutions": group_formats.run_tree_validation,
    "update_paths": group_formats.run_treekem,
    "mls_key_package": group_formats.run_messages,
    "initial_epoch_authenticator": run_passive_client,
}
"""By a field that the cases of no other format have."""


def run(path: Path, case: Case) -> None:
    if "passive" in path.name:
        run_passive_client(case)
        return
    (name,) = RUNNERS.keys() & case.keys()
    RUNNERS[name](case)


def cases() -> list[Any]:
    found = [
        pytest.param(path, case, id=f"{path.stem}-{number}")
        for path in sorted(FOLDER.rglob("*.json"))
        for number, case in enumerate(json.loads(path.read_text(encoding="utf-8")))
    ]
    reason = f"no test vectors at {FOLDER}; set EIM_VECTORS to their folder"
    return found or [pytest.param(None, None, marks=pytest.mark.skip(reason=reason))]


@pytest.mark.parametrize(("path", "case"), cases())
def test_case(path: Path, case: Case) -> None:
    number = case.get("cipher_suite")
    if number is None or number in SUITES:
        run(path, case)
        return
    with pytest.raises(PeerError, match="cipher suite"):
        suite_of(number)
    pytest.skip("a cipher suite that is not one of ours")
