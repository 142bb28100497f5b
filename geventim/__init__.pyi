from geventim.app.client import Client as Client

__version__: str
