"""How fast it is: python -m bench [generate|board|list|deal|move|import|publish|sweep|dashboard|watch|audit|all].

python -m bench forecast: how right the forecast is, on months nobody had seen.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from . import databases, report

BENCHMARKS = ["board", "list", "deal", "move", "import"]
# These make up to a million live deals of their own, so they run only when they are asked for.
ALONE = ["publish", "sweep", "dashboard", "watch", "audit"]
# Measured at a tenth of the deals first.
TWICE = ["dashboard"]


def main():
    given = _arguments().parse_args()
    if given.what == "forecast":
        return _judge("sqlite" if given.engine == "both" else given.engine)
    wanted = {"all": BENCHMARKS, "generate": []}.get(given.what, [given.what])
    engines = databases.ENGINES if given.engine == "both" else [given.engine]
    written = []
    for engine in engines:
        print(f"== {engine} ==", flush=True)
        found = []
        for deals in [given.deals // 10, given.deals] if given.what in TWICE else [given.deals]:
            found.append(_measure(engine, given, wanted, deals))
            written.append(report.table(found[-1]))
            print(written[-1], flush=True)
        if given.what in TWICE:
            written.append(report.grown(*found))
            print(written[-1], flush=True)
    if given.out:
        Path(given.out).write_text("\n".join(written))


def _arguments():
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "what", nargs="?", default="all", choices=["generate", *BENCHMARKS, *ALONE, "forecast", "all"]
    )
    parser.add_argument("--engine", default="both", choices=[*databases.ENGINES, "both"])
    parser.add_argument(
        "--deals", type=_deals, default=10_000, metavar="N", help="how many, 100 to 1,000,000"
    )
    parser.add_argument("--runs", type=int, default=15, metavar="N", help="how often each page is asked for")
    parser.add_argument(
        "--live", type=_deals, metavar="N", help="to how many live deals publish and sweep fill up"
    )
    parser.add_argument("--seed", type=int, default=7, metavar="N", help="another seed, another company")
    parser.add_argument("--out", metavar="FILE", help="write the tables to this file as well")
    return parser


def _deals(text):
    number = int(text)
    if not 100 <= number <= 1_000_000:
        raise argparse.ArgumentTypeError("100 to 1,000,000")
    return number


def _judge(engine):
    """How right the forecast is; nothing is timed."""
    with databases.own(engine) as environment:
        command = [sys.executable, "-m", "bench.forecasting"]
        return subprocess.run(command, env=environment, cwd=databases.ROOT).returncode


def _measure(engine, given, wanted, deals):
    """What the child process of this engine found."""
    with databases.own(engine) as environment, tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "found.json")
        numbers = map(str, (deals, given.seed, given.runs, given.live or 0))
        command = [sys.executable, "-m", "bench.inside", *numbers, str(file), *wanted]
        if status := subprocess.run(command, env=environment, cwd=databases.ROOT).returncode:
            sys.exit(status)
        return json.loads(file.read_text())


if __name__ == "__main__":
    sys.exit(main())
