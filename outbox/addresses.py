"""Where a webhook may go: to public addresses alone, besides receivers that the settings name.

The text of an address is checked when it is saved and when it is used; so is every address its name stands for, and
what was checked is what is connected to.
"""

import ipaddress
import queue
import re
import socket
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

LONGEST = 500
TLS_PORTS, PLAIN_PORTS = {443, 8443}, {80, 8080}
# The last label begins with a letter: no number in any base is taken for a name.
_NAME = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z](?:[a-z0-9_-]{0,61}[a-z0-9])?", re.ASCII
)
_PLAIN_TEXT = re.compile(r"[!-~]+", re.ASCII)
_OWN_NAMES = ("localhost", "local", "internal", "localdomain", "home.arpa")
# Counted as global by the standard library, but not the internet at large: relays, documentation, a cloud's inside.
_NOT_PUBLIC = [
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "100.100.100.200/32", "fd00:ec2::/32",
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    )
]  # fmt: skip
# What a receiver of our own may have, once the settings name it.
_OWN_NETWORKS = [
    ipaddress.ip_network(network)
    for network in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "::1/128", "fc00::/7",
    )
]  # fmt: skip
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")


class Refused(ValueError):
    """No webhook goes there; says why."""


@dataclass(frozen=True)
class Target:
    """An address taken apart."""

    is_tls: bool
    host: str
    port: int
    path: str

    @property
    def name(self):
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def header(self):
        """As the Host header says it."""
        return self.name if self.port == (443 if self.is_tls else 80) else f"{self.name}:{self.port}"

    @property
    def is_named(self):
        """Whether the settings name it as a receiver of our own."""
        return bool({self.name, f"{self.name}:{self.port}"} & set(settings.WEBHOOK_ALLOW_PRIVATE))


def target_of(url):
    """The address taken apart. Refused for what its text alone rules out."""
    if len(url) > LONGEST or not _PLAIN_TEXT.fullmatch(url) or "\\" in url:
        raise Refused(
            _("Write the address in plain characters, without spaces; a name of other letters as xn--...")
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused(_("This is no address.")) from error
    _check_scheme(parts)
    target = Target(parts.scheme == "https", _host(parts), _port(port, parts.scheme), _path(parts))
    _check_port(target)
    return target


def _check_scheme(parts):
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise Refused(_("An address begins with https://."))
    if parts.scheme == "http" and settings.MODE == "production":
        raise Refused(_("Only https:// is safe enough; what a webhook says must not be read on its way."))
    if "@" in parts.netloc:
        raise Refused(_("Leave out the name and the password; messages are signed instead."))
    if "#" in parts.geturl():
        raise Refused(_("Leave out what follows the #."))


def _host(parts):
    host = parts.hostname.removesuffix(".")
    if literal(host) is None and not _NAME.fullmatch(host):
        raise Refused(_("This is neither a name nor an address in its plain form, such as 203.0.113.7."))
    return host


def literal(host):
    """The address a host is written as; None for a name. Only the one plain form counts."""
    try:
        return None if "%" in host else ipaddress.ip_address(host)
    except ValueError:
        return None


def _port(port, scheme):
    return port if port is not None else {"https": 443, "http": 80}[scheme]


def _path(parts):
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _check_port(target):
    allowed = TLS_PORTS if target.is_tls else PLAIN_PORTS
    named = f"{target.name}:{target.port}" in settings.WEBHOOK_ALLOW_PRIVATE
    if target.port not in allowed and not named:
        ports = ", ".join(map(str, sorted(allowed)))
        raise Refused(_("A webhook goes to one of these ports: %s.") % ports)


def checked(url, seconds=5):
    """(Target, [(family, socket address)]) of a receiver that may be called. Refused; OSError where it is not found."""
    target = target_of(url)
    if not target.is_named and any(f".{target.host}".endswith(f".{name}") for name in _OWN_NAMES):
        raise Refused(_inside())
    found = resolved(target.host, target.port, seconds)
    if not all(may_be_called(address[0], target.is_named) for _family, address in found):
        raise Refused(_inside())
    return target, found


def _inside():
    return _("This leads into a private network. Receivers of your own are named in WEBHOOK_ALLOW_PRIVATE.")


def may_be_called(text, is_named):
    """Whether an address is on the internet; where the settings name its host, a private one will do."""
    address = literal(text)
    if address is None or _is_in(address, _NOT_PUBLIC):
        return False
    if is_named and _is_in(address, _OWN_NETWORKS):
        return True
    if address.version == 6 and address not in _GLOBAL_UNICAST:
        return False
    return address.is_global and not (address.is_reserved or address.is_multicast)


def _is_in(address, networks):
    return any(address in network for network in networks)  # never of another version


def resolved(host, port, seconds):
    """Every address of a host, in the order to try them. OSError where there is none in time."""
    answers = queue.SimpleQueue()
    threading.Thread(target=_ask, args=(answers, host, port), daemon=True).start()
    try:
        found = answers.get(timeout=seconds)
    except queue.Empty as error:
        raise TimeoutError("the name was not looked up in time") from error
    if isinstance(found, Exception):
        raise OSError("the name is not known") from found
    return list(dict.fromkeys((family, address) for family, _type, _protocol, _canonical, address in found))


def _ask(answers, host, port):
    try:
        answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP))
    except (OSError, ValueError) as error:
        answers.put(error)
