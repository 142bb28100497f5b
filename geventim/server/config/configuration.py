"""What an operator has decided, and where: in the file, the environment, or the command line."""

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import platformdirs

from geventim.chat.values import Access
from geventim.errors import UserError
from geventim.server.config import kinds
from geventim.server.config.kinds import UnfitError, Value
from geventim.server.config.settings import TABLE, Setting, Settings, Source, default_access
from geventim.server.data import DataDirectory

FILE: Final = "config.toml"
"""The name of the configuration file, beside the rest of a server's state."""

LARGEST: Final = 1024 * 1024
"""Bytes of a configuration file; there is no reason for more."""

DEFAULT: Final = "default"

_BY_NAME: Final = {setting.name: setting for setting in TABLE}
_IN_FILE: Final = [setting.name for setting in TABLE if Source.FILE in setting.sources]


@dataclass(frozen=True, slots=True)
class Found:
    """What a setting is, and where that stands; None where nobody has given it."""

    value: Value | None
    origin: str


class Configuration:
    """Every setting: what :data:`TABLE` says, under what the file says, and so on.

    ``options`` are those of docopt. Raises :class:`UserError` with code ``usage``, which names the
    place of what is wrong, and what would be right.
    """

    def __init__(self, options: Mapping[str, Any], environment: Mapping[str, str]) -> None:
        self.found = {setting.name: Found(setting.default, DEFAULT) for setting in TABLE}
        self._take("data", options, environment)
        place = self.found["data"].value
        if place is None:
            place = str(_platform_directory())
            self.found["data"] = Found(place, DEFAULT)
        self.data = Path(str(place))
        self._take_file(DataDirectory.place(self.data) / FILE)
        for name in _BY_NAME:
            self._take(name, options, environment)
        if self.found["access"].value is None:
            access = default_access(str(self.found["host"].value))
            self.found["access"] = Found(str(access), f"{DEFAULT} for this host")

    def settings(self) -> Settings:
        """What it amounts to. Raises :class:`UserError` where settings do not fit together."""
        values: dict[str, Any] = {name: found.value for name, found in self.found.items()}
        if values["workers"] > 1 and values["store"] is None:
            raise UserError("usage", "Several workers need a store that they can share: --store.")
        if values["store_password"] is not None and values["store"] is None:
            raise UserError("usage", "A store_password is of no use without a store.")
        for setting in TABLE:
            if isinstance(setting.kind, kinds.Path) and values[setting.name] is not None:
                values[setting.name] = Path(values[setting.name])
        values["public"] = values["public"] or ""
        values["access"] = Access(values["access"])
        return Settings(**values)

    def _take(self, name: str, options: Mapping[str, Any], environment: Mapping[str, str]) -> None:
        """Take what stands outside of the file; an empty variable is none."""
        setting = _BY_NAME[name]
        given = environment.get(setting.variable)
        if Source.ENVIRONMENT in setting.sources and given:
            self._put(setting, f"${setting.variable}", setting.kind.from_text, given)
        if Source.OPTION not in setting.sources:
            return
        option = options[setting.option]
        if isinstance(option, str):
            self._put(setting, setting.option, setting.kind.from_text, option)
        elif option:
            self.found[name] = Found(True, setting.option)

    def _take_file(self, path: Path) -> None:
        text = _read(path)
        for name, value in _parse(path, text).items():
            line = _line(text, name)
            where = f"{path}, line {line}: {name}" if line else f"{path}: {name}"
            setting = _BY_NAME.get(name)
            if setting is None or Source.FILE not in setting.sources:
                raise UserError("usage", f"{where} is no setting.", _advice(name))
            self._put(setting, str(path), setting.kind.from_toml, value, where)
            if isinstance(setting.kind, kinds.Path):
                # Who starts the program, and where, is nothing that the file knows.
                place = path.parent / str(self.found[name].value)
                self.found[name] = Found(str(place), str(path))

    def _put(
        self,
        setting: Setting,
        origin: str,
        read: Callable[[Any], Value],
        given: object,
        where: str | None = None,
    ) -> None:
        try:
            self.found[setting.name] = Found(read(given), origin)
        except UnfitError as error:
            raise UserError("usage", f"{where or origin} {error}.") from None


def data_directory(given: str | None, environment: Mapping[str, str]) -> Path:
    """Where everything is kept: ``given``, else ``$EIM_DATA``, else the platform's place.

    Raises :class:`UserError` with code ``usage``.
    """
    chosen = given or environment.get(_BY_NAME["data"].variable)
    return Path(chosen) if chosen else _platform_directory()


def _platform_directory() -> Path:
    try:
        place = Path(platformdirs.user_data_dir("geventim"))
    except (OSError, RuntimeError):
        place = Path()
    if not place.is_absolute():
        raise UserError(
            "usage",
            "It is not known where data are kept on this machine.",
            "Name a directory with --data, or in $EIM_DATA.",
        )
    return place


def _read(path: Path) -> str:
    """What stands in the configuration file; nothing if there is none."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        raise UserError("usage", f"{path} cannot be read: {error.strerror}.") from None
    if len(content) > LARGEST:
        raise UserError("usage", f"{path} has more than {LARGEST:,} bytes.")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise UserError("usage", f"{path} is not UTF-8 text.") from None


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        reason = str(error) or "it is nested too deeply"
        advice = 'A line is NAME = VALUE; text stands in quotes, as in host = "0.0.0.0".'
        raise UserError("usage", f"{path} is not TOML: {reason}.", advice) from None


def _line(text: str, name: str) -> int:
    """The number of the line that gives ``name``; 0 where it cannot be told."""
    pattern = re.compile(rf"\s*\[*[\"']?{re.escape(name)}[\"']?\s*[].=]")
    for number, line in enumerate(text.splitlines(), 1):
        if pattern.match(line):
            return number
    return 0


def _advice(name: str) -> str:
    setting = _BY_NAME.get(name)
    if setting is not None:
        return f"The file is found by it: give {setting.option}, or ${setting.variable}."
    near = difflib.get_close_matches(name.lower().replace("-", "_"), _IN_FILE, 1)
    if near:
        return f"Did you mean {near[0]}?"
    return f"There are {', '.join(_IN_FILE)}."
