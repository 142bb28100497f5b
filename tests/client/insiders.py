"""What a member can do whose client is not ours, on an honest server."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from geventim.chat.requests import Help
from geventim.client.conversation import Conversation
from geventim.mls import treekem
from geventim.mls.cipher_suite import HPKECiphertext
from geventim.mls.nodes import Leaf
from geventim.mls.treekem import FreshPath
from geventim.mls.update_path import UpdatePath, UpdatePathNode
from tests.client.world import Person, World

Hit = Callable[[int], bool]
"""Whether the leaf with an index gets noise."""


@contextmanager
def noise(hits: Hit) -> Iterator[None]:
    """Commits that are made meanwhile have noise instead of path secrets for some leaves.

    Everything that all can see of them is right. Who shares a node with such a leaf is hit too.
    """
    original = FreshPath.encrypt

    def encrypt(self, context, newcomers, random):
        path = original(self, context, newcomers, random)
        nodes = []
        for (_, copath), node in zip(self.steps, path.nodes, strict=True):
            recipients = treekem._recipients(copath, newcomers)
            sealed = tuple(
                HPKECiphertext(each.kem_output, bytes(len(each.ciphertext)))
                if any(hits(leaf) for leaf in leaves_below(recipient))
                else each
                for recipient, each in zip(recipients, node.encrypted_path_secret, strict=True)
            )
            nodes.append(UpdatePathNode(node.encryption_key, sealed))
        return UpdatePath(path.leaf_node, tuple(nodes))

    treekem.FreshPath.encrypt = encrypt
    try:
        yield
    finally:
        treekem.FreshPath.encrypt = original


def leaves_below(node) -> list[int]:
    """The indexes of the leaves below a node of a tree."""
    if isinstance(node, Leaf):
        return [node.index]
    return leaves_below(node.left) + leaves_below(node.right)


def talk(person: Person) -> Conversation:
    """The conversation in which it all happens."""
    return person.room()


def change_keys(world: World, person: Person, text: str = "fresh keys") -> None:
    """Have a person commit, and say something after it."""
    person.room().record.renewed = 0
    person.say(text)
    world.run()


def make_noise(world: World, insider: Person, *victims: Person) -> None:
    """Have ``insider`` make a commit that ``victims`` cannot open."""
    indexes = {victim.room().seat_of().own_index for victim in victims}
    insider.room().record.renewed = 0
    with noise(lambda index: index in indexes):
        insider.say("a word of the insider")
        world.run()


def never_help(insider: Person) -> None:
    """From now on ``insider`` helps nobody."""

    def forge(request, payload):
        if not isinstance(request, Help):
            yield request, payload

    insider.forge = forge
