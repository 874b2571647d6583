"""What this torch was built with, and what it uses now."""

from __future__ import annotations

from torch import _C

__all__ = ["show"]


def show() -> str:
    """A text for people and bug reports: compiler, BLAS and its core type, CPU levels, CUDA, threads.

    BLAS is loaded at the first matrix product; asking for its core type loads it.
    """
    from torch import version

    rows = {"torch": version.__version__}
    for key, value in version.config.items():
        rows[str(key).replace("_", " ")] = _text(value)
    library, description = _C.blas_info()
    rows["BLAS in use"] = f"{description} ({library})" if description else str(library)
    rows["CPU level in use"] = str(_C.cpu_capability())
    rows["libTH"] = str(_C.th_path())
    rows["threads"] = str(_C.get_num_threads())
    width = max(map(len, rows))
    return "\n".join(f"{name:<{width}}  {value}" for name, value in rows.items())


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_text(item)}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return " ".join(map(_text, value))
    return str(value)
