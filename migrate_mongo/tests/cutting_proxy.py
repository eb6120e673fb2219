"""A network that fails when told to: forwards to a server, and loses connections."""

import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Self

CHUNK = 1 << 16


class CuttingProxy:
    """Listens on `port` of the loopback address while it is entered."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._lock = threading.RLock()
        self._connected: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener: socket.socket | None = None
        self._back: threading.Timer | None = None
        self._left: int | None = None
        self._refuse_for = 0.0
        self.port = 0
        self.accepted = 0
        self.cuts = 0

    def __enter__(self) -> Self:
        self._listen()
        return self

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            if self._back:
                self._back.cancel()
                self._back = None
            self._refuse()
            self._shut_down_all()
        for thread in self._threads:
            thread.join(timeout=5)

    def cut(self) -> None:
        """Ends all connections; new ones are welcome."""
        with self._lock:
            self.cuts += 1
            self._shut_down_all()

    @contextmanager
    def down(self) -> Iterator[None]:
        """Ends all connections, and refuses new ones meanwhile."""
        with self._lock:
            self._refuse()
            self.cut()
        try:
            yield
        finally:
            self._listen()

    def cut_after(self, count: int, *, refuse_for: float = 0.0) -> None:
        """Lets so many more bytes of the server pass; then it cuts, and refuses new connections for some seconds."""
        with self._lock:
            self._left = count
            self._refuse_for = refuse_for

    def _listen(self) -> None:
        with self._lock:
            # the same port again, for those who come back
            self._listener = socket.create_server(("127.0.0.1", self.port))
            self.port = self._listener.getsockname()[1]
            self._start(self._accept, self._listener)

    def _refuse(self) -> None:
        if self._listener:
            # closing alone would leave `accept` waiting
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None

    def _shut_down_all(self) -> None:
        for connected in self._connected:
            with suppress(OSError):  # the other end may have been quicker
                connected.shutdown(socket.SHUT_RDWR)

    def _start(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return  # it refuses now
            try:
                server = socket.create_connection(self._target, timeout=5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self._lock:
                self.accepted += 1
                self._connected |= {client, server}
                if self._listener is not listener:
                    self._shut_down_all()  # came while it began to refuse
                self._start(self._forward, client, server)

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        try:
            while self._forward_once(client, server):
                pass
        except OSError:
            pass  # cut
        finally:
            with self._lock:
                self._connected -= {client, server}
            client.close()
            server.close()

    def _forward_once(self, client: socket.socket, server: socket.socket) -> bool:
        ready, _, _ = select.select([client, server], [], [])
        for source in ready:
            received = source.recv(CHUNK)
            if not received:
                return False
            if source is client:
                server.sendall(received)
                continue
            passed, is_last = self._count(received)
            client.sendall(passed)
            if is_last:
                self._lose()
        return True

    def _count(self, received: bytes) -> tuple[bytes, bool]:
        """What may pass of it, and whether it is the last that may."""
        with self._lock:
            if self._left is None:
                return received, False
            passed = received[: self._left]
            self._left = self._left - len(passed) or None
            return passed, self._left is None

    def _lose(self) -> None:
        with self._lock:
            if self._refuse_for:
                self._refuse()
                self._back = threading.Timer(self._refuse_for, self._come_back)
                self._back.daemon = True
                self._back.start()
            self.cut()

    def _come_back(self) -> None:
        with self._lock:
            if self._back:
                self._back = None
                self._listen()
