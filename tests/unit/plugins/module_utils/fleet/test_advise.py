# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to buy: the smallest row that cures, the regret by its rule, and what is tied together."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.leave_out import shortfalls
from ansible_collections.ziggie.stack.plugins.module_utils.fleet import text
from ansible_collections.ziggie.stack.plugins.module_utils.fleet.advise import Advice, Use, advise
from ansible_collections.ziggie.stack.plugins.module_utils.fleet.model import Host, Offer, Stack
from ansible_collections.ziggie.stack.plugins.module_utils.fleet.place import Ground
from ansible_collections.ziggie.stack.plugins.module_utils.fleet.ties import everywhere, movable, together
from ansible_collections.ziggie.stack.plugins.module_utils.units import GIB, MIB
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.fleet.test_place import KEPT, host, stack


def row(name: str, room: int, price: int, cpus: int = 4, **more: Any) -> Offer:
    """A row whose pool holds so many MiB."""
    return Offer(name=name, memory=room * MIB + KEPT, cpus=cpus * 1000, disk=more.pop("disk", None), price=Fraction(price), **more)


def ranked(advice: Advice) -> list[tuple[str, str]]:
    return [(option.kind, option.offer) for option in advice.options]


def test_the_regret_is_what_the_rule_says() -> None:
    now, big = row("now", 300, 10, current=True), row("big", 600, 16)
    advice = advise(stack({"a": 100, "b": 100}, {"a": 200, "b": 200}), host("vps", 300), [now, big])
    found = {(option.kind, option.offer): option for option in advice.options}
    keep, larger, second = found["keep", ""], found["larger", "big"], found["second", "now"]
    # At least 200 MiB, 300 in the middle, 400 at most: the present host lacks a quarter of the most.
    assert list(keep.missing.values()) == [0, 0, Fraction(1, 4)]
    assert keep.regret == (Fraction(5, 4) * 6 + Fraction(3, 2) * Fraction(1, 4) * 16) / 3
    assert larger.regret == Fraction(6 + 6 + 0, 3)
    assert second.regret == Fraction(10 + 10 + 4, 3)
    assert ranked(advice)[:2] == [("larger", "big"), ("keep", "")]
    assert advice.binding == "memory"
    assert (keep.largest, larger.largest) == (200 * MIB, 500 * MIB)


def test_a_host_that_holds_all_is_kept() -> None:
    advice = advise(stack({"a": 100}), host("vps", 300), [row("now", 300, 10), row("big", 600, 16)])
    assert advice.binding == ""
    assert ranked(advice)[0] == ("keep", "")
    assert "nothing binds" in "\n".join(text.lines(advice))


@pytest.mark.parametrize("rooms", [(350, 700), (700, 350), (100, 399), (100, 400), (60, 99)])
def test_the_smallest_row_that_cures_and_the_exact_shortfall(rooms: tuple[int, ...]) -> None:
    stack_, where = stack({"a": 300, "b": 100}), host("vps", 320)
    offers = [row(f"r{position}", room, 10 + position) for position, room in enumerate(rooms)]
    advice = advise(stack_, where, offers)
    keep = advice.today
    assert keep.fleet.placement.lacks == {
        "vps": shortfalls(list(Ground(stack_).specs(where.capacity).values()), where.capacity, Ground(stack_).policy)
    }
    assert keep.fleet.placement.lacks["vps"] == {"memory": 80 * MIB}
    # Alone it has to hold 400 MiB, beside today's host 100, or the larger service.
    curing = [offer for offer, room in zip(offers, rooms, strict=True) if room >= 100]
    smallest = min(curing, key=lambda offer: offer.memory, default=None)
    assert advice.cure.endswith(f": {smallest.name}" if smallest else "")
    assert bool(advice.cure) == bool(smallest)
    told = "\n".join(text.lines(advice))
    assert "the host lacks 80 MiB of memory" in told
    assert f"has its floor: {advice.cure or 'no row of the price list'}." in told


def test_a_larger_host_comes_before_a_second_one_of_about_the_same_regret() -> None:
    offers = [row("now", 300, 10, current=True), row("big", 600, 21)]
    advice = advise(stack({"a": 200, "b": 200}, {"a": 280, "b": 280}), host("vps", 300), offers)
    regret = {(option.kind, option.offer): option.regret for option in advice.options}
    assert regret["second", "now"] < regret["larger", "big"]
    assert ranked(advice)[0] == ("larger", "big")
    assert "A larger host comes first" in "\n".join(text.lines(advice))
    dearer = advise(stack({"a": 200, "b": 200}, {"a": 280, "b": 280}), host("vps", 300), [offers[0], row("big", 600, 40)])
    assert ranked(dearer)[0] == ("second", "now")


