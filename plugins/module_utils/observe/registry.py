# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask an image registry what it has, without an account. Source: OCI distribution specification; Docker's token authentication."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from email.message import Message
from typing import Any

# Where a registry answers that is called otherwise in an image's name.
ADDRESSES = {"docker.io": "https://registry-1.docker.io"}
_MANIFESTS = (
    "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
)
_PAGES = 50
_LARGEST = 8 * 1024 * 1024
_NEXT = re.compile(r"<([^>]+)>; *rel=\"?next\"?")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class RegistryError(Exception):
    """A registry does not answer, or refuses; the text is a part of a sentence."""


class Registry:
    """One registry. It is only read."""

    def __init__(self, name: str, address: str, timeout: float) -> None:
        self._name, self._address, self._timeout = name, address.rstrip("/"), timeout
        self._opener = urllib.request.build_opener()
        # One for each repository.
        self._tokens: dict[str, str] = {}

    def tags(self, repository: str) -> tuple[str, ...]:
        """Return all tags of a repository. Raises `RegistryError`."""
        found: list[str] = []
        url = f"{self._address}/v2/{repository}/tags/list?n=1000"
        for _page in range(_PAGES):
            headers, body = self._request("GET", url, "application/json", repository)
            listed = self._json(body).get("tags") or []
            found += [str(tag) for tag in listed]
            following = _NEXT.search(headers.get("Link", ""))
            if not following:
                return tuple(found)
            url = urllib.parse.urljoin(url, following[1])
        raise RegistryError(f"{self._name} does not end listing the tags of {repository}")

    def digest(self, repository: str, tag: str) -> str:
        """Return what a tag names now. Raises `RegistryError`."""
        headers, _body = self._request("HEAD", f"{self._address}/v2/{repository}/manifests/{tag}", _MANIFESTS, repository)
        digest = headers.get("Docker-Content-Digest", "")
        if not _DIGEST.fullmatch(digest):
            raise RegistryError(f"{self._name} does not say what {repository}:{tag} is")
        return digest

    def _request(self, method: str, url: str, accept: str, repository: str) -> tuple[Message, bytes]:
        # A page or a token from elsewhere could be an address of the inner network.
        if urllib.parse.urlsplit(url)[:2] != urllib.parse.urlsplit(self._address)[:2]:
            raise RegistryError(f"{self._name} leads to another address")
        token = self._tokens.get(repository)
        headers = {"Accept": accept} | ({"Authorization": f"Bearer {token}"} if token else {})
        try:
            return self._open(urllib.request.Request(url, method=method, headers=headers))
        except urllib.error.HTTPError as error:
            asked = error.headers.get("WWW-Authenticate", "")
            if error.code == 401 and asked.lower().startswith("bearer ") and not token:
                self._tokens[repository] = self._token(asked)
                return self._request(method, url, accept, repository)
            if error.code in (401, 403, 404):
                raise RegistryError(f"{self._name} has no such image for a reader without an account") from error
            raise RegistryError(f"{self._name} refuses with status {error.code}") from error

    def _token(self, asked: str) -> str:
        """Return a token for anybody, as the registry's challenge says."""
        said = dict(re.findall(r'(\w+)="([^"]*)"', asked))
        realm = said.get("realm", "")
        if not realm.startswith(("https://", f"{self._address}/")):
            raise RegistryError(f"{self._name} asks for a token from {realm or 'nowhere'}, which is not safe")
        query = urllib.parse.urlencode({key: said[key] for key in ("service", "scope") if key in said})
        try:
            _headers, body = self._open(urllib.request.Request(f"{realm}?{query}"))
        except urllib.error.HTTPError as error:
            raise RegistryError(f"{self._name} gives no token (status {error.code})") from error
        answer = self._json(body)
        token = answer.get("token") or answer.get("access_token")
        if not isinstance(token, str):
            raise RegistryError(f"{self._name} gives no token")
        return token

    def _open(self, request: urllib.request.Request) -> tuple[Message, bytes]:
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                body: bytes = answer.read(_LARGEST + 1)
                if len(body) > _LARGEST:
                    raise RegistryError(f"{self._name} answers without end")
                return answer.headers, body
        except urllib.error.HTTPError:
            raise
        except (OSError, ValueError) as error:
            raise RegistryError(f"{self._name} does not answer: {getattr(error, 'reason', None) or error}") from error

    def _json(self, body: bytes) -> Mapping[str, Any]:
        try:
            answer = json.loads(body)
        except ValueError as error:
            raise RegistryError(f"{self._name} answers with something else than JSON") from error
        return answer if isinstance(answer, dict) else {}
