# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report page: the core's view of a Budget through the templates in `page/`."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from ..module_utils.budget.model import Budget
from ..module_utils.deploy.changes import Changes
from ..module_utils.engine.container import containers as read_containers
from ..module_utils.host.run_log import LoggedRun
from ..module_utils.observe.report import Report
from ..module_utils.plan.page import compared, planned
from ..module_utils.plan.plan import Plan
from ..module_utils.render.page import drawing, figures, live, verdict
from ..module_utils.render.page.audit import AuditView
from ..module_utils.render.page.view import Checked, View
from ..module_utils.typed import load
from ..module_utils.units import cores, plain_number
from .front import TEMPLATES, digest
from .plain import plain

# What no HTML file may hold: control characters, and halves of characters that UTF-8 cannot write.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def page(
    budget: Mapping[str, Any],
    *,
    containers: Iterable[Mapping[str, Any]] | None = None,
    findings: Iterable[Mapping[str, Any]] = (),
    plan: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
    runs: Iterable[Mapping[str, Any]] = (),
    checks: Sequence[Checked] | None = None,
    release: str | None = None,
    title: str,
    when: str,
) -> str:
    """Return the page as one HTML file: the same input gives the same bytes.

    `budget` is a Budget's plain data, empty where none could be made; `plan` is the Plan as plain data; where there is none, `changes` is what
    `deploy.changes.compare` returned, as plain data, and `runs` the latest runs on the host; the rest is what `View.of` takes. Raises `ValueError` for what
    another version of the collection wrote.
    """
    made = Plan.from_dict(plan) if plan else None
    view = View.of(
        Budget.from_dict(budget) if budget else None,
        containers=None if containers is None else read_containers(list(containers)),
        findings=findings,
        checks=checks,
        runs=made.runs if made else load(tuple[LoggedRun, ...], list(runs), "runs"),
        data=made.data if made else (),
        release=release,
        title=title,
        when=when,
    )
    differs = None if changes is None else compared(Changes.from_dict(changes))
    shown = planned(made) if made else differs
    return _drawn("report", view=view, verdict=verdict.judge(view), fit=verdict.fit(view), compared=shown)


def audit_page(report: Report, *, title: str) -> str:
    """Return the page of an audit as one HTML file: the same report gives the same bytes."""
    return _drawn("audit", view=AuditView.of(report, title=title))


def write(
    directory: str,
    host: str,
    prepared: Mapping[str, Any],
    containers: Iterable[Mapping[str, Any]] | None,
    plan: Mapping[str, Any] | None,
) -> Path:
    """Write `ziggie-<host>.html` and return its path; a reader sees the old page or the new one, never half of it.

    `prepared` is what the filter `preflight` returned, `plan` the Plan that was shown.
    """
    path = Path(directory) / f"ziggie-{re.sub(r'[^A-Za-z0-9._-]', '_', host)}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = page(
        plain(prepared["budget"]),
        containers=plain(containers),
        findings=plain(prepared["findings"]),
        plan=plain(plan),
        title=f"Budget of {host}",
        when=now(),
    )
    half = path.with_suffix(".html.new")
    half.write_text(content, encoding="utf-8")
    half.replace(path)
    return path.resolve()


def now() -> str:
    """Return the time as a page says it."""
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())


def _drawn(name: str, **variables: Any) -> str:
    environment, style, script = _loaded()
    drawn = environment.get_template(f"{name}.html.j2").render(**variables, style=style, script=script)
    return _UNWRITABLE.sub("\ufffd", drawn).lstrip()


@cache
def _loaded() -> tuple[jinja2.Environment, Markup, Markup]:
    """Return the templates, the style sheet and the script; they are parsed once per run."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=True,
    )
    written = (figures.amount, figures.counted, figures.listed, figures.mib, figures.percent, figures.position, cores, live.told)
    environment.filters |= {function.__name__: function for function in written} | {"number": plain_number, "digest": digest}
    environment.tests["stands_in"] = lambda name, view: view.stands_in(name)
    environment.globals |= {"picture": drawing.picture, "bar_scale": drawing.bar_scale}
    style, script = (Markup((TEMPLATES / name).read_text(encoding="utf-8")) for name in ("report.css", "report.js"))
    return environment, style, script
