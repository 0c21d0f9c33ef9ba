"""A web server as it is started, and requests that it cannot read."""

import socket
import subprocess
import sys

import pytest

from .test_settings import ROOT


@pytest.fixture(scope="module")
def address():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [
            "-m",
            "gunicorn",
            "--bind",
            f"fd://{listener.fileno()}",
            "--threads",
            "2",
            "--log-level",
            "critical",
        ]
        server = subprocess.Popen(
            [sys.executable, *command, "--no-control-socket", "wsgiref.simple_server:demo_app"],
            cwd=ROOT,
            pass_fds=[listener.fileno()],
        )
        yield listener.getsockname()
        server.terminate()
        assert server.wait(20) == 0


def answer(address, request):
    with socket.create_connection(address, timeout=20) as sock:
        sock.sendall(request)
        parts = []
        while part := sock.recv(65536):
            parts.append(part)
    head, _blank, body = b"".join(parts).decode().partition("\r\n\r\n")
    return head, body


LONG = b"x" * 9000


@pytest.mark.parametrize(
    ("request_sent", "status", "words"),
    [
        (b"GET /deals/?q=" + LONG[:5000] + b" HTTP/1.1\r\nHost: a\r\n\r\n", "414 URI Too Long", "too long"),
        (
            b"GET / HTTP/1.1\r\nHost: a\r\nCookie: " + LONG + b"\r\n\r\n",
            "431 Request Header Fields",
            "cookies",
        ),
        (b"<script>alert(1)</script>\r\n\r\n", "400 Bad Request", "could not read that request"),
        (b"GET / HTTP/1.1\r\nBad<b>Header: 1\r\n\r\n", "400 Bad Request", "could not read that request"),
    ],
)
def test_what_cannot_be_read_is_refused_in_our_words(address, request_sent, status, words):
    head, body = answer(address, request_sent)
    assert head.startswith(f"HTTP/1.1 {status}") and "default-src 'none'" in head and "nosniff" in head
    assert words in body and "· Headgate</title>" in body
    assert "script" not in body and "<b>" not in body, "what was sent is not repeated"
    assert f"Content-Length: {len(body.encode())}" in head


def test_what_can_be_read_reaches_the_application(address):
    head, body = answer(address, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert head.startswith("HTTP/1.1 200") and "Hello world!" in body
