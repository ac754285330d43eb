"""Asking package indexes over the network. Only GET, a few seconds each, no second try: an index that is slow counts as away.

Credentials in addresses are sent, never kept in an answer or a message.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

from envdoctor.model.offers import IndexSettings, OfferedFile
from envdoctor.model.unknown import Unknown
from envdoctor.system.addresses import local_path
from envdoctor.system.credentials import authorization, server_of
from envdoctor.system.files import answering
from envdoctor.system.index_pages import ACCEPT, offered_file, parse_html, parse_page, project_address
from envdoctor.system.port import Denied, Malformed, Missing, SourceError, TimedOut, Unsupported

if TYPE_CHECKING:
    import ssl
    import urllib.request
    from http.client import HTTPResponse

__all__ = ["ask_links", "ask_project", "fetch", "fetch_text", "local_path", "side_by_side", "without_credentials"]
T = TypeVar("T")
PAGE_LIMIT_BYTES = 64 << 20
QUESTION_TIMEOUT_S = 3.0
"""For an address to answer at all; see `side_by_side` for the limit on the whole."""
AT_ONCE = 16
"""Questions under way at the same time."""
USER_AGENT = "envdoctor"

_READING = threading.Lock()


def ask_project(index: str, name: str, settings: IndexSettings, timeout_s: float = QUESTION_TIMEOUT_S) -> tuple[OfferedFile, ...]:
    """The files that an index offers of a project; none where it does not know the project.

    Raises:
        SourceError: the index does not answer, refuses, or answers what is no index page.
    """
    address, origin = project_address(index, name), without_credentials(index)
    folder = local_path(address)
    try:
        if folder is not None:
            page = _read_local(os.path.join(folder, "index.html"))
            return parse_page(page, "text/html", address, origin)
        text, content_type, final = fetch_text(address, settings, timeout_s)
        return parse_page(text, content_type, final, origin)
    except Missing:
        return ()
    except ValueError as error:
        raise Malformed(origin, f"its page of {name} cannot be read: {error}") from error


def ask_links(location: str, settings: IndexSettings, timeout_s: float = QUESTION_TIMEOUT_S) -> tuple[OfferedFile, ...]:
    """The files in a folder of wheels, or on a page with links to them: what pip's `find-links` names.

    Raises:
        SourceError: it is not there or cannot be read.
    """
    path = local_path(location)
    if path is None:
        text, _type, final = fetch_text(location, settings, timeout_s)
        return _links_of(text, final, without_credentials(location))
    if os.path.isdir(path):
        with answering(path):
            names = sorted(os.listdir(path))
        found = (_local_file(path, name) for name in names)
        return tuple(file for file in found if file)
    return _links_of(_read_local(path), f"file://{os.path.dirname(path)}/", path)


def _links_of(text: str, address: str, origin: str) -> tuple[OfferedFile, ...]:
    try:
        return parse_html(text, address, origin)
    except ValueError as error:
        raise Malformed(origin, f"its links cannot be read: {error}") from error


def side_by_side(questions: Mapping[str, Callable[[], T]], limit_s: float) -> dict[str, T | Unknown]:
    """Ask several questions at once; one that fails, or has no answer when the time is up, is Unknown with the reason.

    Name resolution obeys no time limit of its own, hence threads that are left behind.
    """
    answers: dict[str, T | Unknown] = {}
    places = threading.Semaphore(AT_ONCE)

    def ask(key: str, question: Callable[[], T]) -> None:
        try:
            with places:
                answers[key] = question()
        except SourceError as error:
            answers[key] = Unknown(error.reason)

    threads = [threading.Thread(target=ask, args=pair, daemon=True) for pair in questions.items()]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + limit_s
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    late = Unknown(f"no answer within {limit_s:g} s")
    return {key: answers.get(key, late) for key in questions}


def fetch_text(address: str, settings: IndexSettings, timeout_s: float) -> tuple[str, str, str]:
    """Text, content type and final address of a page.

    Raises:
        SourceError: no answer, or one that is too long.
    """
    import http.client

    with fetch(address, settings, timeout_s, {"Accept": ACCEPT}) as response:
        try:
            body = response.read(PAGE_LIMIT_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            reason = "no end of its page" if isinstance(error, TimeoutError) else "the connection broke in the middle of a page"
            raise Unsupported(without_credentials(address), reason) from error
        if len(body) > PAGE_LIMIT_BYTES:
            raise Malformed(without_credentials(address), f"its page is longer than {PAGE_LIMIT_BYTES} bytes")
        stated = response.headers.get("Content-Length", "")
        if stated.isdigit() and len(body) < int(stated):
            raise Unsupported(without_credentials(address), "the connection broke in the middle of a page")
        final = without_credentials(response.geturl())
        return body.decode("utf-8", "replace"), response.headers.get_content_type(), final


def fetch(address: str, settings: IndexSettings, timeout_s: float, headers: Mapping[str, str] | None = None) -> HTTPResponse:
    """Open an address of http or https; to be closed by the caller.

    Raises:
        SourceError: no answer, or an error status.
    """
    import http.client
    import urllib.error
    import urllib.request

    shown = without_credentials(address)
    if urlsplit(address).scheme not in {"http", "https"}:
        raise Unsupported(shown, "not an address of http or https")
    sent = {"User-Agent": USER_AGENT, **_authorization(address, settings), **(headers or {})}
    request = urllib.request.Request(shown, headers=sent)  # noqa: S310
    try:
        response: HTTPResponse = _opener(address, settings).open(request, timeout=timeout_s)
    except urllib.error.HTTPError as error:
        error.close()
        kind = Missing if error.code in {404, 410} else Denied if error.code in {401, 403} else Unsupported
        raise kind(shown, f"it answers {error.code} {error.reason}") from error
    except TimeoutError as error:
        raise TimedOut(shown, f"no answer within {timeout_s:g} s") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise Unsupported(shown, f"it cannot be reached: {getattr(reason, 'strerror', None) or reason}") from error
    return response


def without_credentials(address: str) -> str:
    """The address without the user name and password that it may carry."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if "@" in parts.netloc else address


