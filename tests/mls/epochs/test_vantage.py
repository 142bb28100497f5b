import pytest

from geventim.errors import AuthenticationError, MisuseError, StoreError
from geventim.mls.epochs.following import Followed, follow
from geventim.mls.epochs.vantage import Vantage, common_level
from geventim.mls.ground.policy import DEFAULT_POLICY
from geventim.mls.groups import archive
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.groups.external_join import Entrance
from geventim.mls.groups.group import Group
from geventim.mls.groups.received import OwnMessageError, ReceivedApplication
from geventim.mls.messages.proposals import Add, Proposal, Remove
from tests.mls.builder import NOW, agree, commit, family, noise, package, random, with_tag


@pytest.fixture
def eight() -> list[Group]:
    groups = family(*"abcdefgh")
    # Now every node has a key.
    for index in range(8):
        commit(groups, index, public=True)
    return groups


def noisy(group: Group, *hit: int, proposals: tuple[Proposal, ...] = ()) -> bytes:
    """A commit of ``group``, merged, that does not open for the leaves ``hit``."""
    with noise(*hit):
        staged = group.commit(CommitRequest(proposals, NOW), public=True)
    group.merge(staged)
    return staged.message


def after(vantage: Vantage, message: bytes) -> Vantage:
    return vantage.after(follow(vantage.public, message, DEFAULT_POLICY))


def secret_of(group: Group) -> bytes:
    secret = group.member_secret
    assert secret is not None
    return secret


def test_a_group_has_its_place(eight: list[Group]) -> None:
    vantage = eight[3].vantage
    assert vantage.own_index == 3
    assert vantage.leaf is eight[3].member(3)
    assert vantage.client is eight[3].client
    assert vantage.lacking() is None
    assert "secret" not in repr(vantage)
    assert repr(eight[3].state.epoch.keys) not in repr(vantage)


def test_it_moves_with_a_commit_that_opens_and_keeps_every_key(eight: list[Group]) -> None:
    vantage = eight[3].vantage
    for author in (2, 0, 7, 4):
        staged = commit(eight, author, public=True)
        vantage = after(vantage, staged.message)
        assert vantage.public.context == eight[3].vantage.public.context
        assert vantage.keys.parents.keys() == eight[3].vantage.keys.parents.keys()
        assert vantage.lacking() is None


def test_keys_of_nodes_that_are_gone_are_dropped(eight: list[Group]) -> None:
    vantage = after(eight[4].vantage, noisy(eight[0], proposals=(Remove(5),)))
    assert vantage.keys.parents.keys() < eight[4].vantage.keys.parents.keys()
    assert vantage.keys == vantage.keys.within(vantage.public.tree, 4)
    assert vantage.lacking() is None


@pytest.mark.parametrize(("author", "level"), [(2, 1), (0, 2), (7, 3)])
def test_the_lowest_key_that_noise_takes_is_where_paths_meet(
    eight: list[Group], author: int, level: int
) -> None:
    vantage = after(eight[3].vantage, noisy(eight[author], 3))
    assert vantage.lacking() == level == common_level(author, 3)
    kept = vantage.keys.within(vantage.public.tree, 3)
    assert kept == vantage.keys


def test_a_later_path_from_further_away_leaves_the_lower_gap(eight: list[Group]) -> None:
    vantage = after(eight[3].vantage, noisy(eight[2], 3))
    helped = Group.enter(vantage, secret_of(eight[2]), random=random)
    eight[2].merge(eight[2].commit(CommitRequest([], NOW), public=True))
    # From the other half the path is sealed to the node above leaf 3 that it lacks the key of.
    assert helped.vantage.lacking() == 1


def test_keys_that_a_path_gives_are_kept_though_its_tag_is_wrong(eight: list[Group]) -> None:
    staged = eight[2].commit(CommitRequest([], NOW), public=True)
    followed = follow(eight[3].vantage.public, with_tag(staged.message, bytes(32)), DEFAULT_POLICY)
    with pytest.raises(AuthenticationError):
        eight[3].open(followed)
    assert eight[3].vantage.after(followed).lacking() is None


def test_a_commit_of_ones_own_heals(eight: list[Group]) -> None:
    vantage = after(eight[3].vantage, noisy(eight[0], 3))
    group = Group.enter(vantage, secret_of(eight[0]), random=random)
    assert group.vantage.lacking() == 2
    group.merge(group.commit(CommitRequest([], NOW), public=True))
    assert group.vantage.lacking() is None


