"""Which library a command belongs to, told from the paths in ninja's description of it. Light: every build loads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

TYPE_CHECKING = False  # typing would cost each edit 5 ms
if TYPE_CHECKING:
    from orchestrator.manifest import Library

__all__ = ["Owners", "places"]


def places(libraries: Iterable[Library]) -> dict[str, str]:
    """Where the commands of each library work, relative to the build tree, for `Owners`."""
    where: dict[str, str] = {}
    for library in libraries:
        folder = f"sub/{library.name}" if library.alone else library.source
        where[f"{folder}/"] = where[library.name] = library.name
        if library.alone:
            continue
        for built, _ in (*library.products, *library.generated):
            fixed, brace, _ = built.partition("{")  # what follows depends on what is found
            where[f"{fixed}*" if brace else fixed] = library.name
    return where


class Owners:
    """Finds the library of a line. `places` maps folders (ending in a slash), beginnings (ending in a star), files
    and names to libraries.

    >>> owners = Owners({"lib/TH/": "TH", "lib/libTH.so.1": "TH", "TH": "TH", "lib/THNN/": "THNN"})
    >>> owners.of("Building C object lib/THNN/CMakeFiles/THNN.dir/src/a.c.o")
    'THNN'
    >>> owners.of("Linking C shared library lib/libTH.so.1"), owners.of("Listing the symbols of TH")
    ('TH', 'TH')
    >>> owners.of("Re-running CMake...")
    ''
    """

    def __init__(self, places: Mapping[str, str] | None = None) -> None:
        self.places = dict(places or {})
        beginnings = ((place.removesuffix("*"), owner) for place, owner in self.places.items() if place[-1:] in "/*")
        self._beginnings = sorted(beginnings, key=lambda item: len(item[0]), reverse=True)

    def of(self, text: str) -> str:
        """The library that the last path (or name) in `text` belongs to; empty if none does. The longest counts."""
        for word in reversed(text.replace(",", " ").split()):
            if owner := self.places.get(word):
                return owner
            for beginning, owner in self._beginnings:
                if word.startswith(beginning):
                    return owner
        return ""
