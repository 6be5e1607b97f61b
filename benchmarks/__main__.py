"""``make bench``: every measure beside its limit, the usual way and its aim, one after the other.

    python -m benchmarks [--quick]

About 20 minutes on 2 quiet cores. ``--quick`` takes small sizes, about 2 minutes: to see that it runs,
not to quote.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from datetime import UTC, datetime

RUNS: tuple[tuple[str, list[str], list[str]], ...] = (  # title, module with its sizes, sizes of --quick
    ("Workbooks: build and read", ["workbooks", "--units", "3500"], ["--units", "280"]),
    ("Post: decision to sink", ["post", "--mails", "3500"], ["--mails", "280"]),
    ("Consolidated report", ["consolidate"], ["--many", "700"]),
    ("Figures into the database", ["figures"], ["--figures", "10000"]),
    ("Through Prefect", ["through_prefect"], ["--sizes", "145"]),
    ("Growth, idle tick", ["growth"], ["--units", "145"]),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    machine = f"{platform.platform()} · {os.cpu_count()} cores · load {os.getloadavg()[0]:.1f}"
    print(f"{datetime.now(UTC).date().isoformat()} · {machine}")
    print(f"Python {platform.python_version()}")
    failed = 0
    for title, (module, *sizes), small in RUNS:
        began = time.monotonic()
        print(f"\n== {title}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{module}", *(small if quick else sizes)]
        failed += subprocess.run(command, check=False).returncode != 0
        print(f"({time.monotonic() - began:.0f} s)", flush=True)
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
