"""Servers that people would pick instead, started on the loopback with TLS.

Each is set up for what is measured: no limits on how many connect or how fast they write, no names
looked up, long timeouts. Everything else is as it comes.
"""

import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kit.processes import PATIENCE, Process

HOST = "127.0.0.1"
NOBODY = 65534

NGIRCD = """\
[Global]
Name = irc.example.net
Info = Benchmark
Listen = {host}
Ports = {spare}
MotdPhrase = Hello
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxPenaltyTime = 0
PingTimeout = 3600
PongTimeout = 3600
[Options]
DNS = no
Ident = no
PAM = no
[SSL]
CertFile = {folder}/cert.pem
KeyFile = {folder}/key.pem
Ports = {port}
"""

INSPIRCD = """\
<server name="irc.example.net" description="Benchmark" network="Benchmark">
<admin name="Nobody" nick="nobody" email="nobody@localhost">
<module name="ssl_gnutls">
<sslprofile name="clients" provider="gnutls"
  certfile="{folder}/cert.pem" keyfile="{folder}/key.pem">
<bind address="{host}" port="{port}" type="clients" sslprofile="clients">
<connect name="main" allow="*" timeout="600" pingfreq="3600" hardsendq="500M" softsendq="400M"
  recvq="1M" threshold="1000000" commandrate="1000000000" fakelag="no" localmax="1000000"
  globalmax="1000000" maxconnwarn="no" resolvehostnames="no" useident="no" limit="1000000">
<channels users="20" opers="60">
<dns server="127.0.0.1" timeout="1">
<pid file="{folder}/inspircd.pid">
<files motd="{folder}/motd">
<security>
<performance softlimit="1000000" somaxconn="4096" netbuffersize="65534" quietbursts="yes"
  clonesonconnect="no">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="{folder}/log">
"""

MOSQUITTO = """\
listener {port} {host}
certfile {folder}/cert.pem
keyfile {folder}/key.pem
allow_anonymous true
persistence false
max_queued_messages 0
max_inflight_messages 0
log_dest none
set_tcp_nodelay true
"""

CONFIGS = {"ngircd": NGIRCD, "inspircd": INSPIRCD, "mosquitto": MOSQUITTO}

COMMANDS = {
    "ngircd": ["ngircd", "--nodaemon", "--config", "{folder}/config"],
    "inspircd": ["inspircd", "--nofork", "--config={folder}/config"],
    "mosquitto": ["mosquitto", "-c", "{folder}/config"],
}


def find(server: str) -> str | None:
    """Where ``server`` is installed; None where it is not."""
    return shutil.which(server, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


@contextmanager
def rival(server: str) -> Iterator[Process]:
    """``server`` with an empty state until the block ends, as nobody if we are root."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_certificate(folder)
        places = {"folder": name, "host": HOST, "port": free_port(), "spare": free_port()}
        (folder / "config").write_text(CONFIGS[server].format(**places))
        (folder / "motd").write_text("Hello\n")
        # mosquitto becomes a user of its own by itself; the others refuse to be root.
        account = NOBODY if os.geteuid() == 0 and server != "mosquitto" else None
        for path in (folder, *folder.iterdir()):
            path.chmod(0o777 if path.is_dir() else 0o644)
        program = find(server)
        assert program is not None
        words = [word.format(**places) for word in COMMANDS[server]]
        with subprocess.Popen(
            [program, *words[1:]],
            user=account,
            group=account,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                wait_for(process, int(places["port"]))
                yield Process(process.pid, f"{HOST}:{places['port']}")
            finally:
                process.terminate()
                try:
                    process.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    process.kill()


def make_certificate(folder: Path) -> None:
    """A certificate for nothing, and its key."""
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
    command += f" -subj /CN=localhost -keyout {folder}/key.pem -out {folder}/cert.pem"
    subprocess.run(command.split(), check=True, capture_output=True)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        port: int = sock.getsockname()[1]
        return port


def wait_for(process: "subprocess.Popen[bytes]", port: int) -> None:
    """Return when somebody answers at ``port``."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection((HOST, port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"{process.args!r} did not start")


def tls_context() -> ssl.SSLContext:
    """TLS 1.3 to whoever is there: the certificate was made a moment ago."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
