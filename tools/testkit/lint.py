# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every linter, with nothing left out."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor

from testkit.outcome import Outcome, single
from testkit.place import ROOT
from testkit.process import Done, run


def lint() -> Outcome:
    """Run all linters, two at a time, the slow ones first."""
    checks = {
        "ansible-lint": ["ansible-lint", "--config-file", ".config/ansible-lint.yml"],
        "mypy": ["mypy", "--strict"],
        "antsibull-docs": [
            "antsibull-docs",
            "lint-collection-docs",
            "--plugin-docs",
            "--skip-rstcheck",
            "--validate-collection-refs=dependent",
            "--disallow-unknown-collection-refs",
            "--check-extra-docs-refs",
            ".",
        ],
        "shellcheck": ["shellcheck", "--external-sources", "--source-path=SCRIPTDIR/..", *_shell_scripts()],
        "yamllint": ["yamllint", "--strict", "."],
        "antsibull-changelog": ["antsibull-changelog", "lint"],
        # What is released already; the check before reads what is to come.
        "changelog.yaml": ["antsibull-changelog", "lint-changelog-yaml", "changelogs/changelog.yaml"],
        "ruff check": ["ruff", "check", "."],
        "ruff format": ["ruff", "format", "--check", "."],
    }
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = dict(zip(checks, pool.map(run, checks.values()), strict=True))
    return sum((_told(name, done) for name, done in results.items()), Outcome())


def _told(name: str, done: Done) -> Outcome:
    print(f"  {'ok    ' if done.code == 0 else 'FAILED'} {name} ({done.seconds:.1f} s)", flush=True)
    if done.code != 0:
        print("".join(f"         {line}\n" for line in done.text.strip().splitlines()), flush=True)
    return single(name, done.code == 0)


def _shell_scripts() -> list[str]:
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [name for name in names if (ROOT / name).is_file() and (name.endswith(".sh") or _starts_a_shell(name))]


def _starts_a_shell(name: str) -> bool:
    with (ROOT / name).open("rb") as file:
        first = file.readline(80)
    return first.startswith(b"#!") and first.split()[-1].rsplit(b"/", 1)[-1] in (b"sh", b"bash")
