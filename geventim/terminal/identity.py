"""``eim-client identity``: a user into a file, and out of it; and another passphrase."""

import shlex
from pathlib import Path

from geventim.app import identity
from geventim.app.settings import Settings
from geventim.crypto.readable import format_key, generate_key
from geventim.errors import UserError
from geventim.net.standard_output import hand_over, print_lines
from geventim.terminal.input import Input
from geventim.terminal.passphrases import Passphrases


def export_identity(settings: Settings, path: Path, passphrases: Passphrases | None) -> None:
    """Put the user of ``settings`` into a file; a key that is made for it is printed, once.

    Without a terminal to ask for a passphrase on, a key is made. If it cannot be printed, there is
    no file either. Raises :class:`UserError` and :class:`StoreError`.
    """
    identity.check_export(settings, path)
    chosen = ""
    if passphrases is not None:
        question = f"Passphrase for {path} (empty: a key is made for it): "
        chosen = passphrases.choose(question, may_be_empty=True)
    key = "" if chosen else generate_key()
    identity.export_identity(settings, path, chosen or key)
    lines = [f"{path} holds the identity of {settings.nick} at {settings.link.address}."]
    if key:
        lines.append(f"It opens with this key, which is not shown again: {format_key(key)}")
    try:
        hand_over(lines)
    except UserError:
        if key:
            path.unlink(missing_ok=True)
        raise


def import_identity(
    path: Path,
    data: Path,
    lines: Input,
    passphrases: Passphrases | None,
    *,
    locked: bool,
    named: str | None = None,
) -> None:
    """Take a user out of a file. With ``locked``, their data get a passphrase of their own.

    ``named`` is the directory as it was named, if it was.

    Without a terminal, the first line of the input opens the file. Raises :class:`UserError` and
    :class:`StoreError`.
    """
    content = identity.read_file(path)
    passphrase = None
    if passphrases is None:
        secret = next(iter(lines), None)
        if not isinstance(secret, str):
            raise UserError(
                "no_answer", "The file needs a passphrase.", "Give it as the first line of input."
            )
        secret = secret.strip()
    else:
        secret = passphrases.ask(f"Passphrase or key of {path}: ")
        if locked:
            passphrase = passphrases.choose("New passphrase for the data on this machine: ")
    moved = identity.import_identity(content, secret, data, passphrase)
    place = f" --data {shlex.quote(named)}" if named else ""
    print_lines(
        [
            f"This is the identity of {moved.nick} at {moved.address} from now on.",
            f"Connect with: eim-client {moved.address} --nick {moved.nick}{place}",
        ]
    )


def change_passphrase(settings: Settings, passphrases: Passphrases) -> None:
    """Lock the data of the user of ``settings`` with another passphrase, or with none.

    Raises :class:`UserError` and :class:`StoreError`.
    """
    question = f"New passphrase of {settings.nick} (empty: none): "
    if identity.change_passphrase(
        settings, lambda: passphrases.choose(question, may_be_empty=True)
    ):
        print_lines([f"The data of {settings.nick} open with the new passphrase from now on."])
    else:
        print_lines([f"The data of {settings.nick} open without a passphrase from now on."])
