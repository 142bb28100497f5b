"""From the words of the command line to the call they mean."""

import sys
from pathlib import Path
from typing import Any, Final

from docopt import DocoptExit, docopt

from geventim import __version__
from geventim.chat import administration as admin
from geventim.chat import limits
from geventim.chat.links import parse_link
from geventim.chat.values import Access
from geventim.errors import UserError
from geventim.server.report import start_logging
from geventim.server.run import administer, serve
from geventim.server.settings import Settings, data_directory, default_access
from geventim.service import budgets, quotas

USAGE: Final = 2
DAY: Final = 86_400.0
MOST_WORKERS: Final = 1024
STORES: Final = ("redis://", "rediss://", "unix://")
LEVELS: Final = ("debug", "info", "warning", "error")


def main(usage: str, words: list[str]) -> int:
    """Do what ``words`` say, as the docopt text ``usage`` explains them; the exit code."""
    try:
        options = docopt(usage, words, version=f"geventim {__version__}")
        data = data_directory(options["--data"])
        message = _command(options)
        if message is not None:
            return administer(data, message)
        start_logging(
            _one_of("--log-level", options["--log-level"], LEVELS), as_json=options["--log-json"]
        )
        settings = _settings(options, data)
    except DocoptExit as error:
        print(error, file=sys.stderr)
        return USAGE
    except UserError as error:
        print(f"eim-server: {error}", file=sys.stderr)
        return USAGE
    return serve(settings)


def _command(options: dict[str, Any]) -> admin.Command | None:
    if options["announce"]:
        if not 0 < len(options["TEXT"]) <= limits.TEXT_SIZE:
            raise UserError("usage", f"An announcement has 1 to {limits.TEXT_SIZE} characters.")
        return admin.Announce(_text(options["TEXT"]))
    if options["invite"]:
        return admin.Invite(_number("--uses", options["--uses"], 1, admin.MOST_USES))
    if options["allow"]:
        return admin.Allow(_text(options["NICK"]))
    if options["operator"]:
        return admin.Operator(_text(options["NICK"]))
    return admin.Users() if options["users"] else None


def _settings(options: dict[str, Any], data: Path) -> Settings:
    host = options["--host"].removeprefix("[").removesuffix("]")
    access = options["--access"]
    public = options["--public"] or ""
    if public:
        parse_link(public)
    key_file = options["--access-key-file"]
    days = options["--keep-days"]
    workers = _number("--workers", options["--workers"], 1, MOST_WORKERS)
    if workers > 1 and not options["--store"]:
        raise UserError("usage", "Several workers need a store that they can share: --store.")
    store = options["--store"]
    if store and not store.startswith(STORES):
        raise UserError("usage", "--store is an address such as redis://127.0.0.1:6379/0.")
    return Settings(
        host=host,
        port=_number("--port", options["--port"], 0, 65535),
        public=public,
        data=data,
        access=(
            Access(_one_of("--access", access, tuple(Access))) if access else default_access(host)
        ),
        access_key_file=Path(key_file) if key_file else None,
        trace=options["--trace"],
        room_limit=_number("--room-limit", options["--room-limit"], 2, 1_000_000),
        keep=_number("--keep-days", days, 1, 36_500) * DAY if days else None,
        store=store,
        budgets=None if options["--unlimited"] else budgets.DEFAULT,
        quotas=None if options["--unlimited"] else quotas.DEFAULT,
        workers=workers,
    )


def _text(word: str) -> str:
    """``word``, unless it holds bytes that are no characters."""
    try:
        word.encode()
    except UnicodeError:
        raise UserError("usage", "That is not UTF-8 text.") from None
    return word


def _one_of(option: str, word: str, words: tuple[str, ...]) -> str:
    if word not in words:
        raise UserError("usage", f"{option} is one of {', '.join(words)}, not '{word}'.")
    return word


def _number(option: str, text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise UserError("usage", f"{option} is a number from {least} to {most}, not '{text}'.")
    return int(text)
