# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The front page of a stack: one file of HTML, made of the definition and its Budget, that a release brings and nginx serves."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from ..module_utils.budget.model import Budget
from ..module_utils.catalog.entrances import entrances
from ..module_utils.catalog.routes import routes

TEMPLATES = Path(__file__).with_name("page")
# Who serves it, and where a release has it: beside that service's own directory, since another page needs no new container.
SERVER = "nginx"
PATH = "config/nginx-front/index.html"
# Whether whoever reaches the host gets it at `/`; else it is on the host's loopback address only.
PUBLIC_KEY = "x-front-page"


def front_page(budget: Budget, compose: Mapping[str, Any], title: str) -> str:
    """Return the page: the same input gives the same bytes."""
    found, _told = entrances(compose)
    shown = [one for one in found if one.service != SERVER and one.service in budget.services and budget.services[one.service].enabled]
    off = sorted((name, share.requires) for name, share in budget.services.items() if not share.enabled)
    named: dict[str, list[str]] = {}
    for route in routes(compose, {name for name, share in budget.services.items() if share.enabled}):
        named.setdefault(route.service, []).append(route.url)
    template, style = _loaded()
    return template.render(title=title, entrances=shown, named=named, off=off, style=style).lstrip()


def digest(content: str) -> Markup:
    """Return what a Content-Security-Policy calls a style or a script."""
    return Markup(f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'")


@cache
def _loaded() -> tuple[jinja2.Template, Markup]:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=True,
    )
    environment.filters["digest"] = digest
    return environment.get_template("front.html.j2"), Markup((TEMPLATES / "report.css").read_text(encoding="utf-8"))
