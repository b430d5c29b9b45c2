# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What protects data is told as it is: measured beside promised, and never what nobody looked at."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.backup.model import HOST
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import Facts
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.protection import Protection, protections, span
from ansible_collections.ziggie.stack.plugins.module_utils.settings.repositories import OWN, Data, Source
from ansible_collections.ziggie.stack.plugins.module_utils.typed import dump, load

KEPT = Data(service="db", place="shop_data", source=Source(service="db", volume="shop_data", engine="postgres", recovery_time=600))


def one(facts: Facts | None, data: Data = KEPT) -> Protection:
    [found] = protections([data], facts)
    assert load(Protection, dump(found)) == found
    return found


def test_what_is_measured_stands_beside_what_is_promised() -> None:
    found = one(Facts(backups={"shop_data": {"stored": 3 * 3600, "drilled": 4 * 86400}}, drills={"shop_data": 42.0}))
    assert (found.how, found.point, found.last_drilled, found.time, found.kept) == (
        "postgres",
        "3 h of 26 h",
        "4 d",
        "42 s of 10 min",
        True,
    )


@pytest.mark.parametrize(
    ("facts", "point", "time", "kept"),
    [
        (Facts(), "never of 26 h", "not measured of 10 min", False),
        (None, "not asked of 26 h", "not measured of 10 min", True),
        (Facts(backups={"shop_data": {"stored": 27 * 3600}}), "27 h of 26 h", "not measured of 10 min", False),
        (Facts(backups={"shop_data": {"stored": 60}}, drills={"shop_data": 700.0}), "60 s of 26 h", "12 min of 10 min", False),
        (
            Facts(backups={"shop_data": {"stored": 60}}, failed_backups={"shop_data": "it is full"}),
            "60 s of 26 h",
            "not measured of 10 min",
            False,
        ),
    ],
)
def test_a_promise_is_kept_or_it_is_not(facts: Facts | None, point: str, time: str, kept: bool) -> None:
    found = one(facts)
    assert (found.point, found.time, found.kept) == (point, time, kept)


def test_what_is_not_backed_up_has_a_reason_or_none() -> None:
    reason = one(Facts(), Data(service="web", place="cache", reconstructible="a cache"))
    assert (reason.how, reason.point, reason.last_drilled, reason.time, reason.kept) == ("reconstructible: a cache", "", "", "", True)
    silent = one(Facts(), Data(service="web", place="cache"))
    assert (silent.how, silent.kept) == ("nothing backs it up", False)


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.5, "0.5 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (172800, "2 d"), (-60, "-60 s")]
)
def test_a_time_is_said_in_a_unit_that_fits(seconds: float, said: str) -> None:
    assert span(seconds) == said


def test_the_stacks_own_directory_is_called_as_the_program_on_the_host_calls_it() -> None:
    assert (OWN.service, OWN.volume) == (HOST, f"@{HOST}")
