# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The isolation experiment on the lab host: what the budget is worth when neighbours misbehave.

.venv/bin/python -m ansible_collections.ziggie.stack.tests.bench.isolation --help
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import platform
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.problems import BudgetError
from ansible_collections.ziggie.stack.plugins.module_utils.units import mib
from ansible_collections.ziggie.stack.tests.bench.isolation import page
from ansible_collections.ziggie.stack.tests.bench.isolation.arms import ARMS, HOGS, LEAKERS, MEMORY, PIDS, ROOT, SERVICES, build, limited
from ansible_collections.ziggie.stack.tests.bench.isolation.drawing import drawing
from ansible_collections.ziggie.stack.tests.bench.isolation.figures import Figures, summarise

HOST = os.environ.get("ZIGGIE_LAB_HOST", "ziggie-lab")
# Not below /run: what PostgreSQL writes is to lie on a disk.
BASE = "/var/lib/ziggie-isolation"
UNIT = "ziggie-isolation"
_HERE = Path(__file__).resolve().parent
_LONGEST = 7200


class ExperimentError(Exception):
    """The experiment cannot be done; the text is one sentence."""


def main() -> int:
    """Run it, print the table, write the page where asked."""
    options = _options()
    try:
        with _ground() as host:
            built = build(host, BASE)
            plan = _plan(options, built)
            _ship(_tar({**built["files"], **_definitions(built), **_scripts(), f"{BASE}/plan.json": json.dumps(plan)}))
            runs = list(_run())
    except (ExperimentError, BudgetError, ValueError) as error:
        print(f"make: {error}", file=sys.stderr)
        return 1
    found = {arm: summarise(arm, _of(runs, "all", arm), SERVICES) for arm in plan["arms"]}
    memory = {arm: summarise(arm, chosen, SERVICES) for arm in plan["memory_arms"] if (chosen := _of(runs, "memory", arm))}
    print(f"\n{page.text(found, memory)}")
    if options.write:
        _write(runs, found, memory, options, host, built)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="isolation", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how many times every arm is measured")
    parser.add_argument("--seconds", type=float, default=20, help="how long each measurement takes")
    parser.add_argument("--rate", type=float, default=200, help="requests a second")
    parser.add_argument("--memory-runs", type=int, default=30, help="how many times memory alone runs out, in each of two arms")
    parser.add_argument("--memory-seconds", type=float, default=6, help="how long each of those takes")
    parser.add_argument("--hogs", default=",".join(dict.fromkeys(HOGS.values())), help="which kinds misbehave")
    parser.add_argument("--seed", type=int, default=1, help="of the order of arms and of the requests")
    parser.add_argument("--write", action="store_true", help="write docs/isolation.md and docs/images/isolation.svg")
    return parser.parse_args()


def _plan(options: argparse.Namespace, built: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "arms": ARMS,
        "services": SERVICES,
        "hogs": [name for name, kind in HOGS.items() if kind in options.hogs.split(",")],
        "leakers": list(LEAKERS),
        "memory_arms": ["plain", "ours"],
        "engine_cores": built["services"][next(iter(HOGS))].get("cpuset", ""),
        "parent": {"memory": MEMORY, "pids": PIDS},
        "directories": built["directories"],
        "secrets": built["secrets"],
        **{key: getattr(options, key) for key in ("rounds", "seconds", "rate", "memory_runs", "memory_seconds", "seed")},
    }


def _definitions(built: Mapping[str, Any]) -> dict[str, str]:
    definition = yaml.safe_load(built["definition"])
    return {
        f"{BASE}/stack/{arm}.yml": yaml.safe_dump(limited(definition, arm, built["budget"]), sort_keys=False)
        for arm in ARMS
        if arm not in ("quiet", "busy")
    }


def _scripts() -> dict[str, str]:
    """Return what runs on the host: the scripts, the hogs, and those parts of the collection that they use."""
    found = {f"{BASE}/{path.name}": path.read_text(encoding="utf-8") for path in sorted((_HERE / "host").glob("*.py"))}
    found[f"{BASE}/stack/hog/hog.py"] = found.pop(f"{BASE}/hog.py")
    library = ROOT / "plugins/module_utils"
    for path in sorted(library.rglob("*.py")):
        inside = f"{BASE}/lib/ansible_collections/ziggie/stack/plugins/module_utils/{path.relative_to(library)}"
        found[inside] = path.read_text(encoding="utf-8")
    return found


@contextlib.contextmanager
def _ground() -> Iterator[dict[str, Any]]:
    """Put the scripts on the host and learn what it can do; whatever happens, leave nothing there."""
    if _on_host("true").returncode:
        raise ExperimentError(f"there is no lab host {HOST}: 'make up' makes it")
    if _on_host(f"systemctl is-active {UNIT}").returncode == 0:
        raise ExperimentError(f"the experiment is running on {HOST} already")
    _ship(_tar(_scripts()))
    try:
        facts = _on_host(f"python3 {BASE}/drive.py facts")
        if facts.returncode:
            raise ExperimentError(f"the host cannot be asked: {facts.stderr.strip()[-300:]}")
        registries = _on_host("cat /etc/ziggie-lab/lab.json")
        yield {
            **json.loads(facts.stdout),
            "registry_map": json.loads(registries.stdout)["registry_map"] if registries.returncode == 0 else {},
        }
    finally:
        _on_host(f"systemctl stop {UNIT} 2>/dev/null; [ ! -e {BASE}/drive.py ] || python3 {BASE}/drive.py clean")


