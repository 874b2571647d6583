"""The GPU architectures to compile for: one parser of TORCH_CUDA_ARCH_LIST, so that every CUDA library is told the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from orchestrator.errors import nearest

__all__ = ["Architecture", "cmake_words", "default_architectures", "parse_architectures", "supported_by"]

_FAMILIES = {
    "maxwell": ("5.0", "5.2"),
    "pascal": ("6.0", "6.1"),
    "volta": ("7.0",),
    "turing": ("7.5",),
    "ampere": ("8.0", "8.6"),
    "ada": ("8.9",),
    "hopper": ("9.0",),
    "blackwell": ("10.0", "10.3", "12.0", "12.1"),
    "thor": ("11.0",),
}
_WORDS = ("all", "all-major", "native")
_ENTRY = re.compile(r"(\d+)\.(\d)([af]?)")
_NVCC_WORD = re.compile(r"(?:sm_?|compute_?)?(\d+)[._]?(\d)([af]?)")  # as nvcc and CMake write it: sm_90a, 90
_EXAMPLES = "Examples: 9.0, 9.0a, 10.0+PTX, Hopper, native, all-major, all"
# From which version on nvcc takes the suffix: `a` for code that runs on this GPU alone, `f` on its family.
_SUFFIXES = {"": (0, 0), "a": (9, 0), "f": (10, 0)}


@dataclass(frozen=True, order=True)
class Architecture:
    """A compute capability. `ptx`: its intermediate code goes along, which later GPUs translate when they load it."""

    major: int
    minor: int
    suffix: str = ""
    ptx: bool = False

    @property
    def version(self) -> str:
        """As NVIDIA writes it, with `+PTX` where that is meant."""
        return f"{self.major}.{self.minor}{self.suffix}{'+PTX' if self.ptx else ''}"

    def cmake(self) -> tuple[str, ...]:
        """The words of CMAKE_CUDA_ARCHITECTURES."""
        number = f"{self.major}{self.minor}{self.suffix}"
        return (f"{number}-real", f"{number}-virtual") if self.ptx else (f"{number}-real",)


def supported_by(listing: str) -> tuple[Architecture, ...]:
    """What `nvcc --list-gpu-arch` says, ascending, without suffixes."""
    numbers = {(int(major), int(minor)) for major, minor in re.findall(r"compute_(\d+)(\d)\b", listing)}
    return tuple(Architecture(*number) for number in sorted(numbers))


def cmake_words(chosen: Iterable[Architecture]) -> str:
    """CMAKE_CUDA_ARCHITECTURES."""
    return ";".join(word for item in chosen for word in item.cmake())


def parse_architectures(
    text: str, supported: Sequence[Architecture], present: Callable[[], Sequence[Architecture]]
) -> tuple[Architecture, ...]:
    """The meaning of a list such as `8.0;9.0a`, `Hopper+PTX`, `all-major` or `native`, ascending, each once.

    Entries stand between semicolons, commas or blanks. `present` tells the GPUs of this machine and is asked for `native` only.
    A family means those of its members that `supported` has. Raises ValueError that names the entry and what is possible.
    """
    chosen: list[Architecture] = []
    entries = [entry for entry in re.split(r"[\s;,]+", text) if entry]
    if not entries:
        raise ValueError(f"it names no architecture. {_EXAMPLES}")
    for entry in entries:
        word, plus, kind = entry.partition("+")
        if plus and kind.upper() != "PTX":
            raise ValueError(f"`{entry}`: only +PTX may follow an architecture")
        if not word:
            raise ValueError(f"`{entry}`: an architecture stands before +PTX. {_EXAMPLES}")
        items = _members(word, supported, present)
        chosen += [*items, replace(items[-1], ptx=True)] if plus else items
    return _once(chosen)


def default_architectures(
    supported: Sequence[Architecture], present: Sequence[Architecture]
) -> tuple[tuple[Architecture, ...], str]:
    """Without a list: for the GPUs that are here, else one of each generation; and the reason, in words.

    A GPU that is newer than the compiler gets the newest intermediate code that there is.
    """
    if present:
        reason = f"the GPUs of this machine: {', '.join(item.version for item in present)}"
        return _runnable(present, supported), reason
    return parse_architectures("all-major+PTX", supported, tuple), "no GPU here: one of each generation"


def _members(
    word: str, supported: Sequence[Architecture], present: Callable[[], Sequence[Architecture]]
) -> tuple[Architecture, ...]:
    name = word.lower()
    if name == "all":
        return tuple(supported)
    if name == "all-major":
        # As nvcc means it: the oldest, and the first of each generation.
        return tuple(item for item in supported if item.minor == 0 or item == supported[0])
    if name == "native":
        here = present()
        if not here:
            raise ValueError("`native`: nvidia-smi names no GPU on this machine")
        return _runnable(here, supported)
    if name in _FAMILIES:
        found = tuple(item for item in supported if item.version in _FAMILIES[name])
        return found or _refuse(f"`{word}` ({', '.join(_FAMILIES[name])})", supported)
    match = _ENTRY.fullmatch(name)
    if match is None:
        raise ValueError(f"`{word}` is no architecture.{_meant(name, supported)} {_EXAMPLES}")
    item = Architecture(int(match[1]), int(match[2]))
    if item not in supported:
        _refuse(f"`{word}`", supported, _instead(item, supported))
    if (item.major, item.minor) < _SUFFIXES[match[3]]:
        raise ValueError(f"`{word}`: the suffix {match[3]} exists from {'.'.join(map(str, _SUFFIXES[match[3]]))} on")
    return (Architecture(item.major, item.minor, match[3]),)


def _meant(name: str, supported: Sequence[Architecture]) -> str:
    """What was probably meant, as a sentence; "" where nothing is near."""
    if any(item.version == f"{name}.0" for item in supported):
        return f" Did you mean {name}.0?"
    if (match := _NVCC_WORD.fullmatch(name)) and Architecture(int(match[1]), int(match[2])) in supported:
        return f" Did you mean {match[1]}.{match[2]}{match[3]}?"
    return nearest(name, [*(family.capitalize() for family in _FAMILIES), *_WORDS, *(item.version for item in supported)])


def _instead(item: Architecture, supported: Sequence[Architecture]) -> str:
    """What else would run on such a GPU; "" if nothing would."""
    older = [other for other in supported if other < item]
    if not older:
        return ""
    near = older[-1] if older[-1].major == item.major else replace(older[-1], ptx=True)
    return f". What is made for {near.version} runs there too"


def _refuse(what: str, supported: Sequence[Architecture], more: str = "") -> tuple[Architecture, ...]:
    raise ValueError(f"{what}: this nvcc compiles for {', '.join(item.version for item in supported)}{more}")


def _runnable(present: Iterable[Architecture], supported: Sequence[Architecture]) -> tuple[Architecture, ...]:
    chosen = []
    for item in present:
        older = [other for other in supported if other <= item]
        if not older:
            _refuse(f"the GPU of this machine ({item.version})", supported)
        chosen.append(item if item in supported else replace(older[-1], ptx=True))
    return _once(chosen)


def _once(chosen: Iterable[Architecture]) -> tuple[Architecture, ...]:
    """Ascending, each architecture once; with its intermediate code if any entry asked for that."""
    best = {(item.major, item.minor, item.suffix): item for item in sorted(chosen)}
    return tuple(best[key] for key in sorted(best))
