"""Who the user is, put into a file that opens with a passphrase."""

from collections.abc import Callable
from functools import partial

from geventim.client import answers, wishes
from geventim.client.answers import Refusal, Result
from geventim.terminal.screen.asking import Asking
from geventim.terminal.screen.layers.layer import Layer
from geventim.terminal.screen.layers.question import Prompt
from geventim.terminal.screen.orders import Order, Save
from geventim.terminal.screen.world import World

QUESTION = "Passphrase for a file that saves who you are"
AGAIN = "The same once more"


class Saving:
    """Asks for a passphrase, for the content of the file, and to have that written.

    It ``is_done`` when the file is on the disk.
    """

    def __init__(
        self,
        world: World,
        asking: Asking,
        orders: list[Order],
        open_layer: Callable[[Layer], object],
    ) -> None:
        self._world = world
        self._asking = asking
        self._orders = orders
        self._open_layer = open_layer
        self.is_done = False

    def begin(self) -> None:
        """Ask for a passphrase."""
        self._open_layer(Prompt(QUESTION, self._repeat, hidden=True))

    def written(self, path: str) -> None:
        """The file is there."""
        self.is_done = True
        self._world.remark(
            f"{path} says who you are, to whoever has its passphrase. Keep it elsewhere; "
            f"'eim-client identity import FILE' takes it on another machine."
        )

    def _repeat(self, passphrase: str | None) -> None:
        if passphrase:
            self._open_layer(Prompt(AGAIN, partial(self._export, passphrase), hidden=True))

    def _export(self, passphrase: str, again: str | None) -> None:
        if again is None:
            return
        if again != passphrase:
            self._world.remark("These were two passphrases; nothing was saved.", problem=True)
            return
        wish = wishes.ExportIdentity(id=0, passphrase=passphrase)
        self._asking.ask(wish, self._exported, self._refused)

    def _exported(self, result: Result) -> None:
        if isinstance(result, answers.Exported):
            self._orders.append(Save(f"{self._world.nick}.identity", result.content))

    def _refused(self, refusal: Refusal) -> None:
        self._world.remark(refusal.text, problem=True)
