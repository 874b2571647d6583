"""Configurations: the built-in table, those of files, and that sanitizers really build, link and load."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from orchestrator.detect import DETECTORS
from orchestrator.errors import BuildError, ManifestError, OptionError
from orchestrator.manifest import load_manifest
from orchestrator.options import BUILTIN, resolve
from orchestrator.options.configurations import BUILTIN_CONFIGURATIONS, Configuration, all_configurations
from orchestrator.plan import choose_config
from orchestrator.session import BuildRequest, open_session

from .conftest import Family

FRAMEWORK = '[framework]\nname = "f"\npackage = "f"\nproducts = "f/lib"\nversion = "1.0"\n'
LIBRARY = '[library.One]\nsummary = "s"\nsource = "one"\nversion = "1.0"\nproducts = {}\n'
Write = Callable[[str], Path]


def described(path: Path) -> dict[str, Configuration]:
    return all_configurations(load_manifest(path, detectors=tuple(DETECTORS)).configurations)


def chosen(config: str | None = None, default: str = "", **environ: str) -> str:
    return choose_config(config, resolve(BUILTIN, environ, ()), default=default)


def test_the_classic_variables_choose() -> None:
    assert chosen() == "release"
    assert chosen(DEBUG="1") == "debug"
    assert chosen(REL_WITH_DEB_INFO="yes") == "relwithdebinfo"
    assert chosen("asan", DEBUG="1") == "asan"
    assert chosen(DEBUG="0") == "release"


def test_the_user_s_default_gives_way_to_the_classic_variables() -> None:
    assert chosen(default="debug") == "debug"
    assert chosen(default="debug", DEBUG="0") == "release"
    assert chosen(default="asan", DEBUG="0") == "asan"
    assert chosen(default="asan", DEBUG="1") == "debug"


def test_an_unknown_configuration() -> None:
    with pytest.raises(BuildError, match=r"no configuration `relase`\. Did you mean release\?"):
        chosen("relase")


def test_a_configuration_of_the_manifest_inherits(write_manifest: Write) -> None:
    own = '[config.slim]\nsummary = "s"\ninherits = "asan"\nbuild-type = "MinSizeRel"\ncflags = "-fwhole-program"\n'
    second = '[config.slimmer]\nsummary = "t"\ninherits = "slim"\noptions = { WERROR = true, "One:CFLAGS" = "-g0" }\n'
    made = described(write_manifest(FRAMEWORK + LIBRARY + second + own))
    slimmer, asan = made["slimmer"], BUILTIN_CONFIGURATIONS["asan"]
    assert slimmer.build_type == "MinSizeRel"
    assert slimmer.cflags == f"{asan.cflags} -fwhole-program" and slimmer.cxxflags == asan.cxxflags
    assert slimmer.preload == asan.preload
    assert [(item.scope, item.name, item.text) for item in slimmer.settings] == [("", "WERROR", "ON"), ("One", "CFLAGS", "-g0")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[config.Mine]\nsummary = "s"\n', "cannot name a configuration: small letters"),
        ('[config.fast]\nsummary = "s"\n', "build/fast is something else"),
        ('[config.debug]\nsummary = "s"\n', "is a built-in configuration"),
        ('[config.a]\nsummary = "s"\ninherits = "relase"\n', "no configuration `relase`. Did you mean release?"),
        ('[config.a]\nsummary = "s"\nbuild-type = "Releas"\n', "Did you mean Release?"),
        (
            '[config.a]\nsummary = "s"\ninherits = "b"\n[config.b]\nsummary = "s"\ninherits = "a"\n',
            "inherit in a circle: a -> b -> a",
        ),
        ('[config.a]\nsummary = "s"\ncflag = "-g"\n', "Did you mean cflags?"),
    ],
)
def test_mistakes_are_named(write_manifest: Write, text: str, words: str) -> None:
    path = write_manifest(FRAMEWORK + LIBRARY + text)
    with pytest.raises(ManifestError) as caught:
        described(path)
    assert str(caught.value).startswith(f"{path}:1") and words in str(caught.value)


def test_a_configuration_sets_options_below_the_environment(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    (family.root / "build_options.toml").write_text(
        'configuration = "loud"\n[options]\nGREETING = "file"\n[config.loud.options]\nGREETING = "configuration"\n',
        encoding="utf-8",
    )
    for name in ("DEBUG", "REL_WITH_DEB_INFO", "GREETING"):
        monkeypatch.delenv(name, raising=False)
    session = open_session(BuildRequest(root=family.root))
    assert (session.config, session.options["GREETING"]) == ("loud", "configuration")
    assert session.options.values["GREETING"].origin == "configuration loud"
    monkeypatch.setenv("GREETING", "environment")
    assert open_session(BuildRequest(root=family.root)).options["GREETING"] == "environment"
    release = open_session(BuildRequest(root=family.root, config="release", defines=("GREETING=line",)))
    assert release.options["GREETING"] == "line"
    (family.root / "build_options.toml").write_text("[config.release]\n", encoding="utf-8")
    with pytest.raises(OptionError, match=r"build_options.toml:1: `release` is a built-in configuration"):
        open_session(BuildRequest(root=family.root))


def runtime(name: str) -> str:
    return subprocess.run(["cc", f"-print-file-name={name}"], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("name", ["asan", "ubsan", "tsan"])
def test_a_sanitizer_links_without_undefined_symbols_and_finds_a_fault(family: Family, name: str) -> None:
    faults = {
        "asan": ("volatile char *p = malloc(4); b += p[a - 36]; free((void *)p);", "heap-buffer-overflow"),
        "ubsan": ("b += 1 << a;", "shift exponent"),
        "tsan": ("", ""),
    }
    code, said = faults[name]
    family.edit("base/src/Base.c", "return a + b;", f"{code} return a + b;")
    family.edit("base/src/Base.c", '#include "Base/Base.h"', '#include "Base/Base.h"\n#include <stdlib.h>')
    done = family.built("--config", name, env={"USE_CCACHE": "OFF"})
    assert done.count("Linking") == 2
    configuration = BUILTIN_CONFIGURATIONS[name]
    environment = dict(configuration.environment) | {"LD_PRELOAD": " ".join(map(runtime, configuration.preload))}
    call = f"import ctypes; print(ctypes.CDLL({str(family.root / 'family/lib/libUpper.so.1')!r}).upper_mix(40, 5, 2))"
    ran = subprocess.run(
        [sys.executable, "-c", call], env=os.environ | environment, capture_output=True, text=True, check=False
    )
    if not code:  # a race needs two threads: here it is enough that the instrumented library loads and runs
        assert (ran.returncode, ran.stdout) == (0, "43\n"), ran.stderr
    else:
        assert ran.returncode != 0 and said in ran.stderr


def test_coverage_counts_lines(family: Family) -> None:
    family.built("--config", "coverage", env={"USE_CCACHE": "OFF"})
    assert family.call("upper.upper_mix(7, 5, 2)") == "10"
    counted = family.root / "build/coverage/base/CMakeFiles/Base.dir/src/Base.c.gcda"
    assert counted.is_file() and counted.with_suffix(".gcno").is_file()
