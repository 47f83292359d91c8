"""Test within seconds whether a server can be reached, before a client waits for minutes."""

from __future__ import annotations

import queue
import socket
import threading
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

SECONDS = 5.0


def problem(url: str, seconds: float = SECONDS) -> str:
    """Return why an address's server cannot be reached, or an empty text if it can or a proxy is used."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443)
    if getproxies().get(parts.scheme) and not proxy_bypass(host):
        return ""
    answer: queue.SimpleQueue[str] = queue.SimpleQueue()

    def connect() -> None:
        try:
            socket.create_connection((host, port), timeout=seconds).close()
            answer.put("")
        except OSError as error:
            answer.put(str(error.strerror or error))

    threading.Thread(target=connect, daemon=True).start()  # resolving an unknown name may never end
    try:
        return answer.get(timeout=seconds)
    except queue.Empty:
        return f"no answer within {seconds:g} s"
