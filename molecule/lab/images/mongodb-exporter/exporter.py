# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's mongodb-exporter, given the flags and variables of Percona's current one."""

from __future__ import annotations

import os
import sys

BINARY = "/usr/libexec/real/prometheus-mongodb-exporter"
KNOWN = ("--mongodb.uri", "--web.listen-address", "--web.telemetry-path", "--version", "--help")

arguments = [argument for argument in sys.argv[1:] if argument.split("=", 1)[0] in KNOWN]
for argument in sys.argv[1:]:
    if argument not in arguments:
        print(f"mongodb_exporter (lab wrapper): {argument} is not known to Debian's version and left out", file=sys.stderr)
uri = os.environ.get("MONGODB_URI", "mongodb://localhost:27017")
user, password = os.environ.get("MONGODB_USER"), os.environ.get("MONGODB_PASSWORD")
if user and password and "@" not in uri:
    uri = uri.replace("mongodb://", f"mongodb://{user}:{password}@", 1)
os.environ["MONGODB_URI"] = os.environ["MONGODB_URL"] = uri
# glog would write files to /tmp; a mongod of its own has no replica set.
EXTRA = [
    "-logtostderr",
    "-web.listen-address=:9216",
    "-mongodb.collect.oplog=false",
    "-mongodb.collect.replset=false",
]
os.execv(BINARY, [BINARY, *EXTRA, *arguments])
