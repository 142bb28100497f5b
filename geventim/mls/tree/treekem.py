"""TreeKEM: fresh secrets for everybody above a leaf, sent in the logarithm of the group.

RFC 9420 §7.4 to §7.6. A :class:`FreshPath` is the committer's side; :func:`open_path` is that of
everybody else.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from geventim.crypto.dh import PrivateKey
from geventim.errors import AuthenticationError, PeerError
from geventim.mls.ground.cipher_suite import HASH_SIZE, CipherSuite, HPKECiphertext, Random
from geventim.mls.ground.leaf_node import FromCommit, LeafNode
from geventim.mls.tree.nodes import Branch, Leaf, Subtree
from geventim.mls.tree.parent_hash import hash_path
from geventim.mls.tree.ratchet_tree import RatchetTree
from geventim.mls.tree.update_path import UpdatePath, UpdatePathNode

MakeLeaf = Callable[[bytes, FromCommit], LeafNode]
"""Signs a leaf with an encryption key for a path."""

Step = tuple[Branch, Subtree]


@dataclass(frozen=True, slots=True)
class PrivateKeys:
    """A member's own keys: that of its leaf, and those of parents by their position."""

    leaf: PrivateKey = field(repr=False)
    parents: Mapping[int, PrivateKey] = field(default_factory=dict, repr=False)

    def of(self, node: Subtree) -> PrivateKey | None:
        """The private key of ``node`` as it is now, if we have it."""
        if node.node is None:
            return None
        key = self.leaf if isinstance(node, Leaf) else self.parents.get(node.position)
        return key if key is not None and key.public == node.node.encryption_key else None

    def within(self, tree: RatchetTree, index: int) -> "PrivateKeys":
        """Those of our keys that are still in ``tree``, where we sit at leaf ``index``."""
        kept = {}
        here = tree.root
        while isinstance(here, Branch):
            key = self.of(here)
            if key is not None:
                kept[here.position] = key
            here = here.right if index >= here.middle else here.left
        return PrivateKeys(self.leaf, kept)


@dataclass(frozen=True, slots=True)
class FreshPath:
    """New keys on the filtered direct path of the leaf at ``index``, already in the tree."""

    suite: CipherSuite
    index: int
    leaf_node: LeafNode
    steps: Sequence[Step]
    path_secrets: Sequence[bytes] = field(repr=False)
    keys: PrivateKeys = field(repr=False)
    commit_secret: bytes = field(repr=False)

    def encrypt(self, context: bytes, newcomers: Collection[int], random: Random) -> UpdatePath:
        """The path for everybody but ``newcomers``, given by their leaf indexes.

        ``context`` is the provisional group context. Raises :class:`PeerError` if some member has
        an unusable key.
        """
        nodes = []
        for (branch, copath), secret in zip(self.steps, self.path_secrets, strict=True):
            sealed = tuple(
                self.suite.encrypt_with_label(key, "UpdatePathNode", context, secret, random)
                for key in (_public_key(node) for node in _recipients(copath, newcomers))
            )
            nodes.append(UpdatePathNode(self.keys.parents[branch.position].public, sealed))
        return UpdatePath(self.leaf_node, tuple(nodes))

    def secret_for(self, newcomer: int) -> bytes:
        """The path secret of the lowest node above us and the leaf ``newcomer``."""
        for (branch, _), secret in zip(self.steps, self.path_secrets, strict=True):
            if branch.covers(newcomer):
                return secret
        raise AssertionError("a path reaches every member")


def create_path(tree: RatchetTree, index: int, make_leaf: MakeLeaf, random: Random) -> FreshPath:
    """Give the leaf at ``index`` and the parents above it fresh keys (RFC 9420 §7.5)."""
    suite = tree.suite
    leaf_key = suite.generate_key_pair(random)
    steps = tree.filtered_path(index)
    secrets = _path_secrets(suite, random(HASH_SIZE), len(steps))
    keys = [_key_pair(suite, secret) for secret in secrets[:-1]]
    copath = [beside for _, beside in steps]
    parents, parent_hash = hash_path(suite, copath, [key.public for key in keys])
    leaf = make_leaf(leaf_key.public, FromCommit(parent_hash))
    positions = [branch.position for branch, _ in steps]
    tree.merge_path(index, leaf, dict(zip(positions, parents, strict=True)))
    own = PrivateKeys(leaf_key, dict(zip(positions, keys, strict=True)))
    return FreshPath(suite, index, leaf, steps, secrets[:-1], own, secrets[-1])


