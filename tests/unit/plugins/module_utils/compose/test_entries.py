# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Short and long syntax of a service's entries mean the same."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.compose.entries import (
    Dependency,
    EnvFile,
    Mount,
    Port,
    Probe,
    Reference,
    Ulimit,
)

MIB = 1024**2


def bind(source, target, read_only=False):
    return Mount(kind="bind", source=source, target=target, read_only=read_only, where="")


def volume(source, target, read_only=False):
    return Mount(kind="volume", source=source, target=target, read_only=read_only, where="")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("data:/data", volume("data", "/data")),
        ("data:/data/", volume("data", "/data")),
        ("d:/data", volume("d", "/data")),
        ("d:/data:ro", volume("d", "/data", read_only=True)),
        ("/data", volume("", "/data")),
        ("./a:/b:ro,z", bind("./a", "/b", read_only=True)),
        ("~/a:/b:rw", bind("~/a", "/b")),
        ("/:/host:ro", bind("/", "/host", read_only=True)),
        (r"C:\a:/b", bind(r"C:\a", "/b")),
        ("C:/a:/b:ro", bind("C:/a", "/b", read_only=True)),
        (r"C:\a:D:\b", bind(r"C:\a", r"D:\b")),
        ("${DIR:-./a}:/b", bind("${DIR:-./a}", "/b")),
        ("data:${DIR:-/b}:ro", volume("data", "${DIR:-/b}", read_only=True)),
        ({"type": "bind", "source": "./a", "target": "/b/", "read_only": True}, bind("./a", "/b", read_only=True)),
        ({"source": "data", "target": "/b"}, volume("data", "/b")),
        (
            {"type": "tmpfs", "target": "/run", "tmpfs": {"size": "64m"}},
            Mount(kind="tmpfs", source="", target="/run", size=64 * MIB, where=""),
        ),
        ({"type": "tmpfs", "target": "/run", "tmpfs": {"size": MIB}}, Mount(kind="tmpfs", source="", target="/run", size=MIB, where="")),
        (None, volume("", "")),
        ("/", volume("", "/")),
    ],
)
def test_a_mount(written, expected):
    assert Mount.read(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("/run", [("/run", None)]),
        (["/run:size=64m,mode=755", "/tmp/"], [("/run", 64 * MIB), ("/tmp", None)]),
        ("/run:size=50%", [("/run", None)]),
        (None, []),
    ],
)
def test_tmpfs(written, expected):
    mounts = list(Mount.read_all({"tmpfs": written}))
    assert [(mount.target, mount.size) for mount in mounts] == expected
    assert [mount.where for mount in mounts] == [f"tmpfs[{position}]" for position in range(len(expected))]


@pytest.mark.parametrize(
    ("written", "address", "published", "target", "protocol", "numbers"),
    [
        (80, "", "", "80", "tcp", []),
        ("80", "", "", "80", "tcp", []),
        ("8080:80", "", "8080", "80", "tcp", [8080]),
        ("127.0.0.1:8080:80", "127.0.0.1", "8080", "80", "tcp", [8080]),
        ("127.0.0.1::80", "127.0.0.1", "", "80", "tcp", []),
        ("[::1]:8080:80/udp", "::1", "8080", "80", "udp", [8080]),
        ("8000-8002:80-82", "", "8000-8002", "80-82", "tcp", [8000, 8001, 8002]),
        ({"target": 80, "published": 8080}, "", "8080", "80", "tcp", [8080]),
        ({"target": 80, "published": "8080", "host_ip": "::1", "protocol": "udp"}, "::1", "8080", "80", "udp", [8080]),
        ("${PORT}:80", "", "${PORT}", "80", "tcp", []),
        ("9-8:80", "", "9-8", "80", "tcp", []),
        ("70000:80", "", "70000", "80", "tcp", []),
        (None, "", "", "", "tcp", []),
    ],
)
def test_a_port(written, address, published, target, protocol, numbers):
    port = Port.read(written)
    assert port == Port(address=address, published=published, target=target, protocol=protocol, where="")
    assert list(port.numbers()) == numbers


@pytest.mark.parametrize(
    ("written", "words", "shell"),
    [
        ("curl -f localhost", ("curl -f localhost",), True),
        (["CMD-SHELL", "echo $$HOME"], ("echo $HOME",), True),
        (["CMD", "pg_isready", "-h", "127.0.0.1"], ("pg_isready", "-h", "127.0.0.1"), False),
    ],
)
def test_a_probe(written, words, shell):
    probe = Probe.read({"test": written, "interval": "1m30s"})
    assert probe == Probe(words=words, shell=shell, interval=90, timeout=30, start_period=None, retries=3)


@pytest.mark.parametrize(
    "written", [None, {}, {"interval": "5s"}, {"test": ["NONE"]}, {"test": "x", "disable": True}, {"test": []}, {"test": ""}, "x", []]
)
def test_no_probe(written):
    assert Probe.read(written) is None


def test_dependencies():
    assert (
        list(Dependency.read_all({"depends_on": ["a"]})) == list(Dependency.read_all({"depends_on": {"a": None}})) == [Dependency(name="a")]
    )
    long = {"condition": "service_healthy", "restart": True, "required": False}
    assert list(Dependency.read_all({"depends_on": {"a": long}})) == [
        Dependency(name="a", condition="service_healthy", restart=True, required=False)
    ]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (".env", [EnvFile(path=".env", where="env_file")]),
        (["a", {"path": "b", "required": False, "format": "raw"}], [
            EnvFile(path="a", where="env_file[0]"),
            EnvFile(path="b", required=False, raw=True, where="env_file[1]"),
        ]),
        (None, []),
    ],
)  # fmt: skip
def test_env_files(written, expected):
    assert list(EnvFile.read_all({"env_file": written})) == expected


def test_references_to_secrets_and_configs():
    assert list(
        Reference.read_all({"secrets": ["key", {"source": "key", "target": "other"}, {"source": "key", "target": "/k"}]}, "secrets")
    ) == [
        Reference(source="key", target="/run/secrets/key", where="secrets[0]"),
        Reference(source="key", target="/run/secrets/other", where="secrets[1]"),
        Reference(source="key", target="/k", where="secrets[2]"),
    ]
    assert [entry.target for entry in Reference.read_all({"configs": ["my.conf"]}, "configs")] == ["/my.conf"]


def test_ulimits():
    written = {"nofile": 1024, "nproc": {"soft": 1, "hard": "2"}, "memlock": -1, "core": {"hard": 5}, "rtprio": "x"}
    assert Ulimit.read_all({"ulimits": written}) == {
        "nofile": Ulimit(soft=1024, hard=1024),
        "nproc": Ulimit(soft=1, hard=2),
        "memlock": Ulimit(soft=-1, hard=-1),
        "core": Ulimit(soft=5, hard=5),
    }


def test_a_ulimit_that_a_host_cannot_give_is_cut():
    assert not Ulimit(soft=1, hard=9).exceeds(9)
    assert Ulimit(soft=1, hard=9).exceeds(8)
    assert Ulimit(soft=1, hard=9).cut(8) == Ulimit(soft=1, hard=8)
    assert Ulimit(soft=-1, hard=-1).cut(8) == Ulimit(soft=8, hard=8)
