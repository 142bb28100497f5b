"""What a script has found, beside what it may be at most."""

import json
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """A value, its unit part of ``name``; ``most`` is its bound, if it has one."""

    name: str
    value: float
    most: float | None = None

    @property
    def fits(self) -> bool:
        """Whether the bound is kept."""
        return self.most is None or self.value <= self.most


def present(findings: Iterable[Finding], *, as_json: bool) -> None:
    """Print one JSON object, or a line for each."""
    if as_json:
        print(json.dumps({finding.name: finding.value for finding in findings}))
        return
    for finding in findings:
        bound = "" if finding.most is None else f"   at most {finding.most:g}"
        print(f"{finding.name:22}{finding.value:>10}{bound}")


def judge(findings: Iterable[Finding]) -> int:
    """The exit code: 1 if a bound is not kept."""
    return int(not all(finding.fits for finding in findings))
