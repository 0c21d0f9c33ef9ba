"""Runs a command and writes what it took: python bench/watch.py FILE COMMAND...

A small process of its own, since a child's peak memory starts at that of the process it was forked from.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

file, *command = sys.argv[1:]
start = time.perf_counter()
status = subprocess.call(command, stdout=subprocess.DEVNULL)
taken = time.perf_counter() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
megabytes = used.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
found = {"ms": taken * 1000, "processor": (used.ru_utime + used.ru_stime) * 1000, "megabytes": megabytes}
Path(file).write_text(json.dumps(found))
sys.exit(status)
