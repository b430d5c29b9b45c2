# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as its users get it: built from what is committed, installed elsewhere, run from there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from testkit.outcome import Outcome, single
from testkit.place import ROOT
from testkit.process import Done, run

_KINDS = {"module": "modules", "filter": "filter", "lookup": "lookup", "callback": "callback"}


def build() -> Outcome:
    """Build, install, list, and check the syntax of every playbook; stop at the first step that fails."""
    with tempfile.TemporaryDirectory(prefix="ziggie-build-") as directory:
        held = Outcome()
        for name, done in _steps(Path(directory)):
            print(f"  {'ok    ' if done.code == 0 else 'FAILED'} {name} ({done.seconds:.1f} s)", flush=True)
            held += single(name, done.code == 0)
            if done.code != 0:
                print("".join(f"         {line}\n" for line in done.text.strip().splitlines()[-30:]), flush=True)
                break
    return held


def _steps(directory: Path) -> Iterator[tuple[str, Done]]:
    clone, installed = directory / "clone", directory / "installed"
    yield "clone", run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)])
    yield "build", run(["ansible-galaxy", "collection", "build", "--output-path", str(directory)], cwd=clone)
    archives = [str(path) for path in directory.glob("ziggie-stack-*.tar.gz")]
    # Forced, since the checkout counts as installed already; what it depends on comes with the `ansible` package.
    command = ["ansible-galaxy", "collection", "install", "--offline", "--force", "-p", str(installed), *archives]
    yield "install", run(command, cwd=directory)
    collection = installed / "ansible_collections" / "ziggie" / "stack"
    yield "nothing of the lab or of a run in it", _absent(collection)
    command = ["ansible-galaxy", "collection", "install", "--offline", "--force", "-p", str(directory / "from-git"), f"git+file://{clone}"]
    yield "install by git URL", run(command, cwd=directory)
    # The checkout is importable too; what is asked here must come from the installed copy.
    environment = {"ANSIBLE_COLLECTIONS_PATH": str(installed), "ANSIBLE_CALLBACKS_ENABLED": "ziggie.stack.budget_report"}
    for kind, folder in _KINDS.items():
        wanted = {f"ziggie.stack.{path.stem}" for path in (ROOT / "plugins" / folder).glob("[!_]*.py")}
        command = ["ansible-doc", "--list_files", "--type", kind, "ziggie.stack"]
        done = run(command, cwd=directory, environment=environment)
        yield f"{kind}s that ansible-doc lists", _comes_from(_lists(done, wanted), collection)
    roles = {f"ziggie.stack.{path.name}" for path in (ROOT / "roles").iterdir() if path.is_dir()}
    command = ["ansible-doc", "--list", "--type", "role", "ziggie.stack"]
    yield "roles that ansible-doc lists", _lists(run(command, cwd=directory, environment=environment), roles)
    inventory = str(ROOT / "inventories" / "kvm4")
    for playbook in sorted(path.stem for path in (collection / "playbooks").glob("[!_]*.yml") if not path.stem.endswith(".meta")):
        command = ["ansible-playbook", f"ziggie.stack.{playbook}", "--syntax-check", "-i", inventory, "-vv"]
        done = run(command, cwd=directory, environment=environment)
        yield f"playbook ziggie.stack.{playbook}", _comes_from(done, collection)


def _absent(collection: Path) -> Done:
    if not (collection / "MANIFEST.json").exists():
        return Done(code=1, text=f"nothing was installed in {collection}", seconds=0.0)
    strays = [
        name
        for name in (".ansible", ".cache", ".ci", ".config", ".git", ".github", ".lab", ".venv", "molecule", "tests/output", "tools")
        if (collection / name).exists()
    ]
    return Done(code=int(bool(strays)), text=f"build_ignore of galaxy.yml lets in {', '.join(strays)}", seconds=0.0)


def _lists(done: Done, wanted: set[str]) -> Done:
    listed = {line.split()[0].rstrip(":") for line in done.text.splitlines() if line.strip()}
    missing = sorted(wanted - listed)
    if done.code == 0 and missing:
        return Done(code=1, text=f"not listed: {', '.join(missing)}", seconds=done.seconds)
    return done


def _comes_from(done: Done, collection: Path) -> Done:
    if done.code == 0 and str(collection) not in done.text:
        return Done(code=1, text=f"did not run from {collection}:\n{done.text}", seconds=done.seconds)
    return done
