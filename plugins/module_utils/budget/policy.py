# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read capacity and policy."""

from __future__ import annotations

from fractions import Fraction

from . import codes
from .model import PRIORITIES, Capacity, Defaults, Policy
from .problems import Problems
from .reader import Reader
from .units import CORE, GIB, MIB

_KEYS = ("reserve", "margin", "memory", "overcommit", "weights", "cpu_quota", "defaults", "credentials")
_WEIGHTS = {"high": Fraction(4), "medium": Fraction(2), "low": Fraction(1)}


def parse_capacity(data: object, problems: Problems) -> Capacity | None:
    """Return what the host has, or nothing when it does not say."""
    reader = Reader(data, "capacity", problems, ("memory", "cpus"))
    for name, example in (("memory", "16g"), ("cpus", "4")):
        if not reader.has(name):
            problems.error(codes.MISSING_KEY, reader.at(name), "the host does not say what it has", f"write {name}: {example}")
    memory, cpus = reader.size("memory", 0), reader.cpus("cpus", 0)
    return Capacity(memory=memory, cpus=cpus) if memory and cpus else None


def parse_policy(data: object, problems: Problems) -> Policy:
    """Return a complete policy: what is not written has its default."""
    reader = Reader(data, "policy", problems, _KEYS)
    reserve = reader.section("reserve", ("memory", "cpus"))
    margin = reader.section("margin", ("memory",))
    overcommit = reader.section("overcommit", ("memory", "cpus"))
    weights = reader.section("weights", PRIORITIES)
    return Policy(
        reserve=Capacity(
            memory=reserve.size("memory", 2 * GIB, allow_zero=True),
            cpus=reserve.cpus("cpus", CORE // 2, allow_zero=True),
        ),
        margin=margin.size("memory", 200 * MIB, allow_zero=True),
        memory=reader.choice("memory", "fit", ("fit", "declared")),
        overcommit_memory=overcommit.number("memory", Fraction(1)),
        overcommit_cpus=overcommit.number("cpus", Fraction(2)),
        weights={priority: weights.number(priority, _WEIGHTS[priority]) for priority in PRIORITIES},
        cpu_quota=reader.choice("cpu_quota", "batch", ("none", "batch", "all")),
        defaults=_defaults(reader.section("defaults", ("memory", "cpus", "pids"))),
        credentials=reader.words("credentials"),
    )


def _defaults(reader: Reader) -> Defaults:
    memory = reader.section("memory", ("floor", "request"))
    cpus = reader.section("cpus", ("reservation", "limit"))
    floor, request = memory.size("floor", 64 * MIB), memory.size("request", 512 * MIB)
    if floor > request:
        reader.problems.error(
            codes.FLOOR_ABOVE_REQUEST, memory.at("floor"), "the floor is above the request", "lower the floor or raise the request"
        )
    reservation, limit = cpus.cpus("reservation", CORE // 20, allow_zero=True), cpus.cpus("limit", CORE // 2)
    if reservation > limit:
        reader.problems.error(
            codes.RESERVATION_ABOVE_LIMIT, cpus.at("reservation"), "the reservation is above the limit", "lower it or raise the limit"
        )
    return Defaults(floor=floor, request=request, cpu_reservation=reservation, cpu_limit=limit, pids=reader.count("pids", 256))
