# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw a Budget as an HTML page."""

from __future__ import annotations

DOCUMENTATION = r"""
name: page
short_description: Draw a Budget as an HTML page
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Draws one self-contained HTML file from a Budget. It fetches nothing, works from disk and on paper, in light and dark.
  - It shows the pool as a picture, each service with floor, reservation, limit, request and live use, the arithmetic of each number,
    the findings, what is off, what is a stand-in for the real program, and everything that a run changes of the host, its files and the containers.
  - The same input gives the same bytes.
options:
  _input:
    description: The Budget, as P(ziggie.stack.budget#filter) returns it. Empty where none could be made.
    type: dict
    required: true
  title:
    description: The page's title.
    type: str
    required: true
  when:
    description: When the page was made, as it shall say.
    type: str
    required: true
  containers:
    description:
      - What runs, as M(ziggie.stack.stack_info) returns it. What the containers use is shown where it was asked for too.
      - Without it, the page says that the containers were not read.
    type: list
    elements: dict
  findings:
    description: Findings beyond the Budget's own.
    type: list
    elements: dict
    default: []
  plan:
    description: The Plan, as P(ziggie.stack.plan#filter) returns it. Its changes of the host, the release's files and the containers are drawn.
    type: dict
    version_added: 0.2.0
  changes:
    description:
      - What differs, as M(ziggie.stack.stack_info) returns it, where there is no O(plan). With neither, the page says that nothing was compared.
    type: dict
  release:
    description: The release's name.
    type: str
"""

EXAMPLES = r"""
- name: Draw the budget
  ansible.builtin.copy:
    dest: budget.html
    mode: "0644"
    content: "{{ budget | ziggie.stack.page(title='Budget of ' ~ inventory_hostname, when=now(utc=true) | string) }}"
  delegate_to: localhost
"""

RETURN = r"""
_value:
  description: The page, as HTML.
  type: str
"""

from typing import Any

from ansible_collections.ziggie.stack.plugins.plugin_utils.pages import page as draw
from ansible_collections.ziggie.stack.plugins.plugin_utils.plain import plain


def page(
    budget: dict[str, Any],
    title: str,
    when: str,
    containers: list[Any] | None = None,
    findings: list[Any] | None = None,
    plan: dict[str, Any] | None = None,
    changes: dict[str, Any] | None = None,
    release: str | None = None,
) -> str:
    """Convert and draw."""
    return draw(
        plain(budget),
        containers=plain(containers),
        findings=plain(findings or []),
        plan=plain(plan),
        changes=plain(changes),
        release=plain(release),
        title=plain(title),
        when=plain(when),
    )


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"page": page}
