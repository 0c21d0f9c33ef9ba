"""Makes .venv and installs a lock file into it; does nothing when that lock is already installed.

usage: python3 scripts/environment.py base|dev|postgresql|redis
"""

import filecmp
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# Which locks an installation of each satisfies.
HOLDS = {"base": ["base"], "dev": ["base", "dev"], "postgresql": ["postgresql"], "redis": ["redis"]}


def ensure(kind):
    if not install(kind):
        sys.exit("The dependencies could not be installed; the reason is above. Is the network there?")


def install(kind):
    """Whether the lock is installed now."""
    if installed(kind) and works():
        return True
    if not works():
        create()
    print(f"Installing the locked dependencies ({kind}.txt) into .venv ...", flush=True)
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    if subprocess.run([*pip, "--require-hashes", "-r", lock(kind)]).returncode:
        return False
    for held in HOLDS[kind]:
        shutil.copyfile(lock(held), stamp(held))
    return True


def lock(kind):
    return ROOT / "requirements" / f"{kind}.txt"


def stamp(kind):
    """A copy of the lock as installed: git changes file times, so contents are compared."""
    return VENV / f"installed-{kind}.txt"


def installed(kind):
    return stamp(kind).exists() and filecmp.cmp(lock(kind), stamp(kind), shallow=False)


def works():
    """False after the folder was moved or the system's Python replaced."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return PYTHON.exists() and subprocess.run([PYTHON, "-m", "pip", "--version"], **quiet).returncode == 0


def create():
    shutil.rmtree(VENV, ignore_errors=True)
    if not (make() or make_with_lent_pip()) and install_venv_package():
        make()
    if not works():
        sys.exit("Could not make a virtual environment. On Debian or Ubuntu: apt-get install python3-venv")


def make():
    done = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True)
    return done.returncode == 0


def make_with_lent_pip():
    """Debian's Python makes environments without pip; the pip that another Python carries along does as well."""
    for name in ("python3", "python3.14", "python3.13", "python3.12", "python3.11", "python"):
        if shutil.which(name) and (wheel := carried_pip(name)):
            shutil.rmtree(VENV, ignore_errors=True)
            made = subprocess.run([sys.executable, "-m", "venv", "--without-pip", VENV], capture_output=True)
            pip = [PYTHON, f"{wheel}/pip", "install", "--no-index", "--disable-pip-version-check", wheel]
            return made.returncode == 0 and subprocess.run(pip, capture_output=True).returncode == 0
    return False


def carried_pip(python):
    """The wheel of pip that a Python has for its own environments."""
    where = "import ensurepip, pathlib; print(*pathlib.Path(ensurepip.__file__).parent.glob('_bundled/pip-*.whl'))"
    return subprocess.run([python, "-c", where], capture_output=True, text=True).stdout.strip()


def install_venv_package():
    """Debian's Python comes without the part that makes environments; as root we can add it."""
    if os.geteuid() or not shutil.which("apt-get"):
        return False
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    subprocess.run(["apt-get", "update", "-qq"], capture_output=True)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(["apt-get", "install", "-y", "-qq", package], env=env, capture_output=True)
    shutil.rmtree(VENV, ignore_errors=True)
    return done.returncode == 0


if __name__ == "__main__":
    ensure(sys.argv[1])
