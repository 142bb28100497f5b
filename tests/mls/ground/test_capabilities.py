from geventim.mls.ground.capabilities import (
    Capabilities,
    Lifetime,
    extension_features,
    required_features,
)
from geventim.mls.ground.extensions import Extension, RequiredCapabilities


def test_the_layout() -> None:
    assert Capabilities().encode().hex() == "02000104000100030000020001"
    assert Capabilities.decode(Capabilities().encode()) == Capabilities()


def test_features_are_named_by_their_list_and_counted_once() -> None:
    features = list(Capabilities((1,), (3,), (7, 7), (8,), (1, 2)).features())
    assert sorted(features) == [
        ("cipher suite", 3),
        ("credential", 1),
        ("credential", 2),
        ("extension", 7),
        ("proposal", 8),
        ("version", 1),
    ]


def test_a_lifetime_includes_both_ends() -> None:
    lifetime = Lifetime(10, 20)
    assert [lifetime.covers(now) for now in (9, 10, 15, 20, 21)] == [
        False, True, True, True, False,
    ]  # fmt: skip
    assert lifetime.length == 10


def test_defaults_need_no_support() -> None:
    extensions = (Extension(1, b""), Extension(5, b""), Extension(6, b""))
    assert list(extension_features(extensions)) == [("extension", 6)]
    required = RequiredCapabilities((5, 6), (7, 8), (1,))
    assert list(required_features(required)) == [
        ("extension", 6), ("proposal", 8), ("credential", 1),
    ]  # fmt: skip
