"""Calls on their way on devices, and the thread that looks after them: none waits for ever for a rank that does not come.

A call over NCCL has no time limit of its own, and one that waits for a dead process waits on the device, where no exception
reaches. The watch looks at pending calls a few times a second. One that is late, or needs a rank that is gone, is given up: the
group's communicators are aborted, which ends what waits on the device, and every later call of the group raises RuntimeError.
What the ranks were in is exchanged over sockets, so that the message says where they disagree.

Two threads do this. One asks the devices what has ended: such a question may itself have to wait while other threads of the
process are in the driver. The other decides, and never asks a device, so that nothing keeps it from ending what hangs.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import weakref
from contextlib import suppress

import torch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from torch import Tensor

_TICK = 0.05  # seconds between two looks
_IDLE = 0.25  # the same while nothing is pending
_STUCK = 1.0  # seconds for a question to a device: then it waits for what is to be ended
_GRACE = 2.0  # seconds in which a call that a rank has done before it ended comes to its end
_REPLY = 1.0  # seconds for the others to say what they were in
_PATIENCE = 10.0  # seconds for NCCL to end a call
_MARGIN = 30.0  # seconds beyond the time of a call for all of this
_BYTES = 512  # of what a rank says


def _say(rank: int, text: str) -> None:
    """Also where nobody makes another call."""
    print(f"torch.distributed, rank {rank}: {text}", file=sys.stderr, flush=True)


class Queued:
    """A call of a group: handed to devices once `mark` is called, done when they have come that far."""

    rank = -1

    def __init__(self, group: Any, kind: str, tensor: Tensor, detail: str = "") -> None:
        self.group, self.kind, self.detail = group, kind, detail
        self.numel, self.dtype, self.device = tensor.numel(), tensor.dtype, tensor.device.index
        self.number = group.next_number()
        self.begun = time.monotonic()
        self.over, self.asked = False, 0.0  # what a device said last, and when
        self._events: list[tuple[int, Any]] = []
        self._kept: Any = None  # memory that another stream than its own uses

    def mark(self, streams: Iterable[Any], kept: Any = None) -> None:
        """What is asked of the streams from now on is behind this call."""
        self._kept = kept
        self._events = [(stream.device_index, stream.record_event()) for stream in streams]

    def is_over(self) -> bool:
        """Whether it has ended on the devices, which are asked."""
        if not self.over:
            now = time.monotonic()
            self.over = bool(self._events) and all(event.query() for _, event in self._events)
            self.asked = now
        if self.over:
            self._kept = None
        return self.over

    def is_done(self) -> bool:
        """The same, or it has failed."""
        return bool(self.group.failure) or self.is_over()

    def wait(self) -> None:
        """What is asked of the current streams from now on waits for it; the caller does not."""
        self.group.check()
        for device, event in self._events:
            torch.cuda.current_stream(device).wait_event(event)

    def __str__(self) -> str:
        return f"call {self.number} of the group, {self.kind} of {self.numel} elements of {self.dtype}{self.detail}"


class Watch:
    """Of one process; `sockets` is a group of all processes, for nothing but this. alarm: _C.nccl.set_alarm."""

    def __init__(self, sockets: Any, rank: int, timeout: float, alarm: Callable[[float, str], None]) -> None:
        self.timeout = timeout
        self._alarm = alarm  # ends the process where a call that waits for a device keeps this thread from running
        self.lost: dict[int, tuple[str, float]] = {}  # ranks: what is known of their end, and since when
        # What a rank gave up, by (number of the group, rank), and since when that is known.
        self._said: dict[tuple[int, int], tuple[str, float]] = {}
        self._sockets, self._rank = sockets, rank
        self._groups: list[Any] = []
        self._pending: list[Queued] = []  # never changed: another takes its place
        self._lock = threading.Lock()  # of who puts it there; nobody waits while he holds it
        self._busy, self._stopped = threading.Event(), False
        self._threads: list[threading.Thread] = []
        self._ears = {sockets.rank_at(i): self._ear(sockets.rank_at(i)) for i in range(sockets.size) if i != rank}

    def number_of(self, group: Any) -> int:
        """Groups are made in the same order everywhere."""
        self._groups.append(weakref.ref(group))
        return len(self._groups) - 1

    def add(self, call: Queued) -> None:
        """Looks after the call until it is over. RuntimeError if its group has failed."""
        for each in self._pending:
            if not each.is_over():
                break
        with self._lock:
            self._pending = [*(each for each in self._pending if not each.over), call]
            if not self._threads:
                for body in (self._decide, self._ask):
                    self._threads.append(threading.Thread(target=body, name="torch.distributed", daemon=True))
                    self._threads[-1].start()
        if call.group.failure:  # the others gave the group up just now
            self.drop(call)
            call.group.check()
        if not self._busy.is_set():
            self._arm()
            self._busy.set()

    def _arm(self) -> None:
        text = (
            f"a call has waited for {self.timeout:g} s, and Python waits in another that lets no thread run: the process ends"
        )
        self._alarm(self.timeout + _MARGIN, f"torch.distributed, rank {self._rank}: {text}")

    def drop(self, call: Queued) -> None:
        """The call was never handed to a device."""
        with self._lock:
            self._pending = [each for each in self._pending if each is not call]

    def stop(self, patience: float) -> None:
        """Waits, not longer than that, for pending calls; ends all groups."""
        deadline = time.monotonic() + patience
        while self._prune() and time.monotonic() < deadline:
            time.sleep(0.001)
            for call in self._pending:
                call.is_over()
        self._stopped = True
        self._busy.set()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(patience)
        self._alarm(0, "")
        for reference in self._groups:
            group = reference()
            if group is not None:
                with suppress(RuntimeError):  # a call of another thread that waits
                    group.abort(f"rank {self._rank} has left its process group")

    def _tick(self, idle: float | None = None) -> bool:
        """Waits while nothing is pending (not longer than `idle`), and a little; False at the end."""
        self._busy.wait(idle)
        time.sleep(_TICK)
        return not self._stopped

    def _ask(self) -> None:
        while self._tick():
            for call in self._pending:
                with suppress(RuntimeError):  # of a kernel: who waits for the device hears of it
                    call.is_over()

    def _decide(self) -> None:
        while self._tick(_IDLE):
            pending = self._prune()
            if pending:
                self._arm()
            self._listen()
            self._follow()
            for call in pending:
                why, since = self._reason(call)
                if why and self._still_runs(call, since):
                    self._give_up(call, why)

    def _follow(self) -> None:
        """Where others gave up a group in which this process waits for nothing, its next call fails and does not begin."""
        for (number, other), (text, _) in self._said.items():
            group = self._groups[number]() if number < len(self._groups) else None
            if group is None or group.failure:
                continue
            with self._lock:
                if not any(call.group is group for call in self._pending):
                    group.failure = f"rank {other} has given up {text}; rank {self._rank} was in no call of the group"

    @staticmethod
    def _still_runs(call: Queued, since: float) -> bool:
        """Whether a device said so after that time, or does not say anything."""
        known = call.asked > since or time.monotonic() - since > _STUCK
        return known and not call.over and not call.group.failure

    def _prune(self) -> Sequence[Queued]:
        """What is pending, as far as is known."""
        with self._lock:
            self._pending = [call for call in self._pending if not call.over and not call.group.failure]
            if not self._pending and not self._stopped:
                self._busy.clear()
                self._alarm(0, "")
            return self._pending

    # --- other ranks ----------------------------------------------------------------------------------------------------

    def _ear(self, other: int) -> tuple[Tensor, Any]:
        heard = torch.zeros(_BYTES, dtype=torch.uint8)
        return heard, self._sockets.receive(heard, source=other)

    def _listen(self) -> None:
        for other, (heard, request) in list(self._ears.items()):
            if not request.is_done():
                continue
            try:
                request.wait()
                number, _, text = bytes(heard.tolist()).rstrip(b"\0").decode(errors="replace").partition(" ")
                self._said.setdefault((int(number), other), (text, time.monotonic()))
                self._ears[other] = self._ear(other)
            except RuntimeError as error:
                self.lost[other] = (str(error).partition("] ")[2] or str(error), time.monotonic())
                del self._ears[other]

    def _tell(self, group: Any, text: str) -> None:
        """The other members, but not those that are gone."""
        words = f"{group.number} {text}".encode()[:_BYTES]
        packed = torch.tensor(list(words.ljust(_BYTES, b"\0")), dtype=torch.uint8)
        for other in self._ears:
            if group.index_of(other) >= 0 and other not in self.lost:
                with suppress(RuntimeError):  # gone by now
                    self._sockets.send(packed, to=other)

    def _reason(self, call: Queued) -> tuple[str, float]:
        """Why the call will not end, and since when; the time may be to come."""
        now = time.monotonic()
        for other, (text, since) in self.lost.items():
            if call.group.index_of(other) >= 0 and now - max(since, call.begun) > _GRACE:
                return text, max(since, call.begun) + _GRACE
        for (number, other), (text, since) in self._said.items():
            if number == call.group.number:
                return f"rank {other} has given up {text}", since
        since = call.begun + self.timeout
        return (f"timed out after {self.timeout:g} s" if now > since else ""), since

    def _give_up(self, call: Queued, why: str) -> None:
        group = call.group
        text = f"[{call.kind}] {why}; here {call} has not ended on cuda:{call.device}"
        self._tell(group, str(call))
        if why.startswith("timed out"):
            text += "; " + "; ".join(self._others(group)) + "; is it in the same call, with as many elements?"
        self._end(call, text)
        _say(self._rank, text)

    def _end(self, call: Queued, text: str) -> None:
        """Aborts the call's group. NCCL may wait for ever there, too: then, if the device still waits, the process ends."""
        call.group.failure = call.group.failure or text  # before anything that may take its time
        failed: list[str] = ["NCCL does not end the call"]

        def end() -> None:
            try:
                call.group.abort(text)
                failed.clear()
            except RuntimeError as error:
                failed.append(str(error))

        thread = threading.Thread(target=end, daemon=True)
        thread.start()
        thread.join(_PATIENCE)
        if failed and not call.over:
            _say(self._rank, f"{text}. {failed[-1]}: this process ends")
            os._exit(1)

    def _others(self, group: Any) -> list[str]:
        """What the other members say that they were in."""
        others = [rank for rank in map(group.rank_at, range(group.size)) if rank != self._rank]
        deadline = time.monotonic() + _REPLY
        while time.monotonic() < deadline and any((group.number, other) not in self._said for other in others):
            time.sleep(_TICK)
            self._listen()
        return [f"rank {other} {self._of(group.number, other)}" for other in others]

    def _of(self, number: int, other: int) -> str:
        said = self._said.get((number, other))
        return f"was in {said[0]}" if said else "waits for no call of the group"
