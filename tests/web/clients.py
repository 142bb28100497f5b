"""A client that pages attach to: a real hub behind a real socket."""

from geventim.app.attachment import Attachment
from geventim.app.door import Door
from geventim.app.hub import Hub
from geventim.app.note import Note
from geventim.chat.values import Status
from geventim.client.answers import Connection, Done, Names, Refused, Result, Said, Snapshot
from geventim.client.events import Announcement
from geventim.client.told import Told
from geventim.client.wishes import People, Resume, Say
from geventim.client.wishes import Snapshot as Survey


class Client:
    """Grants at once what pages wish, unless it is to ``hold`` that; ``granted`` is all of it."""

    def __init__(self, directory, run="run", **door):
        self.directory = directory
        self.hub = Hub(run)
        self.granted = []
        self.fronts = {}
        self.hold = False
        self.results = {People: Names(("alice",)), Say: Said("0" * 32, 1)}
        self._door = Door(directory, self, self.hub, **door)

    def grant(self, wish, front):
        self.granted.append(wish)
        self.fronts[wish.id] = front
        match wish:
            case Survey():
                self.hub.want_survey(front, wish.id)
                self.publish()
            case Resume():
                self.hub.resume(front, wish)
            case _ if not self.hold:
                self.answer(wish)

    def answer(self, wish):
        result = self.results.get(type(wish), Result())
        answer = Done(wish.id, result)
        if isinstance(result, Exception):
            answer = Refused.by(result, wish.id)
        self.fronts[wish.id].put(Note(answer))

    def reject(self, error, front):
        front.put(Note(Refused.by(error, error.id)))

    def welcome(self):
        return None

    def publish(self, *texts):
        def survey(n):
            return Snapshot(n, "alice", "", Connection.ONLINE, "", Status.NORMAL, (), {}, ())

        self.hub.publish([Told(Announcement(text)) for text in texts], survey)

    def attach(self, front):
        return Attachment.attach(self.directory, front)

    def wished(self, kind):
        return [wish for wish in self.granted if isinstance(wish, kind)]

    def close(self):
        self._door.close()
