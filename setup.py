"""Packaging of geventim: three commands and one library."""

from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent

setup(
    name="geventim",
    version="0.1.0",
    description="A self-hosted, end-to-end encrypted instant messenger on gevent",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="MIT",
    python_requires=">=3.11",
    packages=find_packages(include=["geventim", "geventim.*"]),
    package_data={"geventim": ["py.typed", "*.pyi"], "geventim.web": ["page/*"]},
    scripts=["bin/eim-server", "bin/eim-client", "bin/eim-load"],
    install_requires=(HERE / "requirements.txt").read_text(encoding="utf-8").split(),
    extras_require={
        "cluster": ["redis>=5"],
        "metrics": ["prometheus_client>=0.20"],
        "pictures": ["pillow>=10"],
        "test": [
            "pillow>=10",
            "redis>=5",
            "prometheus_client>=0.20",
            "coverage[toml]>=7",
            "hypothesis>=6.100",
            "import-linter>=2.17",
            "mypy>=1.11",
            "pexpect>=4.9",
            "psutil>=5.9",
            "pytest>=8",
            "pytest-timeout>=2.3",
            "pytest-xdist>=3.2",
            "pyte>=0.8.2",
            "ruff>=0.6",
            "setuptools>=61",
            "types-docopt",
            "types-gevent",
            "types-pexpect",
            "types-psutil",
        ],
    },
)
