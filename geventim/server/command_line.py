"""From the words of the command line to the call they mean."""

import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from docopt import DocoptExit, docopt

from geventim import __version__
from geventim.chat import administration as admin
from geventim.chat import limits
from geventim.chat.links import parse_link
from geventim.errors import GeventIMError, UserError
from geventim.net.standard_output import gathered_output, print_lines
from geventim.server import backups, ending
from geventim.server.backing import verify_files
from geventim.server.check import check
from geventim.server.config import manual
from geventim.server.config.configuration import Configuration, data_directory
from geventim.server.config.kinds import Number, UnfitError
from geventim.server.config.settings import Settings
from geventim.server.data import BLOBS, DataDirectory
from geventim.server.run import administer, serve
from geventim.server.unit import unit
from geventim.store.sqlite.inspection import FAULTS, Findings

SEPARATOR: Final = "--"
"""What stands after it is no option."""


def main(usage: str, words: list[str]) -> int:
    """Do what ``words`` say, as the docopt text ``usage`` explains them; the exit code."""
    try:
        options = _understand(usage, words)
        message = _command(options)
        if message is not None:
            return administer(data_directory(options["--data"], os.environ), message)
        read = partial(_settings, options)
        if options["config"]:
            return _show(options)
        if options["unit"]:
            print_lines(unit().splitlines())
            return ending.DONE
        if options["check"]:
            return check(read())
        if options["backup"]:
            with_files = bool(options["--with-files"])
            return _back_up(read(), Path(options["FILE"]), with_files=with_files)
        if options["restore"]:
            return _restore(Path(options["FILE"]), data_directory(options["--data"], os.environ))
        if options["verify"]:
            return _verify(options["FILE"], read())
        settings = read()
    except DocoptExit as error:
        print(error, file=sys.stderr)
        return ending.USAGE
    except GeventIMError as error:
        return ending.complain(error)
    return serve(settings, read)


def _understand(usage: str, words: list[str]) -> dict[str, Any]:
    """The options of docopt. Raises what it does, and :class:`UserError` with code ``output``."""
    version = f"geventim {__version__}"
    with gathered_output():
        options: dict[str, Any] = docopt(manual.complete(usage), _separate(words), version=version)
    return options


def _separate(words: Sequence[str]) -> list[str]:
    """``words`` with an announcement such as "-5 min" kept from being taken for an option.

    No option of ours begins with one hyphen, or holds white space before a value.
    """
    if "announce" not in words or SEPARATOR in words:
        return list(words)
    texts = [
        word
        for word in words
        if word.startswith("-")
        and (not word.startswith(SEPARATOR) or any(map(str.isspace, word.partition("=")[0])))
    ]
    others = [word for word in words if word not in texts]
    return [*others, SEPARATOR, *texts] if texts else others


def _show(options: dict[str, Any]) -> int:
    configuration = Configuration(options, os.environ)
    configuration.settings()
    print_lines(manual.listing(configuration))
    return ending.DONE


def _back_up(settings: Settings, file: Path, *, with_files: bool) -> int:
    if settings.store is not None:
        raise UserError(
            "no_server",
            "What this server keeps is in a Redis.",
            f"Back that up by its own means, and keep a copy of {settings.data}/server/key.",
        )
    found = backups.back_up(settings.data, file, _files_of(settings) if with_files else None)
    print_lines([f"{file} holds {_counted(found)}, and the server's key."])
    return ending.DONE


def _restore(file: Path, data: Path) -> int:
    found = backups.restore(file, data)
    print_lines([f"{data} holds {_counted(found)}, and the server's key."])
    return ending.DONE


def _verify(file: str | None, settings: Settings) -> int:
    if file is None and settings.store is not None:
        count, faults = verify_files(settings)
        counted = f"files of clients: {count} (all else is in the Redis, and was not read)"
    else:
        if file is None:
            found = backups.verify(settings.data, _files_of(settings))
        else:
            found = backups.verify_backup(Path(file))
        counted, faults = _counted(found), list(found.faults)
    for fault in faults[:FAULTS]:
        print(f"eim-server: {fault}", file=sys.stderr)
    if faults:
        return ending.FAILED
    print_lines([f"{counted}: nothing is wrong."])
    return ending.DONE


def _files_of(settings: Settings) -> Path:
    return settings.blobs or DataDirectory.place(settings.data) / BLOBS


def _counted(found: Findings) -> str:
    return (
        f"{found.accounts} accounts, {found.conversations} conversations, {found.entries} entries"
        f" with {found.size} bytes, {found.files} files"
    )


def _settings(options: dict[str, Any]) -> Settings:
    return Configuration(options, os.environ).settings()


def _command(options: dict[str, Any]) -> admin.Command | None:
    if options["announce"]:
        if not 0 < len(options["TEXT"]) <= limits.TEXT_SIZE:
            raise UserError("usage", f"An announcement has 1 to {limits.TEXT_SIZE} characters.")
        return admin.Announce(_text(options["TEXT"]))
    if options["invite"]:
        uses = _number(options, "--uses", 1, admin.MOST_USES)
        return admin.Invite(uses, _number(options, "--days", 1, admin.MOST_DAYS))
    if options["revoke"]:
        return admin.Revoke(_code(_text(options["CODE"])))
    if options["quota"]:
        return admin.Quota(
            _text(options["NICK"]),
            options["--stored"] and _number(options, "--stored", 0, admin.MOST_MEBIBYTES),
            options["--created"] and _number(options, "--created", 0, admin.MOST_CREATED),
            options["--files"] and _number(options, "--files", 0, admin.MOST_MEBIBYTES),
            options["--reset"],
        )
    if options["allow"]:
        return admin.Allow(_text(options["NICK"]))
    if options["operator"]:
        return admin.Operator(_text(options["NICK"]), operator=not options["--remove"])
    if options["kick"]:
        return admin.Kick(_text(options["NICK"]), _text(options["PLACE"]))
    if options["delete"]:
        return admin.Delete(_text(options["PLACE"]))
    for verb in admin.Verb:
        if options[verb]:
            return admin.Judge(_text(options["NICK"]), verb)
    return _question(options)


def _question(options: dict[str, Any]) -> admin.Command | None:
    if options["invites"]:
        return admin.Invites()
    if options["status"]:
        return admin.Status(as_json=options["--json"])
    return admin.Users() if options["users"] else None


def _number(options: dict[str, Any], option: str, least: int, most: int) -> int:
    try:
        return Number(least, most).from_text(options[option])
    except UnfitError as error:
        raise UserError("usage", f"{option} {error}.") from None


def _code(text: str) -> str:
    """The code in ``text``, which may be the link that has it."""
    return parse_link(text).code if "://" in text else text


def _text(word: str) -> str:
    """``word``, unless it holds bytes that are no characters."""
    try:
        word.encode()
    except UnicodeError:
        raise UserError("usage", "That is not UTF-8 text.") from None
    return word
