"""The distribution's metadata, from pyproject.toml: names, tags, METADATA and the dist-info folder."""

from __future__ import annotations

import os
import sys
import sysconfig
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from packaging.tags import sys_tags
from packaging.utils import canonicalize_name
from pyproject_metadata import ConfigurationError, StandardMetadata

from orchestrator.errors import OptionError
from orchestrator.gate.findings import MetadataError
from orchestrator.packaging.scmversion import checkout_version

__all__ = ["GENERATOR", "Metadata", "source_date"]

# Stands in the WHEEL file of everything that we install: it tells our own distribution from another one of the same name.
GENERATOR = "torch-orchestrator"

# The oldest time that a zip file can hold: the time of every archive member unless SOURCE_DATE_EPOCH says otherwise.
_ZIP_EPOCH = 315532800


def source_date() -> int:
    """Seconds since 1970 that archives give to each member: SOURCE_DATE_EPOCH, or 1980-01-01. Raises OptionError."""
    given = os.environ.get("SOURCE_DATE_EPOCH") or str(_ZIP_EPOCH)
    try:
        return max(int(given), _ZIP_EPOCH)
    except ValueError:
        text = f"SOURCE_DATE_EPOCH={given} in the environment is no number of seconds."
        raise OptionError(text, next_step="unset it, or: export SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)") from None


@dataclass(frozen=True)
class Metadata:
    """What pyproject.toml says of the distribution in the checkout `root`.

    `target` is the tag of a wheel for another interpreter; None: this one's. What is wrong there is a MetadataError.
    """

    root: Path
    target: str | None = None

    @cached_property
    def _standard(self) -> StandardMetadata:
        with (self.root / "pyproject.toml").open("rb") as stream:
            table: dict[str, Any] = tomllib.load(stream)
        # The package name can be another one for publishing; the import name stays.
        project = table["project"]
        project["name"] = os.environ.get("TORCH_PACKAGE_NAME") or project["name"]
        if "version" in project.get("dynamic", ()):
            manifest = tomllib.loads((self.root / "libraries.toml").read_text(encoding="utf-8"))
            project["version"] = checkout_version(self.root, manifest["framework"]["version"])
            project["dynamic"].remove("version")
        try:
            return StandardMetadata.from_pyproject(table, project_dir=self.root)
        except ConfigurationError as error:
            text = f"{self.root / 'pyproject.toml'}: {error}"
            raise MetadataError(text, next_step="correct [project]") from None

    @property
    def name(self) -> str:
        """The distribution's name as file names use it."""
        return canonicalize_name(self._standard.name).replace("-", "_")

    @property
    def version(self) -> str:
        return str(self._standard.version)

    @property
    def licence(self) -> str:
        """An SPDX expression; empty if pyproject.toml gives none."""
        return str(self._standard.license or "")

    @property
    def stem(self) -> str:
        """`torch-0.4.0`: how archives and the dist-info folder begin."""
        return f"{self.name}-{self.version}"

    @property
    def dist_info(self) -> str:
        return f"{self.stem}.dist-info"

    @property
    def tag(self) -> str:
        """`cp311-cp311-linux_x86_64`: an interpreter, its ABI, its platform."""
        if self.target:
            return self.target
        interpreter = next(tag for tag in sys_tags() if tag.interpreter.startswith("cp"))
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        return f"cp{sys.version_info[0]}{sys.version_info[1]}-{interpreter.abi}-{platform}"

    def metadata_text(self) -> str:
        """The content of METADATA (core metadata 2.4), also an sdist's PKG-INFO."""
        return str(self._standard.as_rfc822())

    def wheel_text(self) -> str:
        """The content of WHEEL."""
        return f"Wheel-Version: 1.0\nGenerator: {GENERATOR} {self.version}\nRoot-Is-Purelib: false\nTag: {self.tag}\n"

    def entry_points_text(self) -> str:
        """The content of entry_points.txt: what others find by a name of their own; empty if there is nothing."""
        groups = {
            "console_scripts": self._standard.scripts,
            "gui_scripts": self._standard.gui_scripts,
            **self._standard.entrypoints,
        }
        return "\n".join(
            "\n".join([f"[{group}]", *(f"{name} = {target}" for name, target in sorted(rows.items())), ""])
            for group, rows in groups.items()
            if rows
        )

    def licence_files(self) -> list[Path]:
        """Relative paths of the licence texts that pyproject.toml names."""
        return sorted(Path(path) for path in self._standard.license_files or [])

    def dist_info_files(self) -> dict[str, bytes]:
        """All files of the dist-info folder except RECORD: name inside the folder -> content."""
        files = {"METADATA": self.metadata_text().encode(), "WHEEL": self.wheel_text().encode()}
        if entry_points := self.entry_points_text():
            files["entry_points.txt"] = entry_points.encode()
        for licence in self.licence_files():
            files[f"licenses/{licence.as_posix()}"] = (self.root / licence).read_bytes()
        return files

    def write_dist_info(self, directory: Path) -> str:
        """Writes the dist-info folder below `directory` (for prepare_metadata hooks) and returns its name."""
        for name, content in self.dist_info_files().items():
            path = directory / self.dist_info / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return self.dist_info
