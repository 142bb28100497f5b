from tests.client.scripted import ready


def test_every_id_is_another_one():
    context = ready().agent._context
    ids = {context.new_id() for _ in range(5)}
    assert {len(drawn) for drawn in ids} == {16}
    assert len(ids) == 5
