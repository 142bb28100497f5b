"""What the cryptographic primitives cost: microseconds of this process's CPU time per call.

Usage:
  crypto.py [--quick]

The last lines compare the verification of signatures with that of the library's public interface,
and say what it costs to seal and to open files.
Each figure is the best of several rounds, so a busy machine disturbs it little.

Options:
  --quick  One short round of each, to see that it works; the numbers mean little.
"""

import os
import time
from collections.abc import Callable

import kit.checkout  # noqa: F401 - has to come before what is measured
from docopt import docopt

from geventim.channel.file import CHUNK, FileOpener, FileSealer
from geventim.crypto import aead, dh, etm, hpke, kdf, signature

# isort: split
# Importing this project's package first settles which code the library uses.
from Cryptodome.Signature import eddsa

ROUNDS = 7
ROUND_SECONDS = 0.05
MESSAGE = os.urandom(256)
ASSOCIATED = os.urandom(16)


def measure(call: Callable[[], object], rounds: int, seconds: float) -> float:
    """Microseconds of CPU time that ``call`` takes in the best of ``rounds`` of ``seconds``."""
    started = time.process_time()
    count = 0
    while time.process_time() - started < seconds:
        call()
        count += 1
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        for _ in range(count):
            call()
        best = min(best, time.process_time() - started)
    return 1e6 * best / count


def by_library(public: bytes, signed: bytes) -> Callable[[], None]:
    """Verification through the library's public interface, its key object made beforehand."""
    verifier = eddsa.new(eddsa.import_public_key(public), "rfc8032")
    return lambda: verifier.verify(MESSAGE, signed)


def files(rounds: int, chunks: int) -> tuple[float, float]:
    """MB of a file that are sealed, and opened, in a second of CPU time; the best of ``rounds``."""
    plaintext, secret = os.urandom(CHUNK), os.urandom(32)
    sealing = opening = float("inf")
    for _ in range(rounds):
        sealer = FileSealer(secret, chunks * CHUNK, os.urandom)
        started = time.process_time()
        sealed = [sealer.seal(plaintext) for _ in range(chunks)]
        sealing = min(sealing, time.process_time() - started)
        opener = FileOpener(secret, chunks * CHUNK)
        started = time.process_time()
        for chunk in sealed:
            opener.open(chunk)
        opener.verify(sealer.hash)
        opening = min(opening, time.process_time() - started)
    return chunks * CHUNK / 1e6 / sealing, chunks * CHUNK / 1e6 / opening


def main() -> None:
    """Measure everything and print a table."""
    quick = docopt(__doc__)["--quick"]
    rounds, seconds = (1, 0.001) if quick else (ROUNDS, ROUND_SECONDS)
    key = etm.A256CBC_HS256.key(os.urandom(64))
    sealer, opener, block = etm.Sealer(key), etm.Opener(key), os.urandom(16)
    sealed = etm.seal(key, block, MESSAGE, ASSOCIATED)
    chacha, aead_key, nonce = aead.ChaCha20Poly1305(), os.urandom(32), os.urandom(12)
    private, other = dh.PrivateKey(os.urandom(32)), dh.PrivateKey(os.urandom(32))
    suite, info = hpke.CHACHA20_POLY1305, b"bench"
    kem_output, message = suite.seal_base(private.public, info, ASSOCIATED, MESSAGE, os.urandom(32))
    signing = signature.SigningKey(os.urandom(32))
    signed = signing.sign(MESSAGE)
    verifier = signature.Verifier(signing.public)

    calls: dict[str, Callable[[], object]] = {
        "etm: seal": lambda: etm.seal(key, block, MESSAGE, ASSOCIATED),
        "etm: Sealer.seal": lambda: sealer.seal(block, MESSAGE, ASSOCIATED),
        "etm: Opener.open": lambda: opener.open(sealed, ASSOCIATED),
        "aead: ChaCha20Poly1305.seal": lambda: chacha.seal(aead_key, nonce, MESSAGE, ASSOCIATED),
        "kdf: hkdf_expand": lambda: kdf.hkdf_expand(aead_key, info, 32),
        "dh: PrivateKey.public": lambda: dh.PrivateKey(private.secret).public,
        "dh: PrivateKey.exchange": lambda: private.exchange(other.public),
        "hpke: seal_base": lambda: suite.seal_base(
            private.public, info, ASSOCIATED, MESSAGE, aead_key
        ),
        "hpke: open_base": lambda: suite.open_base(kem_output, private, info, ASSOCIATED, message),
        "signature: SigningKey": lambda: signature.SigningKey(signing.secret),
        "signature: SigningKey.sign": lambda: signing.sign(MESSAGE),
        "signature: Verifier": lambda: signature.Verifier(signing.public),
        "signature: Verifier.verify": lambda: verifier.verify(MESSAGE, signed),
        "library: import of a public key": lambda: eddsa.import_public_key(signing.public),
        "library: verify": by_library(signing.public, signed),
    }
    taken = {}
    for name, call in calls.items():
        taken[name] = measure(call, rounds, seconds)
        print(f"{name:34}{taken[name]:10.1f} µs")

    known = taken["library: verify"] / taken["signature: Verifier.verify"]
    first = (taken["library: verify"] + taken["library: import of a public key"]) / (
        taken["signature: Verifier.verify"] + taken["signature: Verifier"]
    )
    print(f"verifying under a known key: {known:.1f} times as fast as the library")
    print(f"verifying under a new key:   {first:.1f} times as fast as the library")
    sealing, opening = files(1 if quick else ROUNDS, 2 if quick else 128)
    print(f"files: {sealing:.0f} MB/s sealed, {opening:.0f} MB/s opened, on one processor")


if __name__ == "__main__":
    main()
