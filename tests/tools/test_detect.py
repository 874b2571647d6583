"""Detectors over folders of tiny programs and files: what is found, what is refused, and the account of each look."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from orchestrator.cachefolder import CacheFolder, key_of, user_cache
from orchestrator.detect import DETECTORS, Candidate, Context, Detection, Found, Missing, account
from orchestrator.detect.asking import ask, is_plain_program
from orchestrator.detect.blas import detect_blas, system_blas
from orchestrator.detect.folders import linker_folders
from orchestrator.machine import look
from orchestrator.options import BUILTIN, Options, OptionSpec, OptionType, OptionValue, resolve

GCC = 'printf "#define __GNUC__ 13\\n#define __GNUC_MINOR__ 2\\n#define __GNUC_PATCHLEVEL__ 1\\n"'


def program(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def context(environ: Mapping[str, str], *defines: str, memory: CacheFolder | None = None, **more: str) -> Context:
    """`more` are options that are put in by hand, whether or not the ledger has them."""
    options = resolve(BUILTIN, {}, defines)
    values = dict(options.values)
    for name, value in more.items():
        values[name] = OptionValue(OptionSpec(name, OptionType.TEXT, "", ""), value, "command line")
    return Context(Options(values, options.cmake, options.warnings), environ, memory=memory or CacheFolder())


def look_for(name: str, context: Context) -> Detection:
    return DETECTORS[name](context)


def test_both_compilers_are_in_the_account(tmp_path: Path) -> None:
    program(tmp_path / "cc", "exit 1")
    gcc, cxx = program(tmp_path / "gcc", GCC), program(tmp_path / "g++", GCC)
    answer = look_for("compiler", context({"PATH": str(tmp_path)}))
    assert isinstance(answer, Found) and (answer.values["c"], answer.values["cxx"]) == (str(gcc), str(cxx))
    assert [place.text() for place in answer.looked] == [
        f"C compiler {tmp_path}/cc: does not preprocess an empty file (status 1)",
        f"C compiler {gcc}: gcc 13.2.1, taken: the first usable one on PATH",
        "C++ compiler c++: not on PATH",
        f"C++ compiler {cxx}: gcc 13.2.1, taken: the first usable one on PATH",
    ]
    assert [place.taken for place in answer.looked] == [False, True, False, True]


def test_a_compiler_with_flags_or_half_a_quotation_is_refused(tmp_path: Path) -> None:
    for value in ("gcc -O3 -g", "'gcc"):
        answer = look_for("compiler", context({"PATH": str(tmp_path)}, f"CC={value}"))
        assert isinstance(answer, Missing)
        assert answer.looked[0].text() == f"C compiler CC={value}: more than a program; give flags in CFLAGS and CXXFLAGS"


def test_an_error_lists_the_places() -> None:
    looked = (Candidate("/a/ninja (PATH)", "1.11.1 is older than 1.13", "1.11.1"), Candidate("/b/ninja (PATH)", "not there"))
    assert account(looked) == "Places searched:\n  /a/ninja (PATH): 1.11.1 is older than 1.13\n  /b/ninja (PATH): not there"
    assert account(()) == ""


def test_the_linker_is_the_one_that_the_compiler_names(tmp_path: Path) -> None:
    ld = program(tmp_path / "ld", "echo 'GNU ld (GNU Binutils for Debian) 2.40'")
    mold = program(tmp_path / "ld.mold", "echo 'mold 2.4.0 (compatible with GNU ld)'")
    program(tmp_path / "cc", f'case "$1" in -print-prog-name=*) echo "{tmp_path}/${{1#*=}}";; *) {GCC};; esac')
    answer = look_for("linker", context({"PATH": str(tmp_path)}))
    assert isinstance(answer, Found) and (answer.path, answer.version, answer.values["kind"]) == (ld, "GNU ld 2.40", "GNU ld")
    assert answer.looked[1].text().startswith(f"{mold}: not chosen")
    chosen = look_for("linker", context({"PATH": str(tmp_path)}, "LDFLAGS=-fuse-ld=mold"))
    assert isinstance(chosen, Found) and (chosen.version, chosen.how) == ("mold 2.4.0", "LDFLAGS")
    mold.unlink()
    gone = look_for("linker", context({"PATH": str(tmp_path)}, "LDFLAGS=-fuse-ld=mold"))
    assert isinstance(gone, Missing) and "ld.mold" in gone.reason


@pytest.mark.parametrize(
    ("said", "wanted", "text"),
    [
        ("ccache version 4.7.5", "AUTO", "ccache 4.7.5"),
        ("ccache version 3.7.12", "AUTO", "none: neither ccache nor sccache found"),
        ("ccache version 4.7.5", "OFF", "off: USE_CCACHE=OFF"),
    ],
)
def test_a_compiler_cache(tmp_path: Path, said: str, wanted: str, text: str) -> None:
    program(tmp_path / "ccache", f"echo '{said}'")
    (tmp_path / "env").symlink_to("/usr/bin/env")
    answer = look_for("cache", context({"PATH": str(tmp_path)}, USE_CCACHE=wanted))
    assert text in answer.describe()
    assert isinstance(answer, Found) or not answer.required


def test_a_demanded_cache_that_is_missing_is_required(tmp_path: Path) -> None:
    answer = look_for("cache", context({"PATH": str(tmp_path)}, USE_CCACHE="ON"))
    assert isinstance(answer, Missing) and answer.required
    assert [place.text() for place in answer.looked] == ["ccache: not on PATH", "sccache: not on PATH"]


def test_no_cache_before_a_cache(tmp_path: Path) -> None:
    ccache = program(tmp_path / "ccache", "echo ccache version 4.7.5")
    (tmp_path / "cc").symlink_to(ccache)
    assert look_for("cache", context({"PATH": str(tmp_path)})).describe() == f"off: {tmp_path}/cc is ccache itself"
    named = look_for("cache", context({"PATH": str(tmp_path)}, "CC=ccache gcc"))
    assert named.describe() == "off: CC names the launcher ccache itself"


def test_blas_alternatives_are_named(tmp_path: Path) -> None:
    write(tmp_path / "libopenblas.so.0", "ELF\0cblas_sgemm\0 OpenBLAS 0.3.21 DYNAMIC")
    (tmp_path / "libblas.so.3").symlink_to(tmp_path / "libopenblas.so.0")
    write(tmp_path / "libmkl_rt.so.2", "ELF")
    answer = detect_blas(context({}), [tmp_path])
    others = [place.text() for place in answer.looked[1:]]
    why = "not chosen: SYSTEM_LIBS=ON or BLAS=<its path> takes it"
    assert others == [f"{tmp_path}/libopenblas.so.0: OpenBLAS, {why}", f"{tmp_path}/libmkl_rt.so.2: MKL, {why}"]


def test_the_system_s_blas_is_never_the_package_s(tmp_path: Path) -> None:
    first = write(tmp_path / "one/libopenblas.so.0", "ELF without the C interface")
    second = write(tmp_path / "two/libopenblas.so.0", "ELF\0cblas_sgemm\0 OpenBLAS 0.3.21 DYNAMIC")
    answer = detect_blas(context({}, SYSTEM_LIBS="ON"), [first.parent, second.parent])
    assert isinstance(answer, Found) and answer.path == second and answer.version == "OpenBLAS 0.3.21"
    assert (answer.values["carry"], answer.values["prefix"], answer.temporary) == ("OFF", "", ())
    assert answer.looked[0].text() == f"{first}: has no symbol cblas_sgemm"
    nothing = system_blas([tmp_path], required=False)
    assert isinstance(nothing, Missing) and not nothing.required
    assert nothing.looked[-1].text() == "Python package scipy_openblas32: not asked: SYSTEM_LIBS=ON never takes it"


def test_the_folders_of_the_dynamic_linker(tmp_path: Path) -> None:
    write(tmp_path / "etc/ld.so.conf", "include /etc/ld.so.conf.d/*.conf\n# a comment\n")
    write(tmp_path / "etc/ld.so.conf.d/one.conf", "/opt/one/lib  # ours\n/gone\n")
    write(tmp_path / "opt/one/lib/x")
    write(tmp_path / "usr/lib/y")
    (tmp_path / "lib").symlink_to("usr/lib")
    assert linker_folders(tmp_path) == [tmp_path / "opt/one/lib", tmp_path / "lib"]


def test_a_program_is_asked_once(tmp_path: Path) -> None:
    """A copy of `echo` stands for any program that is no script."""
    tool = tmp_path / "tool"
    tool.write_bytes(Path("/bin/echo").resolve().read_bytes())
    tool.chmod(0o755)
    memory = CacheFolder(tmp_path / "cache")
    here = context({"PATH": os.environ["PATH"]}, memory=memory)
    assert ask(here, [str(tool), "one"]).output == "one\n"
    kept = list((tmp_path / "cache/tools").glob("*.json"))
    assert len(kept) == 1
    kept[0].write_text(kept[0].read_text(encoding="utf-8").replace("one", "two"), encoding="utf-8")
    assert ask(here, [str(tool), "one"]).output == "one\n"  # an entry whose content was changed is no answer
    stamp = tool.stat()
    content = {"command": [str(tool), "one"], "output": "from memory\n"}
    memory.write("tools", kept[0].stem, content)
    assert ask(here, [str(tool), "one"]).output == "from memory\n"
    os.utime(tool, ns=(stamp.st_atime_ns, stamp.st_mtime_ns + 1))
    assert ask(here, [str(tool), "one"]).output == "one\n"


def test_scripts_and_caches_are_asked_each_time(tmp_path: Path) -> None:
    script = program(tmp_path / "cc", "echo $ANSWER")
    (tmp_path / "ccache").write_bytes(Path("/bin/echo").resolve().read_bytes())
    (tmp_path / "ccache").chmod(0o755)
    (tmp_path / "gcc").symlink_to("ccache")
    assert not is_plain_program(script) and not is_plain_program(tmp_path / "gcc") and is_plain_program(Path("/bin/echo"))
    memory = CacheFolder(tmp_path / "cache")
    assert ask(context({"ANSWER": "1"}, memory=memory), [str(script)]).output == "1\n"
    assert ask(context({"ANSWER": "2"}, memory=memory), [str(script)]).output == "2\n"


def test_a_cache_folder_never_fails(tmp_path: Path) -> None:
    write(tmp_path / "file")
    for folder in (None, tmp_path / "file", tmp_path / "file/below"):
        cache = CacheFolder(folder)
        assert cache.write("kind", "key", {"a": 1}) is False and cache.read("kind", "key") is None
    cache = CacheFolder(tmp_path / "good")
    assert cache.write("kind", "key", {"a": [1]}) and cache.read("kind", "key") == {"a": [1]}
    path = tmp_path / "good/kind/key.json"
    for damage in (b"", b"{", b"[]", b"\xff\xfe", b'{"format": 1}', path.read_bytes()[:-10]):
        path.write_bytes(damage)
        assert cache.read("kind", "key") is None
    assert cache.write("kind", "key", {"a": 2}) and cache.read("kind", "key") == {"a": 2}
    path.rename(path.with_name("other.json"))
    assert cache.read("kind", "other") is None  # the answer to another question
    assert key_of([1]) != key_of(["1"])


def test_where_the_cache_folder_stands() -> None:
    assert user_cache({"XDG_CACHE_HOME": "/x", "HOME": "/h"}).folder == Path("/x/build_deps")
    assert user_cache({"XDG_CACHE_HOME": "relative", "HOME": "/h"}).folder == Path("/h/.cache/build_deps")
    assert user_cache({}).folder is None


def test_limits_of_control_groups(tmp_path: Path) -> None:
    write(tmp_path / "proc/meminfo", "MemTotal:       8388608 kB\n")
    bare = look(tmp_path)
    assert (bare.quota, bare.memory_limit, bare.memory) == (None, None, 8 << 30) and bare.usable == bare.allowed
    write(tmp_path / "proc/self/cgroup", "0::/user.slice/job\n")
    write(tmp_path / "sys/fs/cgroup/user.slice/job/cpu.max", "max 100000\n")
    write(tmp_path / "sys/fs/cgroup/user.slice/job/memory.max", "2147483648\n")
    write(tmp_path / "sys/fs/cgroup/user.slice/cpu.max", "50000 100000\n")
    limited = look(tmp_path)
    assert (limited.quota, limited.usable, limited.usable_memory) == (0.5, 1, 2 << 30)
    write(tmp_path / "proc/self/cgroup", "4:cpu,cpuacct:/job\n3:memory:/job\n")  # the first version
    write(tmp_path / "sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "150000\n")
    write(tmp_path / "sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n")
    write(tmp_path / "sys/fs/cgroup/memory/job/memory.limit_in_bytes", "9223372036854771712\n")
    first = look(tmp_path)
    assert (first.quota, first.memory_limit) == (1.5, None) and first.usable == min(2, first.allowed)
