# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ziggie.stack.plugins.filter.budget import FilterModule
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve

COMPOSE = {"services": {"web": {"image": "web"}}}
HOST = {"memory": "16g", "cpus": 4}
budget = FilterModule().filters()["budget"]


def test_the_filter_gives_what_the_core_gives() -> None:
    assert budget(COMPOSE, HOST) == solve(COMPOSE, HOST).to_dict()
    assert budget(COMPOSE, capacity=HOST, policy={"memory": "declared"})["policy"]["memory"] == "declared"


def test_the_filter_fails_with_the_cores_sentences() -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        budget({"services": {"web": {"mem_limit": "x"}}}, {"cpus": 4})
    assert str(caught.value).splitlines() == [
        "capacity.memory: the capacity has no memory; write memory: 16g",
        "services.web.mem_limit: 'x' is no size; write 1g, 1024m or bytes",
    ]
