"""What a wheel's libraries say about themselves: what they need, where they look for it, what they export."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection, GNUVerSymSection
from elftools.elf.sections import SymbolTableSection

__all__ = ["ElfFacts", "elf_facts", "is_elf"]

_READ: dict[bytes, ElfFacts] = {}
_GLOBAL = ("STB_GLOBAL", "STB_WEAK", "STB_LOOS")  # the last is how GNU marks what is unique in a process


@dataclass(frozen=True)
class ElfFacts:
    """`versions` maps each version that is needed of others' symbols (GLIBC_2.34) to their names. `comments` name compilers."""

    needed: tuple[str, ...]
    soname: str
    rpath: tuple[str, ...]
    runpath: tuple[str, ...]
    exports: tuple[str, ...]
    versions: Mapping[str, tuple[str, ...]]
    sections: frozenset[str]
    comments: tuple[str, ...]


def is_elf(content: bytes) -> bool:
    """Whether the file is a program or library."""
    return content[:4] == b"\x7fELF"


def elf_facts(content: bytes) -> ElfFacts:
    """Reads a shared library; the same one only once, because several wheels hold it."""
    digest = hashlib.sha256(content).digest()
    if digest not in _READ:
        _READ[digest] = _read(content)
    return _READ[digest]


def _read(content: bytes) -> ElfFacts:
    file = ELFFile(io.BytesIO(content))
    tags: dict[str, list[str]] = {"DT_NEEDED": [], "DT_SONAME": [], "DT_RPATH": [], "DT_RUNPATH": []}
    for section in file.iter_sections():
        if isinstance(section, DynamicSection):
            for tag in section.iter_tags():
                if tag.entry.d_tag in tags:
                    tags[tag.entry.d_tag].append(getattr(tag, tag.entry.d_tag[3:].lower()))
    symbols = file.get_section_by_name(".dynsym")
    comment = file.get_section_by_name(".comment")
    return ElfFacts(
        needed=tuple(tags["DT_NEEDED"]),
        soname="".join(tags["DT_SONAME"]),
        rpath=_folders(tags["DT_RPATH"]),
        runpath=_folders(tags["DT_RUNPATH"]),
        exports=_exports(symbols) if isinstance(symbols, SymbolTableSection) else (),
        versions=_versions(file, symbols) if isinstance(symbols, SymbolTableSection) else {},
        sections=frozenset(section.name for section in file.iter_sections()),
        comments=tuple(part.decode(errors="replace") for part in comment.data().split(b"\0") if part) if comment else (),
    )


def _folders(texts: list[str]) -> tuple[str, ...]:
    return tuple(folder for text in texts for folder in text.split(":") if folder)


def _exports(symbols: Any) -> tuple[str, ...]:
    return tuple(
        sorted(
            symbol.name
            for symbol in symbols.iter_symbols()
            if symbol.name
            and symbol.entry.st_shndx != "SHN_UNDEF"
            and symbol.entry.st_info.bind in _GLOBAL
            and symbol.entry.st_other.visibility in ("STV_DEFAULT", "STV_PROTECTED")
        )
    )


def _versions(file: Any, symbols: Any) -> dict[str, tuple[str, ...]]:
    """The versions of undefined symbols, by the number that .gnu.version gives each symbol."""
    numbers = next((item for item in file.iter_sections() if isinstance(item, GNUVerSymSection)), None)
    needs = next((item for item in file.iter_sections() if isinstance(item, GNUVerNeedSection)), None)
    if numbers is None or needs is None:
        return {}
    names = {item.entry.vna_other: item.name for _, items in needs.iter_versions() for item in items}
    found: dict[str, list[str]] = {}
    for place, symbol in enumerate(symbols.iter_symbols()):
        name = names.get(numbers.get_symbol(place).entry.ndx)
        if name and symbol.entry.st_shndx == "SHN_UNDEF":
            found.setdefault(name, []).append(symbol.name)
    return {name: tuple(sorted(items)) for name, items in sorted(found.items())}
