"""The search of a conversation, and going from one find to the next."""

from collections.abc import Callable, Sequence
from functools import partial

from geventim.terminal.screen.asking import Asking
from geventim.terminal.screen.conversation.items import Said
from geventim.terminal.screen.conversation.moments import moment
from geventim.terminal.screen.conversation.rooms import Room
from geventim.terminal.screen.keys import Keymap
from geventim.terminal.screen.layers.finder import Finder
from geventim.terminal.screen.layers.layer import Layer
from geventim.terminal.screen.seeking.search import Search
from geventim.terminal.screen.supply import Supply
from geventim.terminal.screen.travel import Travel


class Finding:
    """The last search; ``open_layer`` shows it."""

    def __init__(
        self,
        asking: Asking,
        supply: Supply,
        travel: Travel,
        keymap: Keymap,
        open_layer: Callable[[Layer], object],
    ) -> None:
        self._asking = asking
        self._supply = supply
        self._travel = travel
        self._keymap = keymap
        self._open_layer = open_layer
        self._search: Search | None = None

    def open(self, room: Room) -> None:
        """Search in ``room``."""
        self._search = search = Search(room, self._asking)

        def find(typed: str) -> Sequence[tuple[str, str, str]]:
            return [(x.key, _lead(x), x.text.replace("\n", " ")) for x in search.found(typed)]

        def choose(key: str) -> None:
            self._show(room, search.get(key))

        self._open_layer(Finder(room.title, find, choose, self._keymap))

    def step(self, steps: int, room: Room) -> None:
        """Show what was found so many steps before the message that is selected."""
        search, selected = self._search, self._travel.selection.message
        if search is None or search.room is not room or selected is None:
            room.hint = "Nothing was searched here."
            return
        said = search.beside(selected, steps)
        if said is None:
            room.hint = "No older find." if steps > 0 else "No newer find."
        else:
            room.hint = ""
            self._show(room, said)

    def _show(self, room: Room, said: Said) -> None:
        """Show a message where it was said."""
        if room.timeline.find(said.message_id) is not None or not said.order:
            self._travel.center(said.key)
        else:
            self._supply.show(room, said.order, partial(self._travel.center, said.key))


def _lead(said: Said) -> str:
    """When and by whom that was said."""
    return f"{moment(said.date):%Y-%m-%d %H:%M}  {said.author}"
