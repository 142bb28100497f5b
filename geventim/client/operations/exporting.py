"""Putting the user into a file that moves them to another machine.

From then on it is known here that they may turn up elsewhere, and that this client is over then.
"""

from functools import partial

from geventim.client import answers
from geventim.client.operations.context import Context
from geventim.client.people import identity_file
from geventim.client.people.identity_file import Identity
from geventim.client.people.profile import ENTRY, EXPORTED, moved_out
from geventim.client.steps.effects import Labour, Steps, compute


def export(context: Context, passphrase: str) -> Steps[answers.Exported]:
    """The content of a file that ``passphrase`` opens."""
    user = context.user
    if user.has_moved_out:
        raise moved_out(user.nick)
    profile = user.profile
    kept = {**dict(user.memory.under("")), ENTRY: profile.keys.encode()}
    identity = Identity.of(user.nick, profile.server, profile.server_key, kept)
    # It is kept before there is anything to be taken away.
    user.memory.put(EXPORTED, b"")
    seal = partial(identity_file.seal, identity, passphrase, user.random)
    return answers.Exported((yield from compute(Labour.STRETCHING, seal)))
