"""HTTP: a request, the redirects one by one, each judged anew, and the conditions on the end."""

from collections.abc import Mapping

from yarl import URL

from ..config.probe_targets import url_problem
from ..config.probes import HttpSettings
from ..model.probing import ProbeReason
from .conditions import check_answer
from .http_hop import Answer, Exchange, Request
from .notes import Notes
from .outcome import FailedError
from .quota import note_quota

REDIRECTS = (301, 302, 303, 307, 308)
KEEP_METHOD = (307, 308)
HARMLESS = ("GET", "HEAD")
# What may follow a redirect to another host: nothing that lets anybody in.
TRAVELLING = ("accept", "accept-language", "user-agent")


class HttpProbe:
    """Asks *url* as *settings* say; *files* holds the texts of the files they name."""

    def __init__(
        self, url: str, settings: HttpSettings, *, files: Mapping[str, str], exchange: Exchange
    ) -> None:
        self._settings = settings
        self._exchange = exchange
        self._first = first_request(url, settings, files)

    async def run(self, notes: Notes) -> None:
        """Send the request and check the answer."""
        answer = await follow(self._first, self._settings, exchange=self._exchange, notes=notes)
        check_answer(self._settings, answer, notes.facts)


def first_request(url: str, settings: HttpSettings, files: Mapping[str, str]) -> Request:
    """
    Return the request that *settings* describe.

    Raises:
        FailedError: *url* is none.
    """
    headers = dict(settings.headers)
    headers |= {name: files[file] for name, file in settings.header_files.items()}
    body = files[settings.body_file] if settings.body_file else settings.body
    return Request(
        url=parse_url(url),
        method=settings.method,
        headers=headers,
        body=body.encode(),
        tls=settings.tls,
        server_name=settings.tls.server_name,
        max_body_bytes=settings.max_body_bytes,
    )


def parse_url(text: str) -> URL:
    """
    Return *text* as a URL of HTTP.

    Raises:
        FailedError: it is none.
    """
    try:
        url = URL(text)
        port = url.port
    except ValueError:
        raise FailedError(ProbeReason.ADDRESS_REFUSED, "the target is no URL of HTTP") from None
    if url_problem(text) or not port:
        raise FailedError(ProbeReason.ADDRESS_REFUSED, "the target is no URL of HTTP")
    return url


async def follow(
    request: Request, settings: HttpSettings, *, exchange: Exchange, notes: Notes
) -> Answer:
    """
    Return the answer at the end of the redirects that *settings* permit.

    Raises:
        FailedError: there are too many, or one leads where it must not.
    """
    while True:
        answer = await exchange.send(request, notes)
        note_quota(answer.headers, notes.facts)
        location = answer.headers.get("Location")
        if answer.status not in REDIRECTS or location is None or settings.redirects == 0:
            return answer
        if notes.facts.redirects == settings.redirects:
            message = f"more than {settings.redirects} redirects"
            raise FailedError(ProbeReason.REDIRECT_LIMIT, message)
        notes.facts.redirects += 1
        request = _next(request, answer.status, location)


def _next(request: Request, status: int, location: str) -> Request:
    try:
        url = request.url.join(URL(location))
        sound = not url_problem(str(url)) and bool(url.port)
    except ValueError:
        raise FailedError(ProbeReason.REDIRECT_REFUSED, "a redirect to no URL") from None
    if not sound or "\\" in location:
        raise FailedError(ProbeReason.REDIRECT_REFUSED, "a redirect to no URL of HTTP")
    if request.url.scheme == "https" and url.scheme != "https":
        raise FailedError(ProbeReason.REDIRECT_REFUSED, "a redirect that gives up encryption")
    stays = url.origin() == request.url.origin()
    headers = request.headers if stays else _harmless(request.headers)
    if status in KEEP_METHOD or request.method in HARMLESS:
        if request.body and not stays:
            message = "a redirect that asks for the body on another host"
            raise FailedError(ProbeReason.REDIRECT_REFUSED, message)
        method, body = request.method, request.body
    else:
        method, body = "GET", b""
    return Request(
        url=url,
        method=method,
        headers=headers,
        body=body,
        tls=request.tls,
        server_name=request.server_name if stays else "",
        max_body_bytes=request.max_body_bytes,
    )


def _harmless(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() in TRAVELLING}
