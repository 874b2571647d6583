"""What a project's install rules did, checked in a stage of its own, and then put into the prefix in one journalled step."""

from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from orchestrator.errors import PublishError
from orchestrator.fastpath import stamp
from orchestrator.product import Delivery, Product
from orchestrator.publish import LINK, PublishedFile, read_journal
from orchestrator.subbuild.subplan import SubPlan
from orchestrator.subbuild.substate import Stamp

__all__ = ["InstallRuleError", "clear_stage", "delivery_of", "installed_stamps", "staged"]

_SHOWN = 5


class InstallRuleError(PublishError):
    """What a project installs, or where, is not what the manifest says."""


def clear_stage(sub: SubPlan) -> None:
    """Before the install rules run: what they do not install any more must not stay. The last stage is kept to compare with."""
    if sub.stage.is_dir():
        shutil.rmtree(_last(sub), ignore_errors=True)
        sub.stage.rename(_last(sub))


def _last(sub: SubPlan) -> Path:
    return sub.stage.with_name(f"{sub.stage.name}.last")


def _settle(sub: SubPlan, files: Iterable[Path]) -> None:
    """Dates each file by when its content changed last.

    cmake installs whole seconds of the source's time: an edit would count as older than what was built a moment before it.
    """
    for path in files:
        last = _last(sub) / path.relative_to(sub.stage)
        if _same_content(path, last):
            before = last.stat(follow_symlinks=False).st_mtime_ns
            os.utime(path, ns=(before, before), follow_symlinks=False)
        else:
            os.utime(path, follow_symlinks=False)
    shutil.rmtree(_last(sub), ignore_errors=True)


def _same_content(path: Path, last: Path) -> bool:
    if path.is_symlink() or last.is_symlink():
        return path.is_symlink() and last.is_symlink() and path.readlink() == last.readlink()
    return last.is_file() and filecmp.cmp(path, last, shallow=False)


def staged(sub: SubPlan) -> tuple[Path, ...]:
    """The files and links of the stage, relative to the prefix, with those of the manifest's `install` added.

    Raises InstallRuleError where nothing was installed, something outside of the prefix, or not what `produces` names.
    """
    inside = _below(sub.stage, sub.prefix)
    for built, destination in sub.install:
        _add(sub, built, inside / destination)
    files = tuple(_files(sub.stage))
    outside = [path for path in files if not path.is_relative_to(inside)]
    if outside:
        names = ", ".join("/" + path.relative_to(sub.stage).as_posix() for path in outside[:_SHOWN])
        raise InstallRuleError(
            f"{sub.places['cmake']}: {sub.name} installs outside of the prefix: {names}. Nothing of it was installed.",
            why=f"The prefix is {sub.prefix}.",
            next_step=f"its install rules name an absolute folder; tell it another one in `cmake` of [project.{sub.name}], "
            'as "-DITS_VARIABLE={prefix}/etc" (cmake -LH shows its variables), or make the rule relative',
        )
    found = tuple(path.relative_to(inside) for path in files)
    if not found:
        raise InstallRuleError(
            f"{sub.places['install']}: {sub.name} was built and installs nothing: it has no install rule.",
            next_step=f'say in [project.{sub.name}] what goes where: install = {{ "libNAME.a" = "lib/libNAME.a", '
            '"src/name.h" = "include/name.h" } (from its build tree or source folder into the prefix)',
        )
    _check_produced(sub, found)
    _settle(sub, files)
    return found


def _check_produced(sub: SubPlan, found: Iterable[Path]) -> None:
    names = {path.as_posix() for path in found}
    folders = {parent.as_posix() for name in names for parent in Path(name).parents}
    for wanted in sub.produces:
        if wanted.rstrip("/") in names | folders:
            continue
        same = [name for name in sorted(names) if Path(name).stem == Path(wanted).stem] or sorted(names)
        more = f", and {len(same) - _SHOWN} more" if len(same) > _SHOWN else ""
        raise InstallRuleError(
            f"{sub.places['produces']}: {sub.name} should produce {wanted}, and did not.",
            why=f"It installed {', '.join(same[:_SHOWN])}{more}.",
            next_step=f"correct `produces` of [project.{sub.name}], or tell the project to make it, in `cmake`",
        )


def _add(sub: SubPlan, built: str, destination: Path) -> None:
    """Copies what no install rule installs; the build tree comes before the source folder."""
    source = next((folder / built for folder in (sub.build_dir, sub.source) if (folder / built).exists()), None)
    if source is None:
        raise InstallRuleError(
            f"{sub.places['install']}: {built}, which {sub.name} should install, is neither in {sub.build_dir} nor in "
            f"{sub.source}.",
            next_step=f"correct the left side in `install` of [project.{sub.name}]",
        )
    destination.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, destination, symlinks=True, dirs_exist_ok=True)
    else:
        shutil.copy2(source, destination)


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders.sort()
        links = [name for name in folders if Path(place, name).is_symlink()]
        yield from (Path(place, name) for name in sorted([*names, *links]))


def _below(stage: Path, prefix: Path) -> Path:
    """Where DESTDIR puts the prefix."""
    return stage / prefix.relative_to(prefix.anchor)


def delivery_of(sub: SubPlan, files: Iterable[Path]) -> Delivery:
    """From the stage into the prefix. A file that another project put there is a PublishError."""
    inside = _below(sub.stage, sub.prefix)
    products = [
        Product(inside / path, path.as_posix(), LINK if (inside / path).is_symlink() else "library", sub.name) for path in files
    ]
    others = {file.destination: file.owner for file in read_journal(sub.prefix) if file.owner != sub.name}
    for product in products:
        if product.destination in others:
            owner = others[product.destination]
            raise InstallRuleError(
                f"{sub.places['']}: {sub.name} installs {product.destination}, which {owner} has already installed.",
                next_step=f"tell one of the two another folder in `cmake`, or leave its {product.destination} out",
            )
    return Delivery(sub.prefix, sub.prefix, tuple(products), (), (sub.name,))


def installed_stamps(prefix: Path, files: Iterable[PublishedFile], owner: str) -> list[Stamp]:
    """What must still be so in the prefix for nothing to be done; of a link, what it leads to."""
    own = [(str(prefix / file.destination), file) for file in files if file.owner == owner]
    return [[path, *(stamp(path) if file.kind == LINK else (file.mtime_ns, file.size))] for path, file in own]
