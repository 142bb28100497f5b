"""What the system says about a process."""

from pathlib import Path


def _kib(pid: int, field: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1])
    raise LookupError(field)


def memory(pid: int) -> int:
    """Bytes that are resident."""
    return _kib(pid, "VmRSS") * 1024


def peak(pid: int) -> int:
    """Bytes that were resident at the worst moment so far."""
    return _kib(pid, "VmHWM") * 1024


def arguments(pid: int) -> bytes:
    """The words of its command line."""
    return Path(f"/proc/{pid}/cmdline").read_bytes()
