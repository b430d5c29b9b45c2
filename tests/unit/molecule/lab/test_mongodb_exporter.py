# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's exporter of 2018 answers with the names that our dashboards, rules and validation ask for."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[4]

# Taken from prometheus-mongodb-exporter 1.0.0+git20180522 in front of the lab's mongod, without families that are like those here.
OF_2018 = """\
# HELP go_goroutines Number of goroutines that currently exist.
# TYPE go_goroutines gauge
go_goroutines 12
# HELP mongodb_connections The connections sub document data
# TYPE mongodb_connections gauge
mongodb_connections{state="available"} 65535
mongodb_connections{state="current"} 1
# HELP mongodb_connections_metrics_created_total totalCreated provides a count of all incoming connections created to the server.
# TYPE mongodb_connections_metrics_created_total gauge
mongodb_connections_metrics_created_total 7
# HELP mongodb_op_counters_repl_total The opcountersRepl data structure
# TYPE mongodb_op_counters_repl_total gauge
mongodb_op_counters_repl_total{type="command"} 3
# HELP mongodb_op_counters_total The opcounters data structure
# TYPE mongodb_op_counters_total gauge
mongodb_op_counters_total{type="command"} 4
mongodb_op_counters_total{type="insert"} 1.5e+07
# HELP mongodb_up To show if we can connect to mongodb instance
# TYPE mongodb_up gauge
mongodb_up 1
# HELP mongodb_wiredtiger_cache_bytes The current size of data in the WiredTiger Cache in bytes
# TYPE mongodb_wiredtiger_cache_bytes gauge
mongodb_wiredtiger_cache_bytes{type="dirty"} 1
mongodb_wiredtiger_cache_bytes{type="total"} 2
# HELP mongodb_wiredtiger_cache_max_bytes The maximum size of data in the WiredTiger Cache in bytes
# TYPE mongodb_wiredtiger_cache_max_bytes gauge
mongodb_wiredtiger_cache_max_bytes 5.36870912e+08
"""
TODAY = """\
# HELP go_goroutines Number of goroutines that currently exist.
# TYPE go_goroutines gauge
go_goroutines 12
# HELP mongodb_up To show if we can connect to mongodb instance
# TYPE mongodb_up gauge
mongodb_up 1
# TYPE mongodb_ss_connections untyped
mongodb_ss_connections{conn_type="available"} 65535
mongodb_ss_connections{conn_type="current"} 1
mongodb_ss_connections{conn_type="totalCreated"} 7
# TYPE mongodb_ss_opcounters untyped
mongodb_ss_opcounters{legacy_op_type="command"} 4
mongodb_ss_opcounters{legacy_op_type="insert"} 1.5e+07
# TYPE mongodb_ss_wt_cache_bytes_currently_in_the_cache untyped
mongodb_ss_wt_cache_bytes_currently_in_the_cache 2
# TYPE mongodb_ss_wt_cache_maximum_bytes_configured untyped
mongodb_ss_wt_cache_maximum_bytes_configured 5.36870912e+08
"""
AWAY = "# HELP mongodb_up To show if we can connect to mongodb instance\n# TYPE mongodb_up gauge\nmongodb_up 0\n"


def _metrics() -> ModuleType:
    spec = importlib.util.spec_from_file_location("exporter_metrics", ROOT / "molecule/lab/images/mongodb-exporter/exporter_metrics.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_answers_as_the_reference_does() -> None:
    assert _metrics().current(OF_2018) == TODAY


def test_a_server_that_is_away_has_no_figures() -> None:
    assert _metrics().current(AWAY) == AWAY


def test_every_name_that_is_asked_for_is_there() -> None:
    asking = [*(ROOT / "plugins/module_utils/render/dashboards").glob("*.py"), *(ROOT / "roles/monitoring/files/alerts").glob("*.yml")]
    asking.append(ROOT / "plugins/module_utils/render/scrape.py")
    asked = {name for file in asking for name in re.findall(r"\bmongodb_(?:up|ss_\w+)", file.read_text(encoding="utf-8"))}
    assert len(asked) >= 5
    assert asked <= set(re.findall(r"^mongodb_\w+", _metrics().current(OF_2018), re.MULTILINE))
