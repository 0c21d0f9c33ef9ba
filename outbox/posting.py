"""One POST to a receiver we do not know: to the address that was checked, no proxy, no redirect, no answer kept."""

import http.client
import re
import socket
import ssl
import time

from . import addresses

SECONDS = 10
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)(?: |\r?\n)")
_LONGEST_HEAD = 65_536


def post(url, headers, body, seconds=None):
    """The status of the answer. OSError where there is none in time, Refused for an address that must not be called."""
    seconds = seconds or SECONDS
    deadline = time.monotonic() + seconds
    target, found = addresses.checked(url, seconds / 2)
    with _connected(target, found, deadline) as connected:
        request = http.client.HTTPConnection(target.host, target.port)
        request.sock = connected  # ours, or it would look the name up again
        connected.settimeout(_left(deadline))
        request.request("POST", target.path, body, {"Host": target.header, "Connection": "close", **headers})
        return _status(connected, deadline)


def _left(deadline):
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("no answer in time")
    return left


def _connected(target, found, deadline):
    """A socket to the first of the checked addresses that answers; TLS with the receiver's name."""
    for place, (family, address) in enumerate(found, 1):
        plain = socket.socket(family, socket.SOCK_STREAM)
        try:
            # The others get a share of the time where the first is silent.
            plain.settimeout(_left(deadline) / (len(found) - place + 1))
            plain.connect(address)
            plain.settimeout(_left(deadline))
            return _secured(plain, target) if target.is_tls else plain
        except OSError:
            plain.close()
            if place == len(found):
                raise
    raise OSError("the name is not known")


def _secured(plain, target):
    return ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)


def _status(connected, deadline):
    """The number of the first answer that is not a promise of another (1xx). Nothing after it is read."""
    head = b""
    while len(head) < _LONGEST_HEAD:
        connected.settimeout(_left(deadline))
        part = connected.recv(4096)
        head += part
        while (found := _STATUS.match(head)) and found[1][0] == ord("1") and b"\r\n\r\n" in head:
            head = head.partition(b"\r\n\r\n")[2]
        if found and found[1][0] != ord("1"):
            return int(found[1])
        if not part or (b"\n" in head and not found and head):
            break
    raise OSError("no answer we understand")