def test_the_nearest_heals_for_all(eight: list[Group]) -> None:
    """Who commits below a common gap gives its keys to those beside it."""
    message = noisy(eight[0], 2, 3)
    two, three = after(eight[2].vantage, message), after(eight[3].vantage, message)
    helped = Group.enter(two, secret_of(eight[0]), random=random)
    staged = helped.commit(CommitRequest([], NOW), public=True)
    assert three.lacking() == 2
    assert after(three, staged.message).lacking() is None


def test_who_is_unmerged_lacks_nothing() -> None:
    groups = family(*"abcd")
    for index in range(4):
        commit(groups, index, public=True)
    own = package("e")
    commit(groups, 0, Remove(2), public=True)
    staged = groups[0].commit(
        CommitRequest([Add(own.key_package)], NOW, force_path=False), public=True
    )
    new = Group.join(staged.welcome or b"", own, random=random)
    tree = new.vantage.public.tree
    assert new.own_index == 2
    assert any(2 in getattr(node, "unmerged_leaves", ()) for node in tree.nodes())
    assert new.vantage.lacking() is None


def test_who_is_removed_has_no_place(eight: list[Group]) -> None:
    message = noisy(eight[0], proposals=(Remove(3),))
    with pytest.raises(MisuseError, match="removed"):
        after(eight[3].vantage, message)


def test_it_moves_by_one_commit_at_a_time(eight: list[Group]) -> None:
    def followed(group: Group, message: bytes) -> Followed:
        return follow(group.vantage.public, message, DEFAULT_POLICY)

    first = followed(eight[3], noisy(eight[0]))
    vantage = eight[3].vantage.after(first)
    with pytest.raises(MisuseError, match="another epoch"):
        vantage.after(first)


def test_our_own_commit_that_we_do_not_remember_moves_us_too(eight: list[Group]) -> None:
    """As after a crash between sending a commit and keeping it: the keys are lost."""
    vantage = after(eight[3].vantage, noisy(eight[3]))
    assert vantage.keys.of(vantage.public.tree.root.leaf(3)) is None
    assert vantage.lacking() == 1


class TestEnter:
    def test_a_wrong_secret_is_refused(self, eight: list[Group]) -> None:
        vantage = after(eight[3].vantage, noisy(eight[0], 3))
        old = eight[3].member_secret
        for wrong in (bytes(32), b"", old or b""):
            with pytest.raises(AuthenticationError):
                Group.enter(vantage, wrong, random=random)

    def test_one_secret_never_serves_two_histories(self, eight: list[Group]) -> None:
        """Under an altered confirmation tag nothing fits, not even what the author knows."""
        staged = eight[0].commit(CommitRequest([], NOW), public=True)
        eight[0].merge(staged)
        vantage = after(eight[3].vantage, with_tag(staged.message, bytes(32)))
        with pytest.raises(AuthenticationError):
            Group.enter(vantage, secret_of(eight[0]), random=random)

    def test_who_enters_can_do_what_members_do(self, eight: list[Group]) -> None:
        vantage = after(eight[3].vantage, noisy(eight[0], 3))
        group = Group.enter(vantage, secret_of(eight[0]), random=random)
        assert secret_of(group) == secret_of(eight[0])
        agree(group, eight[0])
        received = eight[0].receive(group.send(b"back"))
        assert isinstance(received, ReceivedApplication)
        assert group.receive(eight[0].send(b"welcome")).data == b"welcome"
        staged = group.commit(CommitRequest([], NOW), public=True)
        eight[0].merge(eight[0].receive(staged.message))
        group.merge(staged)
        agree(group, eight[0])

    def test_keys_that_may_have_been_used_are_left_out(self, eight: list[Group]) -> None:
        group = eight[3]
        for _ in range(3):
            group.send(b"before")
        assert group.generation == 3
        again = Group.enter(
            group.vantage, secret_of(group), generation=group.generation, random=random
        )
        assert again.generation == 3
        received = eight[0].receive(again.send(b"after"))
        assert isinstance(received, ReceivedApplication)
        assert received.generation == 3
        assert again.generation == 4

    @pytest.mark.parametrize("generation", [-1, 1 << 32])
    def test_a_generation_is_one_that_there_is(self, eight: list[Group], generation: int) -> None:
        vantage, secret = eight[3].vantage, secret_of(eight[3])
        with pytest.raises(MisuseError, match="generation"):
            Group.enter(vantage, secret, generation=generation, random=random)

    def test_messages_of_a_past_epoch_open(self, eight: list[Group]) -> None:
        vantage, secret = eight[3].vantage, secret_of(eight[0])
        late = eight[0].send(b"late")
        mine = eight[3].send(b"mine")
        commit(eight, 1, public=True)
        past = Group.enter(vantage, secret, random=random)
        assert past.receive(late).data == b"late"
        with pytest.raises(OwnMessageError):
            past.receive(mine)


