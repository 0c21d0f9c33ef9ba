"""Starts Headgate with its demo company: web and scheduler, on http://$HOST:$PORT, until Ctrl-C.

Uses only the standard library, because it makes the virtual environment too.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = str(ROOT / ".venv" / "bin" / "python")
LOGINS = ["rep@demo.example", "manager@demo.example", "admin@demo.example"]
PASSWORD = "headgate-demo"
STOP_SECONDS = 10


class Stop(Exception):
    """Somebody asked us to end: Ctrl-C, a signal, or our parent is gone."""


def main():
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, ask_to_stop)
    children = []
    try:
        serve(children)
    except Stop:
        print("\nStopping ...", flush=True)
        return 0
    finally:
        stop(children)


def ask_to_stop(number, frame):
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)  # one is enough; the second must not interrupt the tidying up
    raise Stop


def serve(children):
    listener = bind(os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000")
    host, port = listener.getsockname()[:2]
    environment = demo_environment(host)
    finish(children, [sys.executable, "scripts/environment.py", "base"], environment)
    finish(children, [PYTHON, "scripts/prepare.py"], environment)
    web = start(children, web_command(listener), environment, listener)
    scheduler = start(children, scheduler_command(environment), environment)
    announce(web, host, port)
    watch(children, web, scheduler, environment)


def bind(host, port):
    """Takes the port before anything slow happens, so that a busy one is said at once."""
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        sys.exit(f"PORT={port!r} is not allowed. Allowed: a whole number from 0 to 65535.")
    try:
        found = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)
        # "localhost" may mean ::1 first, where a browser told 127.0.0.1 finds nobody.
        family, kind, proto, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    except OSError:
        sys.exit(f"HOST={host!r} is not allowed. Allowed: a name or address of this machine.")
    listener = socket.socket(family, kind, proto)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError as error:
        sys.exit(f"Cannot use {host}:{port}: {error.strerror}. Choose another port: PORT=8001 make run")
    return listener


def demo_environment(host):
    names = ["localhost", "127.0.0.1", "[::1]", f"[{host}]" if ":" in host else host]
    if host in {"0.0.0.0", "::"}:
        names = [*names[:3], socket.gethostname(), *own_addresses()]
        print("Anyone on this network can log in with the demo password, which is public.", flush=True)
    given = {name: value for name, value in os.environ.items() if value}
    return {"MODE": "demo", "ALLOWED_HOSTS": ",".join(dict.fromkeys(names)), **given}


def own_addresses():
    try:
        return [entry[4][0] for entry in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    except OSError:
        return []


def web_command(listener):
    options = ["--workers", "2", "--threads", "4", "--graceful-timeout", "5", "--timeout", "60"]
    # Workers report to their parent through this folder: in memory, as a slow disk would look like a hang.
    options += ["--worker-tmp-dir", "/dev/shm"] if os.access("/dev/shm", os.W_OK) else []
    quiet = ["--log-level", "warning", "--no-control-socket"]
    return [PYTHON, "-m", "gunicorn", *options, *quiet, "--bind", f"fd://{listener.fileno()}", "config.wsgi"]


def scheduler_command(environment):
    """Ticks by itself; with a Redis, a worker with its beat does, which also sends mail at once."""
    if environment.get("REDIS_URL"):
        options = ["--concurrency", "1", "--without-gossip", "--without-mingle"]
        return [PYTHON, "-m", "celery", "--quiet", "--app", "config", "worker", "--beat", *options]
    return [PYTHON, "manage.py", "run_automations", "--every", "60"]


def start(children, command, environment, listener=None):
    """In a session of its own, so that Ctrl-C reaches it through us, and with it all it starts."""
    child = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        pass_fds=[listener.fileno()] if listener else [],
        start_new_session=True,
        preexec_fn=end_with_parent if sys.platform == "linux" else None,
    )
    children.append(child)
    return child


def end_with_parent():
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def finish(children, command, environment):
    code = start(children, command, environment).wait()
    if code:
        sys.exit(code if code > 0 else 1)


def announce(web, host, port):
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    address = f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
    wait_until_ready(web, f"{address}/readyz")
    print(f"\nHeadgate is ready: {address}/\n\nLog in as", flush=True)
    for login in LOGINS:
        print(f"  {login:<22} {PASSWORD}", flush=True)
    print("\nCtrl-C stops it; the data stays.", flush=True)


def wait_until_ready(web, address, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and web.poll() is None:
        try:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=5).close()
            return
        except urllib.error.HTTPError as error:
            reason = error.read().decode(errors="replace")[:200]
        except OSError as error:
            reason = str(error)
        time.sleep(0.2)
    sys.exit("The web server ended." if web.poll() is not None else f"Not ready after {seconds} s: {reason}")


def watch(children, web, scheduler, environment):
    """Until told to stop: a scheduler that ends is started again, a web server that ends ends everything."""
    parent = os.getppid()
    while os.getppid() == parent and not waits_for_us(parent):
        if web.poll() is not None:
            sys.exit(f"The web server ended with status {web.returncode}.")
        if scheduler.poll() is not None:
            time.sleep(5)
            children.remove(scheduler)
            scheduler = start(children, scheduler_command(environment), environment)
        time.sleep(0.5)
    raise Stop


def waits_for_us(parent):
    """GNU make, interrupted alone and not with its group, waits for its child without telling it."""
    try:
        lines = Path(f"/proc/{parent}/status").read_text().splitlines()
    except OSError:
        return False
    blocked = next((int(line.split()[1], 16) for line in lines if line.startswith("SigBlk:")), 0)
    return bool(blocked & 1 << (signal.SIGINT - 1))


def stop(children):
    for child in children:
        signal_group(child, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            signal_group(child, signal.SIGKILL)
            child.wait()


def signal_group(child, number):
    if child.poll() is None:
        os.killpg(child.pid, number)


if __name__ == "__main__":
    sys.exit(main())
