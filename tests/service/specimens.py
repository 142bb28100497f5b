"""One request of each kind that is for who has logged in."""

from geventim.chat import requests as ask
from geventim.chat.values import Purpose, Status

REQUESTS = [
    ask.ListConversations(id=1, after=bytes(16)),
    ask.ListRooms(id=1),
    ask.OpenRoom(id=1, name="lobby"),
    ask.CreateRoom(id=1, message_id=bytes(16), name="lobby"),
    ask.OpenGroup(id=1, conversation=bytes(16)),
    ask.OpenDm(id=1, nick="bob"),
    ask.CreateGroup(id=1, message_id=bytes(16), name="crew", members=()),
    ask.Append(id=1, conversation=bytes(16), message_id=bytes(16)),
    ask.Subscribe(id=1, conversation=bytes(16), incarnation=bytes(16), after=0),
    ask.Challenge(id=1, conversation=bytes(16)),
    ask.TakeTurn(id=1, conversation=bytes(16), purpose=Purpose.COMMIT),
    ask.GiveUpTurn(id=1, conversation=bytes(16)),
    ask.Commit(id=1, conversation=bytes(16), message_id=bytes(16), head=0, payload=0, message=0),
    ask.Void(id=1, conversation=bytes(16), seq=1, payload=0),
    ask.Ask(id=1, conversation=bytes(16), seq=1, payload=0),
    ask.Help(id=1, conversation=bytes(16), account=bytes(16), payload=0),
    ask.SignKick(id=1, conversation=bytes(16), account=bytes(16), key=bytes(32), history=bytes(32)),
    ask.UploadKeyPackages(id=1, sizes=(1,), payload=0),
    ask.ClaimKeyPackage(id=1, nick="bob"),
    ask.LookUp(id=1, nick="bob"),
    ask.SetStatus(id=1, status=Status.AWAY),
    ask.ListNames(id=1),
    ask.BeginBlob(id=1, conversation=bytes(16), message_id=bytes(16), size=1),
    ask.FindBlob(id=1, blob=bytes(16)),
    ask.PutChunk(id=1, blob=bytes(16), index=0, payload=0),
    ask.FinishBlob(id=1, blob=bytes(16)),
    ask.GetChunk(id=1, blob=bytes(16), index=0),
    ask.DeleteBlob(id=1, blob=bytes(16)),
    ask.Quit(id=1),
]