def test_seen_use_binds_the_cores_and_names_kills() -> None:
    use = Use(cpus=3600, over="95th percentile of 600 s", kills={"a": 2}, killed_at={"a": 150 * MIB}, pressure={"cpu": 0.2})
    advice = advise(stack({"a": 200}), host("vps", 300), [row("now", 300, 10), row("wide", 300, 16, 8)], use)
    assert advice.binding == "cpus"
    told = "\n".join(text.lines(advice))
    assert "90 % of the cores busy, 95th percentile of 600 s (above 80 % they bind), OOM kills of a (2), cpu pressure 20 %" in told
    assert "cures: OOM kills of a: 200 MiB where it was killed with 150 MiB" in told
    assert "cures: cores: what was seen keeps 45 % of 8 busy" in told
    assert ranked(advice)[0] == ("larger", "wide")


def test_reservations_above_the_cores_bind_and_are_those_of_all() -> None:
    reserved = {name: {"cpus": {"reservation": 1, "limit": 1}} for name in ("a", "b", "c")}
    rows = [row("now", 300, 10, 2), row("wide", 300, 12, 4)]
    advice = advise(stack(dict.fromkeys(reserved, 50), **reserved), host("vps", 300, cpus=2), rows)
    assert advice.binding == "cpus"
    assert ranked(advice)[0] == ("larger", "wide")
    assert "cures: cores: every service gets all that it asks for; each service gets 66 % today" in "\n".join(text.lines(advice))


def test_disk_binds() -> None:
    stored = {"a": {"storage": {"v": {"size": "40g", "floor": "5g"}}}}
    advice = advise(
        stack({"a": 100}, **stored), host("vps", 300, disk=20), [row("now", 300, 10, disk=20 * GIB), row("deep", 300, 11, disk=80 * GIB)]
    )
    assert advice.binding == "disk"
    assert ranked(advice)[0] == ("larger", "deep")


def test_the_advice_is_plain_data() -> None:
    plain = advise(stack({"a": 100, "b": 300}), host("vps", 320), [row("now", 320, 10)], Use()).to_dict()
    assert plain["binding"] == "memory"
    assert {option["kind"] for option in plain["options"]} == {"keep", "second"}
    second = next(option for option in plain["options"] if option["kind"] == "second")
    assert second["limits"] == {"a": 100 * MIB, "b": 300 * MIB}
    assert sorted(name for each in second["hosts"].values() for name in each["services"]) == ["a", "b"]


COMPOSE: dict[str, Any] = {
    "services": {
        "web": {"image": "x", "volumes": ["tls:/tls"], "x-budget": {"tier": "critical"}},
        "certs": {"image": "x", "volumes": ["tls:/tls"], "x-budget": {"batch": True}},
        "side": {"image": "x", "network_mode": "service:web"},
        "job": {"image": "x", "volumes_from": ["side:ro"]},
        "watch": {"image": "x", "volumes": ["/:/host:ro"]},
        "engine": {"image": "x", "volumes": ["/var/run/docker.sock:/var/run/docker.sock"]},
        "flow": {"image": "x", "x-budget": {"tier": "workflow", "connections": {"db": 2}}},
        "db": {"image": "x", "x-budget": {"tier": "workflow"}},
        "runner": {"image": "x", "x-budget": {"batch": True}},
    },
    "volumes": {"tls": {}},
}


def test_what_is_tied() -> None:
    specs = Ground(Stack(compose=COMPOSE)).specs(host("vps", 9000).capacity)
    assert everywhere(COMPOSE) == {"watch", "engine"}
    tied = together(COMPOSE, specs)
    assert set(map(frozenset, tied)) == {frozenset(("certs", "web")), frozenset(("job", "side")), frozenset(("side", "web"))}
    assert movable(specs, tied, everywhere(COMPOSE)) == {"flow", "runner"}


def test_a_pool_shares_a_host_with_its_server() -> None:
    compose = {
        "services": {
            "pool": {"image": "x", "x-budget": {"tuning": {"tuner": "pgbouncer"}, "connections": {"db": 20}}},
            "db": {"image": "x", "x-budget": {"tuning": {"tuner": "postgres"}}},
        }
    }
    assert together(compose, Ground(Stack(compose=compose)).specs(host("vps", 9000).capacity)) == (("pool", "db"),)


def test_a_row_that_is_too_small_for_anything_is_told_so() -> None:
    tiny = Offer(name="tiny", memory=64 * MIB, cpus=1000, disk=None, price=Fraction(1))
    advice = advise(stack({"a": 100}), Host(name="vps", capacity=host("x", 300).capacity), [tiny])
    assert [option.fits for option in advice.options if option.offer == "tiny"] == [False, False]
    assert "it does not hold the floors: " in "\n".join(advice.options[-1].leaves)
