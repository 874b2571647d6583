"""What a build makes and where it goes. Light: rebuild.py loads it without what plans are made of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from orchestrator.values import Value

TYPE_CHECKING = False  # typing would cost each edit 5 ms
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Delivery", "HeaderFolder", "Product"]


class Product(Value):
    """A file that a build makes: `built` in the build tree, `destination` relative to the root."""

    built: Path
    destination: str
    kind: str
    owner: str


class HeaderFolder(Value):
    """All files below `source` are published below `destination` (relative to the root)."""

    source: Path
    destination: str
    owner: str


class Delivery(Value):
    """What one command publishes: destinations are relative to `root`, journal and marker stand in `folder`.

    `owners` are those whose other files leave the package; None: everybody's.
    """

    root: Path
    folder: Path
    products: tuple[Product, ...]
    headers: tuple[HeaderFolder, ...]
    owners: tuple[str, ...] | None

    def to_json(self) -> dict[str, Any]:
        """For the record of a success."""
        return {
            "root": str(self.root),
            "folder": str(self.folder),
            "products": [[str(item.built), item.destination, item.kind, item.owner] for item in self.products],
            "headers": [[str(item.source), item.destination, item.owner] for item in self.headers],
            "owners": self.owners,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Delivery:
        """The inverse of `to_json`."""
        return cls(
            root=Path(data["root"]),
            folder=Path(data["folder"]),
            products=tuple(Product(Path(built), *rest) for built, *rest in data["products"]),
            headers=tuple(HeaderFolder(Path(source), *rest) for source, *rest in data["headers"]),
            owners=None if data["owners"] is None else tuple(data["owners"]),
        )
