"""A program of ``bin/`` as somebody whom the machine does not know, and who has no home.

``python homeless.py PROGRAM WORDS…`` runs it.
"""

import pwd
import runpy
import sys


def nobody(number: int) -> pwd.struct_passwd:
    raise KeyError(number)


if __name__ == "__main__":
    pwd.getpwuid = nobody
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")