def _local_file(folder: str, name: str) -> OfferedFile | None:
    path = os.path.join(folder, name)
    try:
        return offered_file(name, "file://" + path, folder, size_bytes=os.path.getsize(path))
    except OSError:  # a link that leads nowhere
        return None


def _read_local(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(PAGE_LIMIT_BYTES)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Missing(path, "no such page") from error
    except OSError as error:
        raise Denied(path, error.strerror or str(error)) from error


def _authorization(address: str, settings: IndexSettings) -> dict[str, str]:
    """The credentials in the address, or those of a configured index on the same server; else those of `.netrc`."""
    return authorization(address, (settings.index_url, *settings.extra_index_urls, *settings.find_links))


def _redirects() -> urllib.request.BaseHandler:
    """Follows redirects, and takes no credentials along to another server."""
    import urllib.request

    class Redirects(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
            request = super().redirect_request(req, fp, code, msg, headers, newurl)
            if request is not None and server_of(request.full_url) != server_of(req.full_url):
                request.remove_header("Authorization")
            return request

    return Redirects()


def _opener(address: str, settings: IndexSettings) -> urllib.request.OpenerDirector:
    """What opens addresses with this configuration's certificates, proxy and trusted hosts."""
    import urllib.request

    from envdoctor.system.dialing import Plain, Sealed

    trusted = {host.partition(":")[0] for host in settings.trusted_hosts}
    try:
        with _READING:  # else every thread that asks at the start reads them: the cache lets all of them in
            context = _certificates(settings.certificate, urlsplit(address).hostname in trusted)
    except OSError as error:
        raise Denied(settings.certificate or "certificates", f"the certificates cannot be read: {error.strerror}") from error
    handlers: list[urllib.request.BaseHandler] = [Plain(), Sealed(context), _redirects()]
    if settings.proxy:
        handlers.append(urllib.request.ProxyHandler({"http": settings.proxy, "https": settings.proxy}))
    return urllib.request.build_opener(*handlers)


@lru_cache(maxsize=8)
def _certificates(path: str | None, trusted: bool) -> ssl.SSLContext:
    """Read once for all questions: the system's file takes longer than an answer (20 ms measured)."""
    import ssl

    context = ssl.create_default_context(cafile=path)
    if trusted:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
