"""The content of blobs, in files: ``directory`` holds them, ``content`` is one of them."""
