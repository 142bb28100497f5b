"""Where there is no disk nothing is sent or fetched."""

import pytest

from geventim.client.files.disk import NoDisk
from geventim.errors import DeniedError


def test_no_disk_refuses() -> None:
    with pytest.raises(DeniedError, match="no_source"):
        NoDisk().open_source("/a")
    with pytest.raises(DeniedError, match="bad_path"):
        NoDisk().open_part("/a", "a", 1, "", "tag", 0)
    NoDisk().drop_part("/a", "a", "", "tag", 0)
    NoDisk().remove("/a", 1, b"")
