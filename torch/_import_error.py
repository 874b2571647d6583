"""Why `import torch` failed, and what to do about it: imported only then."""

from __future__ import annotations

import importlib.machinery
import sys
from pathlib import Path

_BUILD = "python setup.py develop"


def explain(error: ImportError, folder: Path | None = None) -> ImportError:
    """The error to raise instead of `error`, which the import of `torch._C` or `torch.version` ended with.

    `folder` is the package's folder (default: this one).
    """
    package = folder if folder is not None else Path(__file__).resolve().parent
    here = f"{sys.implementation.name} {sys.version_info[0]}.{sys.version_info[1]} ({sys.executable})"
    extensions = sorted(file.name for file in package.glob("_C.*.so"))
    usable = [name for name in extensions if name.removeprefix("_C") in importlib.machinery.EXTENSION_SUFFIXES]
    command = _command(package)
    if (package / "lib" / ".publishing").exists():
        text = (
            f"torch in {package} is incomplete: a build was interrupted while it put its files there (or is doing so now).\n"
            f"Finish it with:  {command}"
        )
    elif extensions and not usable:
        text = (
            f"torch in {package} is not built for this interpreter, {here}.\n"
            f"It is built for another one: {', '.join(extensions)}. Build it for this one with:  {command}"
        )
    elif not extensions:
        text = f"torch is not built for this interpreter, {here}: {package} holds no extension _C.\nRun:  {command}"
    else:
        text = f"torch cannot load {usable[0]} in {package}: {error}\nBuild it again with:  {command}"
    return ImportError(text, name="torch", path=str(package))


def _command(package: Path) -> str:
    root = package.parent
    if not (root / "setup.py").is_file():
        return "python -m pip install --force-reinstall torch"  # an installed wheel: there is no source to build here
    return _BUILD if Path.cwd().resolve() == root else f"cd '{root}' && {_BUILD}"