def merge_path(
    tree: RatchetTree,
    index: int,
    path: UpdatePath,
    leaf: LeafNode,
    newcomers: Collection[int],
) -> list[Step]:
    """Put somebody's ``path`` into ``tree``, its verified ``leaf`` at ``index``.

    Raises :class:`PeerError` unless length, keys, parent hash and the number of path secrets,
    which ``newcomers`` do not get, are right (RFC 9420 §7.5, §12.4.2). Returns the filtered direct
    path.
    """
    suite = tree.suite
    steps = tree.filtered_path(index)
    if len(path.nodes) != len(steps):
        raise PeerError("a path of the wrong length")
    keys = [node.encryption_key for node in path.nodes]
    for key in (leaf.encryption_key, *keys):
        if tree.census.has_encryption_key(key):
            raise PeerError("a path with a key that is in the tree")
        suite.check_public_key(key)
    parents, parent_hash = hash_path(suite, [beside for _, beside in steps], keys)
    if leaf.source != FromCommit(parent_hash):
        raise PeerError("a leaf does not vouch for its path")
    for (_, copath), node in zip(steps, path.nodes, strict=True):
        if len(node.encrypted_path_secret) != len(_recipients(copath, newcomers)):
            raise PeerError("a path secret for the wrong number of nodes")
    positions = [branch.position for branch, _ in steps]
    tree.merge_path(index, leaf, dict(zip(positions, parents, strict=True)))
    return steps


@dataclass(frozen=True, slots=True)
class OpenedPath:
    """What somebody's path gives us: our new keys, and the secret that it adds to the epoch.

    ``commit_secret`` is None where no path secret opens or some key is not the one in the tree;
    ``keys`` has those that are all the same.
    """

    keys: PrivateKeys
    commit_secret: bytes | None = field(repr=False)


def open_path(
    suite: CipherSuite,
    steps: Sequence[Step],
    path: UpdatePath,
    own: tuple[int, PrivateKeys],
    context: bytes,
    newcomers: Collection[int],
) -> OpenedPath:
    """What a path that was merged gives us (RFC 9420 §7.5).

    ``own`` is our leaf index with our keys, ``context`` the provisional group context.
    """
    index, keys = own
    parents = dict(keys.parents)
    secret: bytes | None = None
    whole = True
    for (branch, copath), node in zip(steps, path.nodes, strict=True):
        parents.pop(branch.position, None)
        if secret is not None:
            secret = suite.derive_secret(secret, "path")
        elif branch.covers(index):
            sealed = zip(_recipients(copath, newcomers), node.encrypted_path_secret, strict=True)
            secret = _open_secret(suite, sealed, own, context)
            whole = secret is not None
        if secret is None:
            continue
        key = _key_pair(suite, secret)
        if key.public == node.encryption_key:
            parents[branch.position] = key
        else:
            whole = False
    commit_secret = None
    if secret is not None and whole:
        commit_secret = suite.derive_secret(secret, "path")
    return OpenedPath(PrivateKeys(keys.leaf, parents), commit_secret)


def _open_secret(
    suite: CipherSuite,
    sealed: Iterable[tuple[Subtree, HPKECiphertext]],
    own: tuple[int, PrivateKeys],
    context: bytes,
) -> bytes | None:
    """The path secret among ``sealed`` that is for a key of ours, if it opens."""
    index, keys = own
    for recipient, ciphertext in sealed:
        key = keys.of(recipient) if _is_above(recipient, index) else None
        if key is not None:
            try:
                return suite.decrypt_with_label(key, "UpdatePathNode", context, ciphertext)
            except AuthenticationError:
                return None
    return None


def keys_from_secret(
    tree: RatchetTree, index: int, other: int, path_secret: bytes
) -> Mapping[int, PrivateKey]:
    """The private keys that a Welcome's path secret gives the leaf at ``index``.

    It is the secret of the lowest node above ``index`` and the committer at ``other``. Raises
    :class:`PeerError` unless the keys are those in the tree (RFC 9420 §12.4.3.1).
    """
    suite = tree.suite
    keys = {}
    for branch, _ in tree.filtered_path(other):
        if not branch.covers(index):
            continue
        node = branch.node
        if node is None:
            raise PeerError("a path secret for a blank node")
        keys[branch.position] = _matching_key_pair(suite, path_secret, node.encryption_key)
        path_secret = suite.derive_secret(path_secret, "path")
    return keys


def _path_secrets(suite: CipherSuite, first: bytes, count: int) -> list[bytes]:
    """``count`` path secrets, and the commit secret after them."""
    secrets = [first]
    for _ in range(count):
        secrets.append(suite.derive_secret(secrets[-1], "path"))
    return secrets


def _key_pair(suite: CipherSuite, path_secret: bytes) -> PrivateKey:
    return suite.derive_key_pair(suite.derive_secret(path_secret, "node"))


def _matching_key_pair(suite: CipherSuite, path_secret: bytes, public: bytes) -> PrivateKey:
    key = _key_pair(suite, path_secret)
    if key.public != public:
        raise AuthenticationError
    return key


def _recipients(copath: Subtree, newcomers: Collection[int]) -> Sequence[Subtree]:
    """The resolution of ``copath`` without those who join with this commit."""
    resolution = copath.resolution()
    if not newcomers:
        return resolution
    return [n for n in resolution if not (isinstance(n, Leaf) and n.index in newcomers)]


def _is_above(node: Subtree, index: int) -> bool:
    return node.index == index if isinstance(node, Leaf) else node.covers(index)


def _public_key(node: Subtree) -> bytes:
    assert node.node is not None  # noqa: S101 - a resolution has no blank nodes
    return node.node.encryption_key
