"""Messages of two ranks over NCCL.

For each direction between two ranks there is a communicator of the two, with a stream of its own: a rank that sends and another
that sends to it at the same time do not wait for each other, nor do collective calls. It is made at the first message, in a
thread, as the other rank may come much later.
"""

from __future__ import annotations

import threading
import time
from collections import deque

import torch
from torch.distributed.nccl_watch import Queued

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from torch import Tensor

_NAME_BYTES = 128
_TICK = 0.001  # seconds between two looks at a message that waits for its communicator


class Message(Queued):
    """A send or a receive."""

    def __init__(self, group: Any, kind: str, tensor: Tensor, peer: int) -> None:
        super().__init__(group, kind, tensor, f" {'to' if kind == 'send' else 'from'} rank {peer}")
        self.rank = peer
        self.tensor: Any = tensor
        self.behind = torch.cuda.current_stream(self.device).record_event()
        self.posted = False
        self.error: Exception | None = None

    def is_over(self) -> bool:
        return self.error is not None or super().is_over()

    def wait(self) -> None:
        while not self.posted:  # the first one of its direction
            self.group.check()
            time.sleep(_TICK)
        if self.error is not None:
            raise self.error
        super().wait()


class Link:
    """One direction between this rank and another."""

    def __init__(self, group: Any, sockets: Any, peer: int, kind: str, device: int) -> None:
        self._group, self._sockets, self._peer, self._kind, self._device = group, sockets, peer, kind, device
        self._stream = torch.cuda.Stream(device)
        self._communicator: Any = None
        self._lock = threading.Lock()
        self._waiting: deque[Message] = deque()
        self._at_work = False

    def post(self, message: Message) -> None:
        """In the order of the calls. Returns at once."""
        with self._lock:
            if self._communicator is not None and not self._at_work:
                self._hand_over(message)
                return
            self._waiting.append(message)
            if not self._at_work:
                self._at_work = True
                threading.Thread(target=self._work, name="torch.distributed", daemon=True).start()

    def abort(self) -> None:
        """Ends what is on its way."""
        if self._communicator is not None:
            self._communicator.abort()

    def _work(self) -> None:
        """The first messages: the other rank has to come before one is through."""
        message: Message | None = None
        try:
            made = self._connected() if self._communicator is None else self._communicator
            while True:
                with self._lock:
                    self._communicator = made
                    if not self._waiting:
                        self._at_work = False
                        return
                    message = self._waiting.popleft()
                self._hand_over(message)
        except Exception as error:  # it is raised again where the messages are waited for
            with self._lock:
                failed = [*([] if message is None else [message]), *self._waiting]
                self._waiting.clear()
                self._at_work = False
            for each in failed:
                each.error = error
                each.posted = True

    def _connected(self) -> Any:
        """The sender names the communicator: of that direction nothing else travels over the sockets."""
        nccl = torch.cuda.nccl
        torch.cuda.set_device(self._device)  # of this thread: no other is touched
        if self._kind == "send":
            name = torch.tensor(list(nccl.unique_id()), dtype=torch.uint8)
            self._sockets.send(name, to=self._peer).wait()
        else:
            name = torch.zeros(_NAME_BYTES, dtype=torch.uint8)
            self._sockets.receive(name, source=self._peer).wait()
        return nccl.Communicator(2, bytes(name.tolist()), 0 if self._kind == "send" else 1, [self._device])

    def _hand_over(self, message: Message) -> None:
        tensor, message.tensor = message.tensor, None
        self._group.check()
        self._stream.wait_event(message.behind)
        with torch.cuda.stream(self._stream):
            dense = tensor.detach().contiguous()
            if self._kind == "send":
                self._communicator.send(dense, 1)
            else:
                self._communicator.recv(dense, 0)
                if dense.data_ptr() != tensor.data_ptr():
                    tensor.data.copy_(dense)
        message.mark([self._stream], (tensor, dense))
        message.posted = True
