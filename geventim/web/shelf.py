"""Private files on their way to and from pages."""

import os
import secrets
import shutil
import tempfile
from http import HTTPStatus
from pathlib import Path
from typing import Final

from geventim.client.files.names import safe_name
from geventim.store.files import make_directory
from geventim.web.exchange import Request, WebError

PLACE: Final = "web"
PIECE: Final = 256 * 1024
FILE_SIZE: Final = 2 * 1024**3


class Shelf:
    """Files below the directory ``data``, for as long as this process runs."""

    def __init__(self, data: Path) -> None:
        make_directory(data / PLACE)
        self._place = Path(tempfile.mkdtemp(dir=data / PLACE))
        self._files: dict[tuple[int, str], str] = {}

    def find(self, owner: object, name: str) -> str | None:
        """Where the file is that ``owner`` has uploaded."""
        return self._files.get((id(owner), name))

    def take(self, owner: object, name: str, request: Request) -> str:
        """Keep the body of ``request`` as a file called ``name``; what its owner calls it."""
        if request.size is None or request.body is None:
            raise WebError(HTTPStatus.BAD_REQUEST, "no_length")
        if request.size > FILE_SIZE:
            raise WebError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
        key = secrets.token_hex(8)
        directory = self._place / key
        directory.mkdir(mode=0o700)
        path = directory / safe_name(name or "file")
        left = request.size
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            while left and (data := request.body.read(min(left, PIECE))):
                file.write(data)
                left -= len(data)
        self._files[id(owner), key] = str(path)
        return f"upload:{key}"

    def close(self) -> None:
        """Delete everything."""
        shutil.rmtree(self._place, ignore_errors=True)
