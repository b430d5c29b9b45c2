# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The front page answers where it should, and so does every link on it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

# Asks for every address from the host, and prints status, type and the first part of what came; 0 where nothing answered.
LOOK = r"""
import json, ssl, sys, urllib.error, urllib.request
found = []
for address in sys.argv[1:]:
    try:
        answer = urllib.request.urlopen(address, timeout=10, context=ssl._create_unverified_context())
    except urllib.error.HTTPError as error:
        answer = error
    except OSError as error:
        found.append([0, "", str(error)])
        continue
    found.append([answer.status, answer.headers.get("Content-Type", ""), answer.read(100000).decode(errors="replace")])
print(json.dumps(found))
"""
# `/` of the lab for whoever reaches it, and the host's loopback address on every server.
ADDRESSES = ["http://127.0.0.1/", "https://127.0.0.1/", "http://127.0.0.1:8088/"]


@pytest.fixture(name="look", scope="session")
def _look(ask: Callable[[str], str]) -> Callable[..., list[list[str]]]:
    return lambda *addresses: json.loads(ask(f"python3 - {' '.join(addresses)} <<'PROGRAM'\n{LOOK}\nPROGRAM"))


def test_the_front_page_is_served_as_html(look: Callable[..., list[list[str]]]) -> None:
    found = look(*ADDRESSES)
    assert [(status, kind) for status, kind, _text in found] == [(200, "text/html")] * len(ADDRESSES)
    assert len({text for _status, _kind, text in found}) == 1


def test_every_link_of_it_is_answered(look: Callable[..., list[list[str]]]) -> None:
    [[_status, _kind, page]] = look("http://127.0.0.1:8088/")
    links = re.findall(r'href="(http://127\.0\.0\.1:\d+/)"', page)
    assert len(links) == 7
    # A stand-in may have no page of its own, and listens where the real program does.
    assert [link for link, answer in zip(links, look(*links), strict=True) if not answer[0]] == []


def test_what_is_not_there_is_still_not_found(look: Callable[..., list[list[str]]]) -> None:
    assert [status for status, _kind, _text in look("http://127.0.0.1/nothing")] == [404]
