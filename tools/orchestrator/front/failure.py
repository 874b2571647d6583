"""What a failed build adds to its error: what is not finished because of it, and what the package holds meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from orchestrator.errors import BuildError
from orchestrator.front.owners import Owners

__all__ = ["complete", "unfinished"]


def complete(
    error: BuildError,
    *,
    owners: Owners,
    needs: Mapping[str, Sequence[str]],
    requested: Sequence[str],
    package: str,
    published: bool,
) -> None:
    """Puts the consequences into `error.why`. `needs` maps each library to those that it needs directly."""
    lines = [error.why] if error.why else []
    failed = {owner for target in getattr(error, "targets", ()) if (owner := owners.of(target))}
    if failed:
        waiting = [name for name in unfinished(failed, needs, requested) if name not in failed]
        also = f"; not built because of it: {', '.join(waiting)}" if waiting else ""
        lines.append(f"Not finished: {', '.join(name for name in needs if name in failed)}{also}.")
    if not package:
        pass
    elif published:
        lines.append(f"Nothing was published: {package}/ is as the last successful build left it.")
    else:
        lines.append(f"Nothing was published: {package}/ has no products yet.")
    error.why = "\n".join(lines)


def unfinished(failed: set[str], needs: Mapping[str, Sequence[str]], requested: Sequence[str]) -> tuple[str, ...]:
    """Those of `requested` that failed or need, directly or not, one that did.

    >>> unfinished({"Base"}, {"Base": [], "Upper": ["Base"], "Top": ["Upper"], "Other": []}, ["Base", "Upper", "Top", "Other"])
    ('Base', 'Upper', 'Top')
    """
    affected = set(failed)
    grown = True
    while grown:
        more = {name for name, needed in needs.items() if name not in affected and affected.intersection(needed)}
        grown = bool(more)
        affected |= more
    return tuple(name for name in requested if name in affected)
