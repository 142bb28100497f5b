from geventim.client.causes import Cause


def test_every_id_is_another_one(alice):
    user = alice.agent.context.user
    ids = {user.new_id() for _ in range(5)}
    assert {len(drawn) for drawn in ids} == {16}
    assert len(ids) == 5


def test_a_cause_is_told_with_its_remedy(world, alice):
    alice.agent.context.user.explain(Cause.GAP, author="bob", name="lobby", count=3)
    alice.tick()
    (event,) = alice.news()
    assert event.code == "gap"
    assert "3 messages from bob" in event.text
    assert "ask bob" in event.text
