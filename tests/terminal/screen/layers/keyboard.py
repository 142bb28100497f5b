"""Keys for a layer."""


def press(layer, *keys):
    """Press keys; whether the layer stays."""
    stays = True
    for key in keys:
        stays = layer.press(key)
    return stays
