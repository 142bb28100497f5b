"""What is over the screen, if anything is: one layer, which takes all keys."""

from geventim.terminal.screen.layers.layer import Layer
from geventim.terminal.screen.scene import Overlay


class Cover:
    """Nothing at first."""

    def __init__(self) -> None:
        self._layer: Layer | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is something."""
        return self._layer is not None

    def open(self, layer: Layer) -> None:
        """Have ``layer`` in place of what is there."""
        self._layer = layer

    def offer(self, layer: Layer) -> None:
        """Have ``layer``, unless the user is at something else."""
        self._layer = self._layer or layer

    def close(self) -> None:
        """Have nothing."""
        self._layer = None

    def press(self, key: str) -> bool:
        """Take a key, which may be the last one of the layer; whether there was one."""
        layer = self._layer
        if layer is None:
            return False
        if not layer.press(key) and self._layer is layer:
            self._layer = None
        return True

    def paste(self, text: str) -> bool:
        """Take what was pasted; whether there was a layer."""
        if self._layer is None:
            return False
        self._layer.paste(text)
        return True

    def overlay(self) -> Overlay | None:
        """How it looks."""
        return self._layer.overlay() if self._layer else None
