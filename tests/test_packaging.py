"""What is built for installing has everything that the programs read."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "geventim" / "web" / "page"


def test_the_files_of_the_page_are_part_of_it(tmp_path):
    words = ["-q", "egg_info", "-e", str(tmp_path), "build", "-b", str(tmp_path / "built")]
    subprocess.run(
        [sys.executable, "setup.py", *words, "--build-lib", str(tmp_path / "lib")],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    built = tmp_path / "lib" / "geventim" / "web" / "page"
    there = {path.name: path.read_bytes() for path in built.iterdir()}
    assert there == {path.name: path.read_bytes() for path in PAGE.iterdir()}
