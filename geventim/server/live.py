"""What a server goes by while it runs, and how SIGHUP changes that."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from geventim.errors import UserError
from geventim.server.config.settings import TABLE, Settings
from geventim.server.ending import sentence
from geventim.server.report import start_logging

_LIVE: Final = [setting.name for setting in TABLE if setting.live]
_FIXED: Final = [setting.name for setting in TABLE if not setting.live]

log = logging.getLogger(__name__)


class Live:
    """The present ``settings``; ``read_again`` is what the operator has decided since."""

    def __init__(self, settings: Settings, read_again: Callable[[], Settings]) -> None:
        self.settings = settings
        self._read_again = read_again

    def start_logging(self) -> None:
        """Log as the settings say; a log file is opened anew.

        Raises :class:`UserError` with code ``log_file``.
        """
        settings = self.settings
        start_logging(settings.log_level, as_json=settings.log_json, path=settings.log_file)

    def reload(self) -> None:
        """Take up what has changed and can change in a server that runs; tell of the rest.

        What cannot be read, or cannot be, changes nothing.
        """
        before = self.settings
        try:
            wanted = self._read_again()
            live = {name: getattr(wanted, name) for name in _LIVE}
            self.settings = replace(before, **live)
            self.start_logging()
        except UserError as error:
            self.settings = before
            log.warning("the configuration was not read again", extra={"fault": sentence(error)})
            return
        changed = [name for name in _LIVE if getattr(wanted, name) != getattr(before, name)]
        waiting = [name for name in _FIXED if getattr(wanted, name) != getattr(before, name)]
        log.info("the configuration was read again", extra={"changed": changed})
        if waiting:
            log.warning("a change waits for a restart", extra={"settings": waiting})
