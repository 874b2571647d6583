"""What the tables of two packages that take turns on the same devices share: medians, lines, the devices."""

from __future__ import annotations

import os
import statistics
import subprocess
from collections.abc import Iterable
from typing import Any


def medians(row: str, moved: int, answers: Iterable[list[float | str]]) -> dict[str, Any]:
    """A row's result of the answers of ours and of the peer, each seconds or a failure. moved: bytes, or 0."""
    both = list(answers)
    errors = [next((a for a in found if isinstance(a, str)), None) for found in both]
    seconds = [
        None if error else statistics.median(a for a in found if isinstance(a, float))
        for error, found in zip(errors, both, strict=True)
    ]
    return {"row": row, "ours_s": seconds[0], "peer_s": seconds[1], "bytes": moved, "errors": errors}


def text(result: dict[str, Any], *, width: int, digits: int, most: int) -> str:
    """One line of the table. width: of the name; digits: of a rate behind the point; most: characters of a failure."""
    ours, peer = result["ours_s"], result["peer_s"]
    name = f"{result['row']:{width}}"
    if ours is None or peer is None:
        return f"{name} {next(e for e in result['errors'] if e)[:most]}"
    rates = " ".join(f"{result['bytes'] / seconds / 1e9:7.{digits}f}" for seconds in (ours, peer))
    return f"{name} {ours * 1e6:10.1f} {peer * 1e6:10.1f} us  {peer / ours:5.2f}  {rates + ' GB/s' if result['bytes'] else ''}"


def visible_devices() -> list[str]:
    """A line of nvidia-smi for each device that CUDA shows to this process."""
    lines = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=True).stdout.splitlines()
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    return lines if chosen is None else [lines[int(number)] for number in chosen.split(",") if number]
