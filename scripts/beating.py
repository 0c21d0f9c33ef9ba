"""Exit status 0 when the beat of this container called for a tick within the last three minutes."""

import os
import sys
import time
from pathlib import Path

# One file or several, as the system's dbm likes; beat writes them with every call.
files = Path(os.environ.get("DATA_DIR") or "var").glob("beat-schedule*")
sys.exit(time.time() - max((file.stat().st_mtime for file in files), default=0) > 180)
