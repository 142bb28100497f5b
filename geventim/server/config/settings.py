"""The settings of a server: one table, from which help, manual and parsing are made.

A setting has one name everywhere: ``keep_days`` is ``keep_days`` in the configuration file,
``EIM_KEEP_DAYS`` in the environment and ``--keep-days`` on the command line.
"""

import enum
import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from geventim.chat import limits
from geventim.chat.values import Access
from geventim.net.origins import Networks, parse_networks
from geventim.server.config import kinds
from geventim.server.config.kinds import Choice, Kind, Number, Switch, Value
from geventim.service.files.blobs import Terms
from geventim.service.people import budgets, quotas
from geventim.service.people.budgets import Budgets
from geventim.service.people.quotas import Quotas

DAY: Final = 86_400.0
LEVELS: Final = ("debug", "info", "warning", "error")


class Source(enum.Enum):
    """Where a setting may be given; a later one counts more."""

    FILE = enum.auto()
    ENVIRONMENT = enum.auto()
    OPTION = enum.auto()


EVERYWHERE: Final = frozenset(Source)


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that an operator decides.

    ``word`` stands for its value in the help, and is empty where there is none to give. ``absent``
    says in words what holds without it, where no ``default`` does. One that is ``live`` is taken up
    by a server that runs.
    """

    name: str
    word: str
    kind: Kind
    sentence: str
    default: Value | None = None
    absent: str = ""
    sources: frozenset[Source] = EVERYWHERE
    live: bool = False

    @property
    def option(self) -> str:
        """How it is called on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """How it is called in the environment."""
        return f"EIM_{self.name.upper()}"


TABLE: Final = (
    Setting(
        "data",
        "DIR",
        kinds.Path(),
        "Directory of all state.",
        absent="the platform's place",
        sources=EVERYWHERE - {Source.FILE},
    ),
    Setting("host", "ADDR", kinds.Host(), "Address to listen on.", "127.0.0.1"),
    Setting("port", "PORT", Number(0, 65535), "Port to listen on; 0 picks a free one.", 5555),
    Setting(
        "public",
        "HOST:PORT",
        kinds.PublicAddress(),
        "What links say, if others reach the server under another address.",
        absent="the address it listens on",
        live=True,
    ),
    Setting(
        "client_package",
        "PACKAGE",
        kinds.Words(),
        "What pipx installs the client from: the address of a wheel or of a repository. An invite"
        " says so below its link.",
        absent="an invite is its link alone",
        live=True,
    ),
    Setting(
        "access",
        "MODE",
        Choice(tuple(Access)),
        "Who may register: open, invite or allowlist.",
        absent="open if only this machine can connect, else invite",
    ),
    Setting(
        "access_key_file",
        "F",
        kinds.Path(),
        "Admit only clients that hold the key in F, which is made if missing.",
        absent="no key is needed",
    ),
    Setting(
        "proxies",
        "LIST",
        kinds.Addresses(),
        "Addresses and networks, with commas between them, of proxies that forward clients. What"
        " one address may do does not bound them.",
        absent="there are none but on this machine",
    ),
    Setting(
        "room_limit",
        "N",
        Number(2, 1_000_000),
        "Members that a room may have.",
        limits.ROOM_MEMBERS,
    ),
    Setting(
        "keep_days",
        "N",
        Number(1, 36_500),
        "Drop messages that are older than N days.",
        absent="they are kept",
    ),
    Setting(
        "blobs",
        "DIR",
        kinds.Path(),
        "Directory of sealed files. Servers that share a store share this one, too.",
        absent="blobs in the data directory",
    ),
    Setting(
        "blob_space",
        "GIB",
        Number(0, 1_000_000),
        "GiB of files that are kept at most, of all accounts together; with 0 none is taken.",
        64,
    ),
    Setting(
        "blob_size",
        "MIB",
        Number(1, 1_000_000),
        "MiB of a file at most.",
        2048,
    ),
    Setting(
        "blob_days",
        "N",
        Number(1, 36_500),
        "Drop files that are older than N days.",
        30,
    ),
    Setting(
        "store",
        "URL",
        kinds.StoreAddress(),
        "Keep everything in a Redis (redis://HOST:PORT/DB) that other servers with the same server"
        " key use, too: all of them are one server. With ?replicas=N at its end, nothing is"
        " acknowledged before N replicas of that Redis have it.",
        absent="everything is in the data directory",
    ),
    Setting(
        "store_password",
        "PASSWORD",
        kinds.Secret(),
        "The password of that Redis.",
        absent="there is none",
        sources=EVERYWHERE - {Source.OPTION},
    ),
    Setting(
        "workers",
        "N",
        Number(1, 1024),
        "Processes that serve the port together; more than one needs a store.",
        1,
    ),
    Setting(
        "metrics",
        "HOST:PORT",
        kinds.ListenAddress(),
        "Serve /metrics for Prometheus, /health and /ready there; a port alone is one of this"
        " machine. The second worker has the port above, and so on.",
        absent="they are not served",
    ),
    Setting(
        "log_level",
        "L",
        Choice(LEVELS),
        "Least level of log lines: debug, info, warning or error.",
        "info",
        live=True,
    ),
    Setting("log_json", "", Switch(), "Log JSON objects.", default=False, live=True),
    Setting(
        "log_file",
        "F",
        kinds.Path(),
        "Append log lines to F, which SIGHUP opens anew.",
        absent="they go to standard error",
        live=True,
    ),
    Setting(
        "unlimited",
        "",
        Switch(),
        "Let every account ask for, and have the server keep, as much as it likes. For measuring,"
        " not for a server that others can reach.",
        default=False,
    ),
    Setting(
        "trace",
        "",
        Switch(),
        "Print each record as it is on the wire to standard error.",
        default=False,
    ),
)
"""Every setting."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server runs: what the settings of :data:`TABLE` are, by their names.

    There are so many ``workers``, of which this process is the ``worker``-th or, with 0, none.
    """

    host: str
    port: int
    public: str
    data: Path
    access: Access
    access_key_file: Path | None = None
    trace: bool = False
    proxies: str | None = None
    room_limit: int = limits.ROOM_MEMBERS
    keep_days: int | None = None
    blobs: Path | None = None
    blob_space: int = 64
    blob_size: int = 2048
    blob_days: int = 30
    store: str | None = None
    store_password: str | None = field(default=None, repr=False)
    unlimited: bool = False
    workers: int = 1
    worker: int = 0
    log_level: str = "info"
    log_json: bool = False
    log_file: Path | None = None
    client_package: str | None = None
    metrics: str | None = None

    @property
    def proxy_networks(self) -> Networks:
        """Where the proxies are."""
        return () if self.proxies is None else parse_networks(self.proxies)

    @property
    def budgets(self) -> Budgets | None:
        """What an account may ask for in a while; None is whatever it likes."""
        return None if self.unlimited else budgets.DEFAULT

    @property
    def quotas(self) -> Quotas | None:
        """What an account may have the server keep; None is whatever it likes."""
        return None if self.unlimited else quotas.DEFAULT

    @property
    def terms(self) -> Terms:
        """What holds of files."""
        return Terms(self.blob_size * 2**20, self.blob_space * 2**30, self.blob_days * DAY)

    @property
    def keep(self) -> float | None:
        """Seconds for which messages are kept; None is for ever."""
        return None if self.keep_days is None else self.keep_days * DAY


def default_access(host: str) -> Access:
    """Open to everyone on this machine; by invitation when others can connect."""
    return Access.OPEN if is_loopback(host) else Access.INVITE


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach ``host``."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
