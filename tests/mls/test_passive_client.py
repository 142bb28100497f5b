import pytest

from geventim.errors import PeerError
from geventim.mls.ground.cipher_suite import AES_128_GCM, CHACHA20_POLY1305
from tests.mls.passive_client import run_passive_client
from tests.mls.scenario import KINDS, Scenario

SUITES = pytest.mark.parametrize("suite", [AES_128_GCM, CHACHA20_POLY1305], ids=["1", "3"])


@SUITES
@pytest.mark.timeout(600)
def test_a_random_life_can_be_followed(suite, rounds):
    scenario = Scenario(suite, seed=9420)
    case = scenario.write(epochs=rounds(200))
    run_passive_client(case)
    print(len(case["epochs"]), "epochs,", dict(scenario.happened))
    if len(case["epochs"]) == 200:
        assert scenario.happened.keys() == {*KINDS, "join", "resync", "full", "partial"}


@SUITES
def test_short_lives_can_be_followed(suite):
    for seed in range(10):
        run_passive_client(Scenario(suite, seed).write(epochs=5))


@pytest.fixture(scope="module")
def case():
    return Scenario(CHACHA20_POLY1305, seed=1).write(epochs=6)


def test_the_authenticators_count(case):
    with pytest.raises(AssertionError):
        run_passive_client({**case, "initial_epoch_authenticator": "00" * 32})
    *before, last = case["epochs"]
    wrong = {**last, "epoch_authenticator": "00" * 32}
    with pytest.raises(AssertionError):
        run_passive_client({**case, "epochs": [*before, wrong]})


@pytest.mark.parametrize("name", ["signature_priv", "encryption_priv", "init_priv"])
def test_the_private_keys_count(case, name):
    with pytest.raises(AssertionError):
        run_passive_client({**case, name: "01" * 32})


def test_every_epoch_counts(case):
    for number in range(5):
        rest = [epoch for index, epoch in enumerate(case["epochs"]) if index != number]
        with pytest.raises(PeerError):
            run_passive_client({**case, "epochs": rest})


def test_the_proposals_count(case):
    bare = [{**epoch, "proposals": []} for epoch in case["epochs"]]
    with pytest.raises(PeerError, match="did not receive"):
        run_passive_client({**case, "epochs": bare})
