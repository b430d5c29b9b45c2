# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run would change on a host itself, and what each change does to what runs: pure, from facts and what is wanted.

A host that was asked once (`host_info`) is enough: its facts hold the content of every path that host preparation writes.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..host.facts import Facts, PathState
from ..host.layout import Directory
from ..settings.storage import StorageClass
from ..storage.decide import FORMAT, MOUNT, UNIT
from ..systemd import UNITS, mount_unit
from .daemon import NO_CEILINGS, differs, merge, restart_effect
from .document import Document
from .kernel import plain, settable
from .paths import DAEMON_CONFIG

Kind = Literal["package", "engine", "device", "data", "directory", "file", "kernel", "command"]

_GIB = 1 << 30
NOTHING = "nothing restarts"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostChange:
    """One change of a host: `subject` is a path, a package, a parameter, a device or a volume, `before` and `after` say what it is.

    `effect` says in words what the change does to what runs, `diff` are the lines of a unified diff of a text file's content.
    """

    kind: Kind
    subject: str
    before: str
    after: str
    effect: str = NOTHING
    diff: tuple[str, ...] = ()


def packages(missing: Iterable[str]) -> list[HostChange]:
    """Return the packages that are to be installed."""
    return [HostChange(kind="package", subject=name, before="not installed", after="installed") for name in missing]


def engine(facts: Facts, options: Mapping[str, Any], *, configured: bool) -> list[HostChange]:
    """Return what becomes of the Docker engine; `options` are those of daemon.json, which is left alone where it is not `configured`."""
    found = []
    if not facts.engine.running:
        before = "stopped" if facts.engine.installed else "not installed"
        found.append(HostChange(kind="engine", subject="docker.service", before=before, after="running", effect="the engine starts"))
    text = merge(facts.engine.daemon_config, options, facts.ceilings)
    if configured and differs(facts.engine, text):
        state = facts.file(DAEMON_CONFIG)
        # Only the keys that change: others may hold a password of a proxy.
        before = "" if facts.engine.daemon_config_invalid else merge(facts.engine.daemon_config, {}, NO_CEILINGS)
        found.append(
            HostChange(
                kind="file",
                subject=DAEMON_CONFIG,
                before=_presence(state),
                after="written",
                effect=restart_effect(facts),
                diff=_diff(before, text, context=0),
            )
        )
    return found


def devices(classes: Iterable[StorageClass], steps: Mapping[str, Iterable[str]], facts: Facts) -> list[HostChange]:
    """Return what is done to the devices of storage classes; `steps` are those of each class that is not in place yet."""
    found = []
    for entry in classes:
        block = facts.storage[entry.name].device.block if entry.name in facts.storage else None
        name = f"{block.path} ({block.size / _GIB:.0f} GiB)" if block else entry.device
        for step in steps.get(entry.name, ()):
            if step == FORMAT:
                after = f"{entry.filesystem}, {entry.label}, {entry.uuid}"
                found.append(HostChange(kind="device", subject=name, before="empty", after=after, effect="a file system is made on it"))
            elif step == UNIT:
                path = f"{UNITS}/{mount_unit(entry.path)}"
                before = "another content" if facts.storage[entry.name].unit else "absent"
                found.append(HostChange(kind="file", subject=path, before=before, after="written", effect="it is mounted at every boot"))
            elif step == MOUNT:
                found.append(HostChange(kind="device", subject=name, before="not mounted", after=f"mounted at {entry.path}"))
    return found


def directories(wanted: Iterable[Directory], facts: Facts) -> list[HostChange]:
    """Return the directories that are to be made, or to get another owner or mode; what lies in them is left alone."""
    found = []
    for one in wanted:
        state = facts.file(one.path)
        after = f"{one.owner}:{one.group} {one.mode.rjust(4, '0')}"
        before = f"{state.owner}:{state.group} {state.mode}" if state.kind else "absent"
        if before != after:
            found.append(HostChange(kind="directory", subject=one.path, before=before, after=after))
    return found


def parameters(sysctl: Mapping[str, Any], facts: Facts) -> list[HostChange]:
    """Return the kernel parameters that get another value."""
    return [
        HostChange(kind="kernel", subject=name, before=plain(facts.sysctl[name]), after=value)
        for name, value in settable(sysctl, facts).items()
        if plain(facts.sysctl[name]) != value
    ]


def files(documents: Iterable[Document], facts: Facts) -> list[HostChange]:
    """Return the files that are to be written or removed, and those whose effect is to be put into force again."""
    return [change for document in documents for change in _file(document, facts.file(document.path))]


def commands(pending: str, facts: Facts) -> list[HostChange]:
    """Return the commands that an earlier run left: the file that holds them, where there is one."""
    if not facts.file(pending).kind:
        return []
    effect = "commands of an earlier run, which was interrupted, are run"
    return [HostChange(kind="command", subject=pending, before="left by an earlier run", after="run", effect=effect)]


def moves(wanted: Iterable[tuple[str, str, str]], service: str) -> list[HostChange]:
    """Return the volumes whose data moves; each is a name, the directory now, and the directory then."""
    effect = f"{service} stops while the last changes are copied and compared; the old data is kept"
    return [HostChange(kind="data", subject=volume, before=source, after=target, effect=effect) for volume, source, target in wanted]


def _file(document: Document, state: PathState) -> Iterator[HostChange]:
    content = document.content
    if content is None:
        if state.kind:
            yield _change(document, _presence(state), "removed", _diff(state.text or "", ""))
        return
    if state.kind != "file" or state.text != content:
        yield _change(document, _presence(state), "written", _diff(state.text or "", content))
    elif (state.owner, state.group, state.mode) != (0, 0, document.mode):
        yield _change(document, f"{state.owner}:{state.group} {state.mode}", f"0:0 {document.mode}", ())
    elif document.due:
        yield _change(document, "not in force", "in force", ())


def _change(document: Document, before: str, after: str, diff: tuple[str, ...]) -> HostChange:
    return HostChange(kind="file", subject=document.path, before=before, after=after, effect=document.effect, diff=diff)


def _presence(state: PathState) -> str:
    return {"": "absent", "file": "another content"}.get(state.kind, f"a {state.kind}")


def _diff(before: str, after: str, context: int = 1) -> tuple[str, ...]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=context)
    # The two lines with file names say nothing that the subject does not.
    return tuple(line for line in lines if not line.startswith(("---", "+++")))
