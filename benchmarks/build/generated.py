"""A synthetic framework: many C libraries that need each other, and one Python extension that links against all of them.

The sources are the same for every build tool (forms.py writes what each of them reads). Three constants can be changed, and the
extension returns all three, so that a benchmark can see whether a build really took a change:

    step    in one C file of one library
    base    in the public header of the lowest library, which units of several libraries include
    scale   a definition of one library, set by a build option

    python benchmarks/build/generated.py FOLDER --form ours --libraries 6 --units 50
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PACKAGE = "torch"  # the checkout's own commands register a package of this name
VERSION = "1.0.0"
NEIGHBOURS = 3  # one unit in so many includes and calls the libraries that its own one needs
FLAGS = ("-Wall", "-Wextra", "-fno-math-errno", "-fno-trapping-math")
LINK_FLAGS = ("-Wl,--disable-new-dtags", "-Wl,--no-undefined", "-Wl,--as-needed")


@dataclass(frozen=True)
class Values:
    """The three constants."""

    step: int = 1
    base: int = 1
    scale: int = 1


@dataclass(frozen=True)
class Library:
    """One library: its number, name, and the libraries that it needs."""

    number: int
    name: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Shape:
    """`libraries` (at least 2) with `units` C files each. Equal shapes give equal files; a larger one only adds libraries."""

    libraries: int
    units: int
    seed: int = 0

    @cached_property
    def table(self) -> tuple[Library, ...]:
        """All libraries, lowest first; each but the first needs one to three earlier ones."""
        rng = random.Random(self.seed)
        found: list[Library] = []
        for number in range(self.libraries):
            count = min(number, rng.randint(1, 3))
            needs = sorted(rng.sample(range(number), count))
            found.append(Library(number, name_of(number), tuple(name_of(need) for need in needs)))
        return tuple(found)

    @property
    def changed(self) -> Library:
        """The library whose file and whose definition change: one in the middle."""
        return self.table[self.libraries // 2]

    @property
    def changed_file(self) -> str:
        """The C file that changes."""
        return f"{self.changed.name}/src/{unit_name(self.changed, self.units // 2)}.c"

    @property
    def changed_header(self) -> str:
        """The public header that changes: the lowest library's."""
        lowest = self.table[0].name
        return f"{lowest}/include/{lowest}/{lowest}.h"

    @property
    def option(self) -> str:
        """The name of the build option that sets `scale`."""
        return f"{self.changed.name}_SCALE"

    @property
    def total(self) -> int:
        """All C files, the extension's included."""
        return self.libraries * self.units + 1

    @property
    def header_users(self) -> int:
        """C files that include the header that changes."""
        dependents = sum(self.table[0].name in library.needs for library in self.table)
        return self.units + dependents * -(-self.units // NEIGHBOURS)


def name_of(number: int) -> str:
    """L000, L001, ..."""
    return f"L{number:03d}"


def unit_name(library: Library, unit: int) -> str:
    """L000_u000, ...: the C file and the prefix of its functions."""
    return f"{library.name}_u{unit:03d}"


def unit_paths(shape: Shape, library: Library) -> list[str]:
    """The C files of a library, relative to its folder."""
    return [f"src/{unit_name(library, unit)}.c" for unit in range(shape.units)]


def sources(shape: Shape, values: Values) -> Iterator[tuple[str, str]]:
    """Path and content of all C files and headers."""
    for library in shape.table:
        base = values.base if library.number == 0 else 1
        yield f"{library.name}/include/{library.name}/{library.name}.h", _header(shape, library, base)
        for unit, path in enumerate(unit_paths(shape, library)):
            changed = f"{library.name}/{path}" == shape.changed_file
            yield f"{library.name}/{path}", _unit(library, unit, values.step if changed else 1)
    yield "extension/Module.c", _extension(shape)


def write_files(folder: Path, files: Iterator[tuple[str, str]]) -> int:
    """Writes what differs, and leaves the times of the others alone. Returns how many were written."""
    written = 0
    for name, content in files:
        path = folder / name
        if path.is_file() and path.read_text(encoding="utf-8") == content:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        written += 1
    return written


def change(folder: Path, name: str, macro: str, value: int) -> None:
    """Gives `#define macro` in a file another value."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    head, mark, tail = text.partition(f"#define {macro} ")
    if not mark:
        raise ValueError(f"{path} does not define {macro}")
    path.write_text(head + mark + str(value) + "\n" + tail.partition("\n")[2], encoding="utf-8")


def _header(shape: Shape, library: Library, base: int) -> str:
    name = library.name
    lines = [
        f"/* What {name} offers. */",
        f"#ifndef {name}_H",
        f"#define {name}_H",
        "#include <stddef.h>",
        "#include <stdint.h>",
        f'#define {name}_API __attribute__((visibility("default")))',
        f"#define {name}_BASE {base}",
        "",
    ]
    for unit in range(shape.units):
        prefix = unit_name(library, unit)
        lines += [
            f"{name}_API int {prefix}_probe(int what);",
            f"{name}_API void {prefix}_blend(double *out, const double *a, const double *b, size_t count);",
            f"{name}_API size_t {prefix}_rank(const int32_t *keys, size_t count, int32_t key);",
        ]
    return "\n".join([*lines, "", "#endif", ""])


_UNIT = """\
#include "{library}/{library}.h"
{includes}
#include <math.h>
#include <string.h>

#define STEP {step}

static double norm(const double *x, size_t count) {{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {{
        sum += x[i] * x[i];
    }}
    return sqrt(sum);
}}

int {prefix}_probe(int what) {{
    switch (what) {{
    case 0:
        return STEP;
    case 1:
        return {base}_BASE;
    case 2:
        return {library}_SCALE;
    default:
        return {calls};
    }}
}}

void {prefix}_blend(double *out, const double *a, const double *b, size_t count) {{
    double scale = norm(a, count) + norm(b, count) + {library}_SCALE;
    for (size_t i = 0; i < count; i++) {{
        double mixed = a[i] * STEP + b[i] * {number};
        out[i] = scale > 0 ? mixed / scale : 0;
    }}
    if (count > 1 && out[0] > out[count - 1]) {{
        double first;
        memcpy(&first, out, sizeof first);
        memmove(out, out + 1, (count - 1) * sizeof *out);
        memcpy(out + count - 1, &first, sizeof first);
    }}
}}

size_t {prefix}_rank(const int32_t *keys, size_t count, int32_t key) {{
    size_t low = 0, high = count;
    while (low < high) {{
        size_t middle = low + (high - low) / 2;
        if (keys[middle] < key) {{
            low = middle + 1;
        }} else {{
            high = middle;
        }}
    }}
    return low;
}}
"""


def _unit(library: Library, unit: int, step: int) -> str:
    neighbours = library.needs if unit % NEIGHBOURS == 0 else ()
    return _UNIT.format(
        library=library.name,
        prefix=unit_name(library, unit),
        number=unit,
        step=step,
        includes="\n".join(f'#include "{name}/{name}.h"' for name in neighbours),
        base=neighbours[0] if neighbours else library.name,
        calls=" + ".join(f"{name}_u000_probe(what)" for name in neighbours) or "what",
    )


_MODULE = """\
/* The Python extension: probe() returns the three constants, and a sum over all libraries. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

{declarations}

static PyObject *probe(PyObject *self, PyObject *unused) {{
    (void)self;
    (void)unused;
    int sum = {sum};
    return Py_BuildValue("iiii", {step}_probe(0), L001_u000_probe(1), {scale}_probe(2), sum);
}}

static PyMethodDef methods[] = {{{{"probe", probe, METH_NOARGS, "step, base, scale, sum"}}, {{NULL, NULL, 0, NULL}}}};
static struct PyModuleDef module = {{PyModuleDef_HEAD_INIT, "_C", NULL, -1, methods, NULL, NULL, NULL, NULL}};

PyMODINIT_FUNC PyInit__C(void) {{
    return PyModule_Create(&module);
}}
"""


def _extension(shape: Shape) -> str:
    step = unit_name(shape.changed, shape.units // 2)
    scale = unit_name(shape.changed, 0)
    firsts = [unit_name(library, 0) for library in shape.table]
    return _MODULE.format(
        declarations="\n".join(f"int {name}_probe(int what);" for name in dict.fromkeys([*firsts, step])),
        sum=" + ".join(f"{name}_probe(3)" for name in firsts),
        step=step,
        scale=scale,
    )


def main() -> None:
    from forms import FORMS  # forms.py imports this file

    parser = argparse.ArgumentParser(description="Writes a synthetic framework in the form that a build tool reads.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--form", choices=sorted(FORMS), default="ours")
    parser.add_argument("--libraries", type=int, default=6)
    parser.add_argument("--units", type=int, default=50, help="C files of each library (default: 50)")
    arguments = parser.parse_args()
    shape = Shape(arguments.libraries, arguments.units)
    write_files(arguments.folder, sources(shape, Values()))
    write_files(arguments.folder, FORMS[arguments.form](shape))
    print(f"{arguments.folder}: {shape.total} C files in {shape.libraries} libraries and one extension")


if __name__ == "__main__":
    main()
