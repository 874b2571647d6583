"""The process that runs statements of one library: requests and answers are lines of JSON.

    {"setup": ..., "statement": ...}  ->  {"seconds": of one execution} or {"error": ...}

It imports nothing of this project but the library it measures, so that any interpreter with that library can run it.
"""

from __future__ import annotations

import json
import sys
import time
import timeit

CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}


_prepared: dict[str, dict[str, object]] = {}  # the names that the last setup made


def prepare(setup: str) -> str:
    """Runs the setup unless the last row had the same one; what gives a statement its names, as local ones."""
    if setup not in _prepared:
        _prepared.clear()
        space: dict[str, object] = {}
        exec(setup, space)
        _prepared[setup] = space
    return "\n".join(f"{name} = prepared[{name!r}]" for name in _prepared[setup] if name != "__builtins__") or "pass"


def measure(setup: str, statement: str, span: float, clock: str) -> float:
    """Seconds of one execution: the best of three spans of repetition."""
    names = prepare(setup)
    timer = timeit.Timer(statement, names, CLOCKS[clock], globals={"prepared": _prepared[setup]})
    number = 1
    while (taken := timer.timeit(number)) < span / 2:
        number = max(number * 2, int(number * span / taken) if taken else number * 10)
    return min(timer.repeat(3, number)) / number


def main() -> None:
    library, threads, span, clock = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
    module = __import__(library)
    if library == "torch":
        module.set_num_threads(threads)
    print(json.dumps({"version": module.__version__, "file": module.__file__}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer: dict[str, object] = {"seconds": measure(request["setup"], request["statement"], span, clock)}
        except Exception as error:  # a row that a library cannot run must not end the others
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
