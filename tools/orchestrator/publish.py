"""Puts products into the package, in one journalled step after everything was built.

Files are prepared beside their destinations and then renamed into place, so that a process that imports the package sees whole
files only and one that already did keeps its own. A marker stands in the products folder from the first to the last rename: if
the step is killed, import can say so and the next build completes it. The journal of what was published travels with the
package and is the one list that wheel, sdist, editable install and clean read.

Nothing is flushed to the disk by force: a killed process loses nothing that it had written. After a loss of power the answer is
`--fresh`, as for all that compilers and ninja write.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from orchestrator.errors import PublishError
from orchestrator.events import Emit, Published, Warned
from orchestrator.lock import locked
from orchestrator.product import Delivery, HeaderFolder, Product
from orchestrator.tree import read_json, sweep_partials, write_json
from orchestrator.values import Value

__all__ = [
    "JOURNAL",
    "LINK",
    "MARKER",
    "PublishedFile",
    "Transaction",
    "collect",
    "damage_note",
    "deliver",
    "discard_damaged",
    "header_products",
    "publish",
    "read_journal",
    "withdraw",
]

JOURNAL = ".published.json"
MARKER = ".publishing"
LINK = "link"
"""The kind of a symbolic link that is published as one (into a prefix; wheels hold none)."""
_LINKED = ("library", "extension")
_ELSEWHERE = "The products stay in the build tree; install them elsewhere with --prefix FOLDER, or make a wheel: pip wheel ."


class PublishedFile(Value):
    """One file of the package that a build made. `destination` is relative to the root, with forward slashes.

    `kind` is library, extension, header, licence or generated; `owner` the library (or carried part, or framework) of the
    manifest. `size` in bytes and `mtime_ns` are those of source and destination alike.
    """

    destination: str
    source: Path
    kind: str
    owner: str
    size: int
    mtime_ns: int

    def sha256(self) -> str:
        """Hexadecimal digest of the content."""
        import hashlib  # for wheels; every build loads this module

        with self.source.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def place(self, root: Path) -> Path:
        """Where to read it: in the package, or in the build tree if the package could not be written."""
        return root / self.destination if _same(root / self.destination, self) or not self.source.is_file() else self.source


class Transaction(Value):
    """What a publication changed: destinations."""

    files: tuple[PublishedFile, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


def collect(products: Iterable[Product], headers: Iterable[HeaderFolder]) -> tuple[PublishedFile, ...]:
    """Looks at the sources. One that is not there is an error: the build succeeded, so the manifest is wrong."""
    wanted = list(products)
    for folder in headers:
        found = header_products([folder])
        if not found:
            text = f"{folder.owner} should ship the headers below {folder.source}, and there are none."
            raise PublishError(text, next_step=f"correct `headers` of {folder.owner} in the manifest")
        wanted += found
    files: dict[str, PublishedFile] = {}
    for product in wanted:
        try:
            status = product.built.stat(follow_symlinks=product.kind != LINK)
        except FileNotFoundError:
            text = f"{product.owner} should make {product.built}, and the build did not."
            raise PublishError(
                text, next_step=f"correct `products` of {product.owner} in the manifest, or its CMakeLists.txt"
            ) from None
        other = files.get(product.destination)
        if other:
            text = f"{other.owner} and {product.owner} both publish {product.destination}."
            raise PublishError(text, next_step="change one of the two destinations in the manifest")
        files[product.destination] = PublishedFile(
            product.destination, product.built, product.kind, product.owner, status.st_size, status.st_mtime_ns
        )
    return tuple(files.values())


def header_products(headers: Iterable[HeaderFolder]) -> list[Product]:
    """Every file below the folders."""
    return [
        Product(path, f"{folder.destination}/{path.relative_to(folder.source).as_posix()}", "header", folder.owner)
        for folder in headers
        for path in sorted(folder.source.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    ]


def deliver(delivery: Delivery, command: str, emit: Emit, *, private: bool = False) -> Transaction:
    """Publishes what stands in the build tree now. The caller holds the tree's lock.

    With `private`, and into a package that cannot be written (a read-only checkout), nothing is published; the products stay
    in the build tree.
    """
    files = collect(delivery.products, delivery.headers)
    if private or not (files or (delivery.folder / JOURNAL).is_file()):  # a family that publishes nothing has no package
        return Transaction(files, (), ())
    closed = _closed(delivery.root, files)
    if closed:
        if not all(_same(delivery.root / file.destination, file) for file in files):
            emit(Warned(f"{closed} cannot be written: nothing was published, and the package is as it was. {_ELSEWHERE}"))
        return Transaction(files, (), ())
    with locked(delivery.folder / ".lock", command, emit):
        change = publish(delivery.root, delivery.folder, files, owners=delivery.owners)
    if change.changed or change.removed:
        emit(Published(change.changed, change.removed))
    return change


def publish(root: Path, folder: Path, files: Sequence[PublishedFile], *, owners: Iterable[str] | None = None) -> Transaction:
    """Makes the package hold exactly `files` of the given owners (None: of all), and leaves the files of others.

    `folder` holds journal and marker. The caller holds the build's lock; another lock serves those who share the package.
    """
    ours = None if owners is None else set(owners)
    new = {file.destination for file in files}
    others, removed = [], []
    for file in read_journal(folder):
        if file.destination in new:
            continue
        if ours is not None and file.owner not in ours:
            others.append(file)
        else:
            removed.append(file.destination)
    changed = [file for file in files if not _same(root / file.destination, file)]
    marker = folder / MARKER
    result = tuple(sorted([*files, *others], key=lambda file: file.destination))
    if changed or removed or marker.exists() or read_journal(folder) != result:
        try:
            _replace(root, folder, changed, removed, result)
        except OSError as error:
            text = f"The products could not be put into the package: {error}."
            raise PublishError(text, next_step="free space or correct the permissions, then build again") from None
    return Transaction(result, tuple(file.destination for file in changed), tuple(removed))


def _same(destination: Path, file: PublishedFile) -> bool:
    try:
        status = destination.stat(follow_symlinks=False)
    except OSError:
        return False
    return status.st_size == file.size and status.st_mtime_ns == file.mtime_ns


def _closed(root: Path, files: Iterable[PublishedFile]) -> Path | None:
    """A folder of the package that cannot be written."""
    for folder in sorted({(root / file.destination).parent for file in files}):
        existing = next(place for place in (folder, *folder.parents) if place.exists())
        if not os.access(existing, os.W_OK):
            return existing
    return None


def _replace(
    root: Path, folder: Path, changed: Sequence[PublishedFile], removed: Sequence[str], journal: Sequence[PublishedFile]
) -> None:
    """First all preparations, then all renames: what an importer could see half-done takes microseconds.

    Whatever takes space on the disk belongs to the preparations: without space the package stays as it was, unmarked.
    """
    marker = folder / MARKER
    interrupted = marker.exists()
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(root, folder)
    names = [*(file.destination for file in changed), (folder / JOURNAL).relative_to(root).as_posix()]
    try:
        write_json(marker, {"pid": os.getpid(), "files": names})
        for file in changed:
            destination = root / file.destination
            destination.parent.mkdir(parents=True, exist_ok=True)
            _place(file, _partial(destination))
        _write_journal(_partial(folder / JOURNAL), journal)
    except OSError:
        with contextlib.suppress(OSError):
            for name in names:
                _partial(root / name).unlink(missing_ok=True)
            if not interrupted:
                marker.unlink(missing_ok=True)
        raise
    for name in names[:-1]:
        _partial(root / name).replace(root / name)
    for name in removed:
        _remove(root, name)
    _partial(folder / JOURNAL).replace(folder / JOURNAL)
    marker.unlink()


def _place(file: PublishedFile, partial: Path) -> None:
    """Linkers write a new file, so their products can be shared; a header is copied, or editing one would edit the other."""
    if file.kind in _LINKED:
        try:
            partial.hardlink_to(file.source)
            return
        except OSError:  # another file system, or one without links
            pass
    if file.kind == LINK:
        partial.unlink(missing_ok=True)
        partial.symlink_to(file.source.readlink())
        os.utime(partial, ns=(file.mtime_ns, file.mtime_ns), follow_symlinks=False)
        return
    import shutil  # headers that changed only

    shutil.copy2(file.source, partial)


def _partial(destination: Path) -> Path:
    return destination.with_name(f".{destination.name}.publishing")


def _sweep(root: Path, folder: Path) -> None:
    """Removes what a killed publication had prepared."""
    names = read_json(folder / MARKER).get("files", [])
    for name in names if isinstance(names, list) else []:
        if isinstance(name, str) and _inside(root, name):
            _partial(root / name).unlink(missing_ok=True)
    sweep_partials(folder)


def _inside(root: Path, name: str) -> bool:
    """Whether a destination lies below the root, also where a folder on the way is a link."""
    path = Path(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        return False
    return (root / path).parent.resolve().is_relative_to(root.resolve())


def _remove(root: Path, name: str) -> None:
    if not _inside(root, name):
        return
    path = root / name
    path.unlink(missing_ok=True)
    for parent in path.parents:
        if parent == root or any(parent.iterdir()):
            break
        parent.rmdir()


def read_journal(folder: Path) -> tuple[PublishedFile, ...]:
    """The files of the journal in `folder`; none if there is no journal, or a damaged one."""
    items = read_json(folder / JOURNAL).get("files", [])
    try:
        return tuple(PublishedFile(**{**item, "source": Path(item["source"])}) for item in items)
    except (TypeError, KeyError):
        return ()


def _write_journal(path: Path, files: Iterable[PublishedFile]) -> None:
    write_json(path, {"files": [{**vars(file), "source": str(file.source)} for file in files]})


def discard_damaged(root: Path, folder: Path, build_dir: Path) -> list[str]:
    """Deletes products in the build tree that somebody wrote into by way of the package, so that ninja makes them again.

    A published library is the same file as the build tree's: whoever writes into one damages both, and leaves them newer than
    their inputs, which ninja takes for fresh. (A new link makes a new file, so what merely awaits publication is not touched.)
    """
    damaged = []
    for file in read_journal(folder):
        destination = root / file.destination
        if not file.source.is_relative_to(build_dir) or ".." in file.source.parts or _same(destination, file):
            continue
        if not (destination.exists() and file.source.exists() and destination.samefile(file.source)):
            continue
        deps = build_dir / "deps"
        if file.source.is_relative_to(deps):
            import shutil

            shutil.rmtree(deps / file.source.relative_to(deps).parts[0])
        else:
            file.source.unlink()
        damaged.append(file.destination)
    return damaged


def damage_note(name: str) -> str:
    """What to say about each name that `discard_damaged` returns."""
    return f"{name} is not what was published: made again"


def withdraw(root: Path, folder: Path, *, dry_run: bool) -> list[Path]:
    """Deletes all published files, the journal and its lock; returns what there was."""
    paths = [root / file.destination for file in read_journal(folder) if _inside(root, file.destination)]
    paths += [folder / name for name in (JOURNAL, MARKER, ".lock")]
    present = [path for path in paths if path.exists()]
    if not dry_run:
        _sweep(root, folder)
        for path in present:
            _remove(root, path.relative_to(root).as_posix())
    return present