def _on_host(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", "exec", HOST, "sh", "-c", command], capture_output=True, text=True, check=False, timeout=300)


def _ship(archive: bytes) -> None:
    done = subprocess.run(
        ["docker", "exec", "-i", HOST, "tar", "-x", "-C", "/"], input=archive, capture_output=True, check=False, timeout=60
    )
    if done.returncode:
        raise ExperimentError(f"the host takes no files: {done.stderr.decode(errors='replace').strip()[-300:]}")


def _tar(files: Mapping[str, str]) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for path, content in files.items():
            data = content.encode()
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size, entry.mode, entry.mtime = len(data), 0o644, int(time.time())
            archive.addfile(entry, io.BytesIO(data))
    return held.getvalue()


def _run() -> Iterator[dict[str, Any]]:
    """Yield each run as it ends. The service manager of the host cleans up, also when this program is killed."""
    order = ["docker", "exec", "-i", HOST, "systemd-run", "--quiet", "--collect", "--wait", "--pipe", f"--unit={UNIT}"]
    order += ["-p", f"RuntimeMaxSec={_LONGEST}", "-p", f"ExecStopPost=-/usr/bin/python3 {BASE}/drive.py clean", "-p", "TimeoutStopSec=900"]
    ended = False
    with subprocess.Popen(
        [*order, "/usr/bin/python3", "-u", f"{BASE}/drive.py", "run"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        for line in process.stdout or ():
            found = json.loads(line)
            ended = ended or found["kind"] == "end"
            if found["kind"] == "run":
                print(_progress(found), flush=True)
                yield found
        if process.stdin:
            process.stdin.close()
        complaint = process.stderr.read().strip() if process.stderr else ""
    if not ended:
        raise ExperimentError(f"the experiment ended early: {complaint[-600:] or 'it says nothing'}")


def _progress(run: Mapping[str, Any]) -> str:
    figures: Figures = summarise(run["arm"], [run], SERVICES)
    times = ", ".join(f"P{share} {value:.1f}" for share, value in figures.latency.items())
    return (
        f"  {run['series']} {run['round'] + 1} {run['arm']:<6} {times} ms; {sum(figures.failed.values())} failed; services {figures.service_cpu:.2f}, "
        f"hogs {figures.hog_cpu:.2f}, engine {figures.engine_cpu:.2f} cores; innocent {figures.innocent or 'nobody'}; throttled {figures.throttled}"
    )


def _of(runs: list[dict[str, Any]], series: str, arm: str) -> list[dict[str, Any]]:
    return [run for run in runs if run["series"] == series and run["arm"] == arm]


def _write(
    runs: list[dict[str, Any]],
    found: Mapping[str, Figures],
    memory: Mapping[str, Figures],
    options: argparse.Namespace,
    host: Mapping[str, Any],
    built: Mapping[str, Any],
) -> None:
    hog = built["budget"]["services"][next(iter(HOGS))]
    count = host["facts"]["cores"]
    about = {
        "rounds": options.rounds,
        "seconds": options.seconds,
        "rate": options.rate,
        "command": " ".join(
            ["make bench-isolation"] if sys.argv[1:] == ["--write"] else [f".venv/bin/python -m {__package__}", *sys.argv[1:]]
        ),
        "date": time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
        "machine": f"{count} cores, {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') >> 30} GiB, kernel {platform.release()}, "
        f"Docker Engine {host['engine']} in a container, load {os.getloadavg()[2]:.1f} in the 15 minutes to the end of it",
        "hog_shares": hog["cpus"]["shares"],
        "hog_memory": mib(hog["memory"]["limit"]),
        "hog_cores": f"{hog['cpus']['cores'] or count} of {count} cores",
        "cgroup": host["cgroup"],
        "by_hand": "" if host["cgroup"] == 2 else ", where a unit has no such property: the experiment makes the same group by hand",
        "need": found["quiet"].service_cpu,
        "fair": count / (len(HOGS) + len(SERVICES)),
    }
    docs = ROOT / "docs"
    (docs / "isolation.md").write_text(page.markdown(found, memory, about), encoding="utf-8")
    caption = f"Latency of ziggie-api at {options.rate:g} requests a second, {about['date'][:10]}"
    (docs / "images/isolation.svg").write_text(drawing({arm: page.pooled(runs, arm) for arm in found}, caption), encoding="utf-8")
    print(f"\nwritten: {docs / 'isolation.md'}, {docs / 'images/isolation.svg'}")


if __name__ == "__main__":
    sys.exit(main())
