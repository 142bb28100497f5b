"""Importing this makes the scripts of the folder above measure the checkout they are in.

Without it they would measure whatever version is installed, or find none.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

sys.path.insert(0, str(ROOT))