class TestSecret:
    def test_it_is_that_of_the_present_epoch_everywhere(self, eight: list[Group]) -> None:
        own = package("new")
        staged = commit(eight, 0, Add(own.key_package), public=True)
        joined = Group.join(staged.welcome or b"", own, random=random)
        secrets = {secret_of(group) for group in [*eight, joined]}
        assert len(secrets) == 1
        entrance = Entrance.read(joined.group_info(), DEFAULT_POLICY)
        outsider, message = Group.join_by_commit(entrance, package("last").client, random=random)
        joined.merge(joined.receive(message))
        assert secret_of(joined) == secret_of(outsider)
        assert secret_of(joined) not in secrets

    def test_it_is_neither_kept_nor_shown(self, eight: list[Group]) -> None:
        group, secret = eight[3], secret_of(eight[3])
        fixed, moving = archive.save_fixed(group.state), archive.save_moving(group.state)
        assert secret not in fixed
        assert secret not in moving
        assert Group(archive.restore(fixed, moving), random).member_secret is None
        assert repr(secret) not in repr(group.state.epoch)

    def test_a_new_group_has_none(self) -> None:
        assert family("alone")[0].member_secret is None


class TestBlind:
    """Getting in anew, with nobody's help, when one does not know the epoch's secrets."""

    def test_its_author_alone_is_in_step_and_helps_all(self, eight: list[Group]) -> None:
        lost = noisy(eight[0], 3)
        vantage = after(eight[3].vantage, lost)
        in_step = [eight[0], eight[1], eight[6]]
        for group in in_step[1:]:
            group.merge(group.receive(lost))
        again, message = Group.join_by_commit(
            Entrance.blind(vantage.public, random), vantage.client, random=random, replaces=3
        )
        for group in in_step:
            followed = follow(group.vantage.public, message, DEFAULT_POLICY)
            with pytest.raises(AuthenticationError):
                group.open(followed)
            here = group.vantage.after(followed)
            assert here.lacking() is None
            agree(Group.enter(here, secret_of(again), random=random), again)

    def test_every_entrance_is_another(self, eight: list[Group]) -> None:
        public = eight[0].vantage.public
        one, other = (Entrance.blind(public, random) for _ in range(2))
        assert one.external_pub != other.external_pub
        assert one.signer is None
        info = eight[0].group_info(with_external_pub=False)
        assert Entrance.read(info, DEFAULT_POLICY, blindly=random).signer == 0
        with_pub = Entrance.read(eight[0].group_info(), DEFAULT_POLICY, blindly=random)
        epoch = eight[0].state.epoch
        assert with_pub.external_pub == epoch.secrets.external_key_pair(epoch.suite).public


class TestArchive:
    def test_it_comes_back(self, eight: list[Group]) -> None:
        vantage = after(eight[3].vantage, noisy(eight[0], 3))
        saved = archive.save_vantage(vantage)
        again = archive.restore_vantage(saved, vantage.client)
        assert archive.save_vantage(again) == saved
        assert again.lacking() == vantage.lacking()
        assert again.client is vantage.client
        agree(Group.enter(again, secret_of(eight[0]), random=random), eight[0])

    def test_who_we_are_is_kept_elsewhere(self, eight: list[Group]) -> None:
        saved = archive.save_vantage(eight[3].vantage)
        assert eight[3].client.signing_key.secret not in saved

    def test_what_was_not_saved_is_refused(self, eight: list[Group]) -> None:
        saved = archive.save_vantage(eight[3].vantage)
        for data in (b"", saved[:-1], saved + b"\0", b"\xff\xff" + saved[2:]):
            with pytest.raises(StoreError):
                archive.restore_vantage(data, eight[3].client)


@pytest.mark.parametrize(
    ("a", "b", "level"), [(0, 0, 0), (0, 1, 1), (1, 2, 2), (0, 3, 2), (3, 4, 3), (0, 511, 9)]
)
def test_levels_of_common_ancestors(a: int, b: int, level: int) -> None:
    assert common_level(a, b) == common_level(b, a) == level
