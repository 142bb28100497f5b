"""The unit with which systemd runs a server as a service."""

import os
import sys
from typing import Final

NAME: Final = "geventim"
"""What the service is called, and its directory below /var/lib."""

TEXT: Final = """\
[Unit]
Description=geventim, an end-to-end encrypted messenger
Wants=network-online.target
After=network-online.target

[Service]
Type=notify
ExecStart={program}
ExecReload=/bin/kill -HUP $MAINPID
Environment=EIM_DATA=/var/lib/{name}
EnvironmentFile=-/etc/{name}.env
WatchdogSec=30
Restart=on-failure
RestartPreventExitStatus=2
TimeoutStopSec=15
LimitNOFILE=65536

# It is nobody but itself, and keeps everything in one directory.
DynamicUser=yes
StateDirectory={name}
StateDirectoryMode=0700
UMask=0077

# It opens no device, gains no right, and sees of the system what it needs to run.
CapabilityBoundingSet=
NoNewPrivileges=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectSystem=strict
ProtectHome=read-only
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service

[Install]
WantedBy=multi-user.target
"""


def unit() -> str:
    """The unit of the program that runs now, at the place where it is."""
    words = (sys.executable, os.path.abspath(sys.argv[0]))
    return TEXT.format(program=" ".join(map(_quote, words)), name=NAME)


def _quote(word: str) -> str:
    """``word`` as systemd reads it in a command line; it stays bare where it can."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if escaped != word or " " in word else word
