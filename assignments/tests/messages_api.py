"""A server on this machine that speaks Anthropic's Messages API as a test tells it to."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

KEY = "sk-ant-test-0123456789"
QUESTIONS = ["What do you want to show?", "Who would disagree?", "Which example carries most?"]


class MessagesApi:
    """Gives `answers` in turn, the last one for ever; keeps what it was asked. `released` ends slow answers."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any]] = [(200, message(json.dumps({"questions": QUESTIONS})))]
        self.headers: dict[str, str] = {}
        self.requests: list[tuple[dict[str, str], Any]] = []
        self.slow = self.dripping = False
        self.released = Event()
        self.url = ""

    def next_answer(self) -> tuple[int, Any]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def message(text: str, stop_reason: str = "end_turn", **changes: Any) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-haiku-4-5",
        "content": [{"type": "text", "text": text}],
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {"input_tokens": 400, "output_tokens": 60},
        **changes,
    }


def error(kind: str, text: str = "no") -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": text}}


@contextmanager
def messages_api() -> Iterator[MessagesApi]:
    api = MessagesApi()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            api.requests.append((dict(self.headers), self.path))
            self.answer(*api.next_answer())

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            api.requests.append(({k.lower(): v for k, v in self.headers.items()}, json.loads(self.rfile.read(length))))
            if api.slow:
                api.released.wait(30)
            self.answer(*api.next_answer())

        def answer(self, status: int, body: Any) -> None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data) + (10_000 if api.dripping else 0)))
                for name, value in api.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                while api.dripping and not api.released.wait(0.02):
                    self.wfile.write(b" ")
                self.wfile.write(data)
            except OSError:
                pass  # it has not waited for us

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield api
    finally:
        api.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
