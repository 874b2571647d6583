"""The verb `test`: what it says of passed, failed and crashed tests, the JUnit file, and that it leaves the package alone."""

from __future__ import annotations

import json
import subprocess
import xml.etree.ElementTree as xml
from pathlib import Path

from orchestrator import ctests
from orchestrator.ctests import CaseResult, read_junit, sanitizer_environment

from .conftest import Family

JUNIT = """<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="x" tests="3" failures="1">
  <testcase name="TH.test_core" classname="TH.test_core" time="0.25" status="run">
    <system-out>core: 108 checks</system-out></testcase>
  <testcase name="TH.test+two" classname="TH.test+two" time="1.5" status="fail">
    <failure message=""/><system-out>one&lt;two\n</system-out></testcase>
  <testcase name="TH.test_off" classname="TH.test_off" time="0" status="disabled"></testcase>
</testsuite>
"""

GOLDEN = """\
FAILED TH.test+two (1.50 s)
    one<two
  this test alone: ctest --test-dir lib/TH -R '^TH\\.test\\+two$'

FAILED TH.test_off (0.00 s)
    (it printed nothing)
  this test alone: ctest --test-dir lib/TH -R '^TH\\.test_off$'

  TH          1 passed, 2 failed
  slowest     TH.test+two 1.50 s, TH.test_core 0.25 s, TH.test_off 0.00 s
  JUnit       logs/tests.xml
C tests (debug): 1 of 3 passed in 2.0 s
"""


def test_the_report_of_a_file_that_ctest_wrote(tmp_path: Path) -> None:
    path = tmp_path / "TH.xml"
    path.write_text(JUNIT, encoding="utf-8")
    cases = read_junit(path, "TH", ["ctest", "--test-dir", "lib/TH", "-R"])
    report = ctests.TestReport("debug", ("TH",), tuple(cases), 2.0, Path("logs/tests.xml"))
    assert "\n".join(report.lines()) + "\n" == GOLDEN
    assert report.exit_code == ctests.FailedTestsError.exit_code == 14
    data = report.to_json()
    assert (data["passed"], data["failed"], data["exit_code"]) == (1, 2, 14)
    assert [test["name"] for test in data["tests"] if not test["passed"]] == ["TH.test+two", "TH.test_off"]
    assert json.loads(json.dumps(data)) == data


def test_a_file_that_is_not_there_or_damaged_has_no_cases(tmp_path: Path) -> None:
    assert read_junit(tmp_path / "none.xml", "TH", []) == []
    (tmp_path / "half.xml").write_text(JUNIT[:200], encoding="utf-8")
    assert read_junit(tmp_path / "half.xml", "TH", []) == []


def test_long_output_is_cut() -> None:
    case = CaseResult("TH", "TH.a", False, 0.1, "\n".join(f"line {number}" for number in range(100)), "again")
    lines = ctests.TestReport("release", ("TH",), (case,), 0.1, None).lines()
    assert "    line 59" in lines and "    line 60" not in lines and "    ... 40 more lines, see the log" in lines


def test_what_the_user_says_to_a_sanitizer_comes_last() -> None:
    given = sanitizer_environment({"HOME": "/h", "ASAN_OPTIONS": "detect_leaks=0"})
    assert given["ASAN_OPTIONS"].endswith(":detect_leaks=0") and given["ASAN_OPTIONS"].startswith("detect_leaks=1:")
    assert "halt_on_error=1" in given["TSAN_OPTIONS"] and given["HOME"] == "/h"


def test_pass_fail_and_crash_of_real_tests(family: Family) -> None:
    family.edit("base/CMakeLists.txt", "add_test(NAME base COMMAND test_base)", "add_test(NAME base COMMAND test_base)\n"
                "add_test(NAME fast.lane COMMAND test_base extra)")  # fmt: skip
    done = family.built("test", "Base")
    assert "C tests (release): 2 of 2 passed" in done.out
    assert not (family.root / "family").exists(), "a test published something"
    junit = family.root / "build/release/logs/latest/tests.xml"
    assert [case.get("status") for case in xml.parse(junit).getroot().iter("testcase")] == ["run", "run"]

    # One fails with words, one dies of a signal.
    family.edit(
        "base/tests/test_base.c",
        "int main(void) {\n",
        "#include <signal.h>\n#include <stdio.h>\nint main(int count, char **words) {\n    (void)words;\n"
        '    puts("it is <here>");\n    fflush(stdout);\n    if (count > 1) raise(SIGSEGV);\n',
    )
    family.edit("base/tests/test_base.c", "== 5", "== 6")
    failed = family.build("test", "--json")
    assert failed.status == 14, failed.out + failed.err
    data = json.loads(failed.out)
    assert {test["name"]: test["passed"] for test in data["tests"]} == {"base": False, "fast.lane": False}
    assert all("it is <here>" in test["output"] for test in data["tests"])
    # The command that the report offers runs that one test.
    again = subprocess.run(["sh", "-c", data["tests"][1]["again"]], capture_output=True, text=True, check=False)
    assert again.returncode != 0 and "fast.lane" in again.stdout and "0% tests passed, 1 tests failed out of 1" in again.stdout
    told = family.build("test", "Base")
    assert told.status == 14
    assert "FAILED base (" in told.out and "    it is <here>" in told.out and "0 of 2 passed" in told.out


def test_a_library_without_tests_is_named(family: Family) -> None:
    done = family.build("test", "Upper")
    assert done.status == 1 and "has C tests" in done.err
    off = family.build("test", "Base", "-D", "BUILD_TESTS=OFF")
    assert off.status == 1 and "BUILD_TESTS=OFF (command line)" in off.err
