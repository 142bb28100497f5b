"""What is written about the settings, made from their table: for the help and for the handbook."""

import json
import textwrap
from collections.abc import Iterator
from typing import Final

from geventim.server.config import kinds
from geventim.server.config.configuration import Configuration
from geventim.server.config.kinds import Value
from geventim.server.config.settings import TABLE, Setting, Source

PLACE: Final = "{settings}"
"""What stands in the text of a program for the settings."""

COLUMN: Final = 23
"""Where in a help the sentences begin."""

WIDTH: Final = 100


def complete(usage: str) -> str:
    """The docopt text ``usage`` with the options of all settings at their place."""
    return usage.replace(PLACE, "\n".join(_options()).strip())


def handbook() -> str:
    """The settings as a table in Markdown."""
    rows = [
        "| `config.toml` | environment | option | default | |",
        "|---|---|---|---|---|",
    ]
    for setting in TABLE:
        names = (
            f"`{setting.name}`" if Source.FILE in setting.sources else "",
            f"`{setting.variable}`",
            f"`{_call(setting)}`" if Source.OPTION in setting.sources else "",
        )
        default = setting.absent or f"`{_toml(setting.default)}`"
        rows.append(f"| {' | '.join(names)} | {default} | {setting.sentence} |")
    return "\n".join(rows)


def listing(configuration: Configuration) -> Iterator[str]:
    """Every setting and where it was given, as lines of TOML; no secret is among them."""
    for setting in TABLE:
        found = configuration.found[setting.name]
        if found.value is None:
            yield f"# {setting.name} is not set: {setting.absent}"
        elif isinstance(setting.kind, kinds.Secret):
            yield f"# {setting.name} is set, and not shown  # {found.origin}"
        elif Source.FILE not in setting.sources:
            yield f"# {setting.name} = {_toml(found.value)}  # {found.origin}"
        else:
            yield f"{setting.name} = {_toml(found.value)}  # {found.origin}"


def _options() -> Iterator[str]:
    for setting in TABLE:
        if Source.OPTION not in setting.sources:
            continue
        # "Without it" and not docopt's own word for it, which would hide whether it was given.
        absent = setting.absent or _spoken(setting.default)
        sentence = f"{setting.sentence} Without it: {absent}." if absent else setting.sentence
        lines = textwrap.wrap(sentence, WIDTH - COLUMN, break_on_hyphens=False)
        yield f"  {_call(setting)}".ljust(COLUMN - 1) + f" {lines[0]}"
        yield from (" " * COLUMN + line for line in lines[1:])


def _spoken(default: Value | None) -> str:
    return "" if default is None or isinstance(default, bool) else str(default)


def _call(setting: Setting) -> str:
    return f"{setting.option} {setting.word}".rstrip()


def _toml(value: Value | None) -> str:
    # What JSON makes of these is TOML.
    return json.dumps(value, ensure_ascii=False)
