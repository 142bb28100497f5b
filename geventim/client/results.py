"""What each wish is done with."""

from typing import Final

from geventim.client import answers, wishes
from geventim.client.answers import Result
from geventim.client.wishes import Wish

RESULTS: Final[dict[type[Wish], type[Result]]] = {
    wishes.Conversations: answers.Conversations,
    wishes.Rooms: answers.Rooms,
    wishes.Members: answers.Members,
    wishes.OpenDm: answers.Conversation,
    wishes.Join: answers.Conversation,
    wishes.CreateRoom: answers.Conversation,
    wishes.CreateGroup: answers.Created,
    wishes.Leave: answers.Conversation,
    wishes.Delete: answers.Conversation,
    wishes.NewKey: answers.RoomKey,
    wishes.RoomCode: answers.RoomCode,
    wishes.Say: answers.Said,
    wishes.FetchFile: answers.Fetched,
    wishes.Transfers: answers.Transfers,
    wishes.Edit: answers.Said,
    wishes.DeleteMessage: answers.Said,
    wishes.React: answers.Said,
    wishes.SetTimer: answers.Said,
    wishes.Secret: answers.Said,
    wishes.OpenSecret: answers.Opened,
    wishes.Secrets: answers.Secrets,
    wishes.Timeline: answers.Messages,
    wishes.Search: answers.Messages,
    wishes.Settings: answers.Settings,
    wishes.ChangeSetting: answers.Settings,
    wishes.Find: answers.Found,
    wishes.Contacts: answers.Nicks,
    wishes.People: answers.Names,
    wishes.Whois: answers.Somebody,
    wishes.Verify: answers.Number,
    wishes.Ignore: answers.Nicks,
    wishes.Ignored: answers.Nicks,
    wishes.SetStatus: answers.OwnStatus,
    wishes.ExportIdentity: answers.Exported,
    wishes.Snapshot: answers.Snapshot,
}
"""Where it is more than that it is done; a test of each wish compares them."""


def result_of(wish: type[Wish]) -> type[Result]:
    """What a wish of that kind is done with."""
    return RESULTS.get(wish, Result)
