"""Draws the mermaid sources of docs/architecture.md as SVG files, so that the pages need no script.

    python docs/diagrams/render.py PATH/TO/mermaid.min.js

Needs Chromium and the file of the npm package mermaid. Each drawing carries the SHA-256 of its source;
tests/unit/docs compares it, so that a drawing is never older than its source.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "architecture.md"
DRAWN = re.compile(r"!\[[^\]]*\]\(diagrams/([\w-]+)\.svg\).*?```mermaid\n(.*?)```", re.DOTALL)
CHROMIUM = [
    "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--virtual-time-budget=20000", "--allow-file-access-from-files", "--dump-dom",
]  # fmt: skip
HTML = """<!doctype html><meta charset="utf-8"><div id="out"></div><script src="{script}"></script><script>
mermaid.initialize({{startOnLoad: false, theme: "neutral", fontFamily: "sans-serif", htmlLabels: false,
  flowchart: {{htmlLabels: false}}}});
mermaid.render("d", {source}).then(r => {{
  const shape = new DOMParser().parseFromString(r.svg, "text/html").querySelector("svg");
  document.getElementById("out").textContent = new XMLSerializer().serializeToString(shape);
}});
</script>"""


def sources(page: Path = PAGE) -> dict[str, str]:
    """Drawing's name → its mermaid source."""
    return dict(DRAWN.findall(page.read_text("utf-8")))


def mark(source: str) -> str:
    return f"<!-- source {hashlib.sha256(source.encode()).hexdigest()} -->"


def draw(source: str, script: Path) -> str:
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(HTML.format(script=script.resolve().as_uri(), source=json.dumps(source)), "utf-8")
        command = [*CHROMIUM, f"--user-data-dir={folder}/profile", page.as_uri()]
        dom = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    found = re.search(r'<div id="out">(.*?)</div>', dom, re.DOTALL)
    if not found or "&lt;svg" not in found.group(1):
        raise RuntimeError("mermaid drew nothing")
    text = found.group(1)
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return text


def main() -> None:
    for name, source in sources().items():
        svg = draw(source, Path(sys.argv[1]))
        (HERE / f"{name}.svg").write_text(f"{svg}\n{mark(source)}\n", "utf-8")


if __name__ == "__main__":
    main()
