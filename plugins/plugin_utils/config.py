# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Render the configuration files of services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jinja2

from ..module_utils.render.generated import documents
from ..module_utils.render.references import unknown
from .text import check, text


def render(
    roots: Iterable[Path], budget: Mapping[str, Any], compose: Mapping[str, Any], *, live_state: bool = True, generate: bool = True
) -> dict[str, str]:
    """Render `<root>/<service>/**` of every service that runs; a later root's file replaces an earlier one's.

    Files that end in `.j2` are templates and see `budget` and `compose`, nothing else: what a file says comes from the
    Budget. What is generated from the Budget altogether, where `generate` says so, comes first, so a file of a root replaces it
    as well; `live_state` tells whether the host can write the live state that its rules ask for. Returns contents by path
    relative to the project directory, `config/<service>/…`. Raises `ValueError` for templates that cannot be rendered, files of
    JSON or YAML that do not parse, and rules and dashboards that ask for a service that is not in the Budget.
    """
    generated = documents(budget, compose, compose.get("x-monitoring") or {}, live_state=live_state) if generate else {}
    rendered = {path: text(path, document) for path, document in generated.items()}
    wrong = []
    for root in roots:
        environment = jinja2.Environment(  # configuration files, not HTML
            loader=jinja2.FileSystemLoader(root),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,
        )
        for path in sorted(path for path in root.rglob("*") if path.is_file()):
            relative = path.relative_to(root)
            if not budget["services"].get(relative.parts[0], {}).get("enabled"):
                continue
            if path.suffix == ".j2":
                content = _rendered(environment, root, relative, budget=budget, compose=compose)
                relative = relative.with_suffix("")
            else:
                content = path.read_text(encoding="utf-8")
            check(str(path), relative.name, content)
            rendered[f"config/{relative.as_posix()}"] = content
            wrong.extend(f"{path}: {what}" for what in unknown(f"config/{relative.as_posix()}", content, budget["services"]))
    if wrong:
        raise ValueError(". ".join(wrong))
    return rendered


def _rendered(environment: jinja2.Environment, root: Path, relative: Path, **known: Any) -> str:
    try:
        return environment.get_template(relative.as_posix()).render(**known)
    except (jinja2.TemplateError, ArithmeticError, AttributeError, LookupError, TypeError) as error:
        # An error of syntax knows its line, others do not.
        line = getattr(error, "lineno", None)
        raise ValueError(f"{root / relative}{f', line {line},' if line else ''} cannot be rendered: {error}") from error
