"""geventim: a self-hosted, end-to-end encrypted instant messenger on gevent.

Who may import whom is drawn in ``docs/architecture.md`` and enforced by import-linter.
"""

__version__ = "0.1.0"
