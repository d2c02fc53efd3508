"""The two ways to ask Cairn: by the program `ask`, which runs the engine in its own process, and by a server's HTTP.

Both answer with the seconds that a question took: of the engine in process by its own clock, from the question's text to
the answer's; over HTTP by this process's clock, from the request's first byte to the answer's last.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any
from urllib.parse import quote

from engine import THREADS, Refused

START_S = 60

Query = dict[str, Any]


class Asked(ABC):
    """Cairn on an open data folder."""

    pid: int

    @abstractmethod
    def query(self, query: Query) -> tuple[float, Any]:
        """Seconds and the answer; Refused if it is refused."""

    @abstractmethod
    def define(self, name: str, predicate: Query) -> float:
        """Defines an event; the seconds."""

    @abstractmethod
    def forget(self, name: str) -> None:
        """Forgets a definition."""

    @abstractmethod
    def definitions(self) -> list[str]:
        """Their names."""

    def about(self) -> dict[str, Any]:
        """What is only known of an engine in process: {"open_ms", "threads", "anonymous_bytes", "mapped_bytes"}."""
        raise NotImplementedError

    @abstractmethod
    def close(self) -> None:
        """Ends the process."""


class InProcess(Asked):
    """The engine in the program `ask`, by lines."""

    def __init__(self, folder: Path) -> None:
        command = [os.environ["CAIRN_ASK"], str(folder)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.pid = self.process.pid
        threads = self.about()["threads"]
        assert threads == THREADS, f"Cairn runs with {threads} threads"

    def call(self, kind: str, body: Any = None) -> tuple[float, Any]:
        """One line there and back."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps({kind: body}).encode() + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"Cairn ended at {kind}")
        reply = json.loads(line)
        if "error" in reply:
            raise Refused(reply["error"]["message"][:200])
        return reply["ns"] / 1e9, reply["answer"]

    def about(self) -> dict[str, Any]:
        return self.call("about")[1]

    def query(self, query: Query) -> tuple[float, Any]:
        return self.call("query", query)

    def define(self, name: str, predicate: Query) -> float:
        return self.call("define", {"name": name, "predicate": predicate})[0]

    def forget(self, name: str) -> None:
        self.call("forget", name)

    def definitions(self) -> list[str]:
        return [definition["name"] for definition in self.call("definitions")[1]]

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


class Served(Asked):
    """A server, by one connection that is kept."""

    def __init__(self, program: str, folder: Path) -> None:
        listen = ["serve", "--listen", "127.0.0.1:0", "--data", str(folder)]
        self.server = subprocess.Popen([program, *listen], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.pid = self.server.pid
        self.connection = http.client.HTTPConnection(self.address(folder), timeout=600)
        self.connection.connect()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        token = (folder / "token").read_text().strip()
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.path = f"/api/projects/{self.call('GET', '/api/projects')[1]['projects'][0]['id']}"

    def address(self, folder: Path) -> str:
        """Whoever has the folder writes its address into the lock."""
        until = time.monotonic() + START_S
        lock = folder / "lock"
        while time.monotonic() < until and self.server.poll() is None:
            lines = lock.read_text().splitlines() if lock.exists() else []
            if len(lines) > 1 and lines[1].startswith("http://") and str(self.pid) in lines[0]:
                return lines[1].removeprefix("http://").rstrip("/")
            time.sleep(0.02)
        raise RuntimeError("the server does not say where it listens")

    def call(self, method: str, path: str, body: Any = None) -> tuple[float, Any]:
        """One request; Refused if the server refuses it."""
        data = None if body is None else json.dumps(body)
        started = time.perf_counter()
        self.connection.request(method, path, data, self.headers)
        response = self.connection.getresponse()
        text = response.read()
        seconds = time.perf_counter() - started
        if 400 <= response.status < 500:
            raise Refused(text.decode()[:200])
        if response.status >= 300:
            raise RuntimeError(f"{method} {path}: {response.status} {text.decode()[:500]}")
        return seconds, json.loads(text) if text else None

    def query(self, query: Query) -> tuple[float, Any]:
        return self.call("POST", f"{self.path}/query", query)

    def define(self, name: str, predicate: Query) -> float:
        return self.call("PUT", f"{self.path}/definitions/{quote(name)}", {"predicate": predicate})[0]

    def forget(self, name: str) -> None:
        self.call("DELETE", f"{self.path}/definitions/{quote(name)}")

    def definitions(self) -> list[str]:
        return [definition["name"] for definition in self.call("GET", f"{self.path}/definitions")[1]["definitions"]]

    def close(self) -> None:
        self.connection.close()
        self.server.terminate()
        self.server.wait()
