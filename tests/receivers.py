"""Receivers of webhooks on this machine: real HTTP servers that keep what they were sent and answer as told."""

import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import trustme
from django.db import connection


def at_once(do, threads=2):
    """Do it in several threads, each with a connection of its own; what goes wrong in one is raised."""
    start, errors = threading.Barrier(threads), []

    def one():
        try:
            start.wait()
            do()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    running = [threading.Thread(target=one) for _number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    if errors:
        raise errors[0]


class Receiver(ThreadingHTTPServer):
    """`answers` are statuses, the last one for ever; `headers` go with each; `waits` holds answers back until set."""

    daemon_threads = True

    def __init__(self, *answers, headers=(), body=b""):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers, self.headers, self.body = list(answers or [204]), dict(headers), body
        self.took, self.waits = [], None

    @property
    def place(self):
        return f"127.0.0.1:{self.server_port}"

    @property
    def url(self):
        return f"http://{self.place}/hooks?from=headgate"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.took.append((self.path, self.headers, body))
        if self.server.waits:
            self.server.waits.wait(30)
        answers = self.server.answers
        self.send_response(answers.pop(0) if len(answers) > 1 else answers[0])
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.body)

    def do_GET(self):
        self.server.took.append((self.path, self.headers, b""))

    def log_message(self, *_args):
        pass


def certificate(folder):
    """(who is to be trusted, a certificate of hooks.example.com with its key): files made for one test."""
    authority, ours = folder / "authority.pem", folder / "hooks.example.com.pem"
    made = trustme.CA()
    made.cert_pem.write_to_path(authority)
    made.issue_cert("hooks.example.com").private_key_and_cert_chain_pem.write_to_path(ours)
    return authority, ours


@contextmanager
def receiving(settings, *answers, pem=None, **how):
    """A receiver that runs, and that the settings name as one of ours; with `pem` behind TLS."""
    server = Receiver(*answers, **how)
    if pem:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    settings.WEBHOOK_ALLOW_PRIVATE = [*settings.WEBHOOK_ALLOW_PRIVATE, server.place]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        if server.waits:
            server.waits.set()
        server.shutdown()
        thread.join()
        server.server_close()
