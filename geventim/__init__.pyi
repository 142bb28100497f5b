from geventim.programs.client import Client as Client

__version__: str
