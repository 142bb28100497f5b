from geventim.chat.values import Kind
from geventim.client.operations.context import Context


def test_the_room_where_lines_go_is_one_that_the_user_is_in(alice):
    agent = alice.agent
    context = Context(agent.context.user, agent.context.conversations)
    assert context.room_joined is None
    lobby = alice.conversation(Kind.ROOM, "lobby")
    context.room = lobby.id
    assert context.room_joined is lobby
    lobby.record.member = False
    assert context.room_joined is None
