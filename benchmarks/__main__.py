"""``make bench``: every measure, each beside its limit and the usual way, one after the other.

    python -m benchmarks [--quick]

``--quick`` takes a tenth of the sizes: to see that it runs, not to quote.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime

RUNS = (
    ("Workbooks: build and read", ["benchmarks.workbooks", "--units"], 3500),
    ("Post: decision to sink", ["benchmarks.post", "--mails"], 3500),
    ("Consolidated report", ["benchmarks.consolidate"], 0),
    ("Prefect beside the plain steps, idle tick, upserts, growth", ["benchmarks.house"], 0),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    machine = f"{platform.platform()} · {os.cpu_count()} cores · load {os.getloadavg()[0]:.1f}"
    print(f"{datetime.now(UTC).date().isoformat()} · {machine}")
    print(f"Python {platform.python_version()}")
    failed = 0
    for title, arguments, size in RUNS:
        print(f"\n== {title}", flush=True)
        sized = [*arguments, str(size // 10 if quick else size)] if size else arguments
        failed += subprocess.run([sys.executable, "-m", *sized], check=False).returncode != 0
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
