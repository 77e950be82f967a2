"""Time stamps (RFC 3161): an authority signs that a hash was there at a time; nothing but the hash is sent."""

from __future__ import annotations

import hashlib
import http.client
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from crossid.errors import CrossidError, ModelError, SettingsError

if TYPE_CHECKING:
    from datetime import datetime

WAIT_S = 30.0
MOST_BYTES = 1 << 20
"""An answer is a few kilobytes; whoever sends more is no time stamping authority."""
ASK_ANOTHER = "Ask another time stamping authority, or leave --timestamp out."


class Stamp(NamedTuple):
    """What an authority answered: `token` is its whole answer in DER, `at` the time it signed."""

    token: bytes
    at: datetime


def check_address(url: str) -> None:
    """Whether a time stamp can be asked for at an address, before any work is done.

    Raises:
        SettingsError: it is no address of a server.
        ModelError: the library that speaks the protocol is not installed.
    """
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        raise SettingsError(f"{url} is no address of a time stamping authority.", remedy="It begins with https://.")
    try:
        import rfc3161_client  # noqa: F401
    except ImportError as error:
        raise ModelError(
            "Time stamps need a library that is not installed.", remedy="pip install 'crossid[timestamp]'"
        ) from error


def stamp(data: bytes, url: str) -> Stamp:
    """Have the SHA-256 of `data` stamped.

    The answer is checked as far as it can be without the authority's certificate: that it was granted,
    for this hash and this question. Who signed it is checked by whoever trusts the authority:
    `openssl ts -verify`.

    Raises:
        CrossidError: there is no answer, or none that stamps this hash.
    """
    import rfc3161_client as rfc3161

    request = (
        rfc3161.TimestampRequestBuilder()
        .data(data)
        .hash_algorithm(rfc3161.HashAlgorithm.SHA256)
        .nonce(nonce=True)
        .cert_request(cert_request=True)
        .build()
    )
    answer = _ask(request.as_bytes(), url)
    try:
        response = rfc3161.decode_timestamp_response(answer)
        granted = rfc3161.PKIStatus(response.status).name.startswith("GRANTED")
        info = response.tst_info if granted else None
    except ValueError as error:
        raise CrossidError(f"{url} did not answer with a time stamp.", remedy=ASK_ANOTHER) from error
    if info is None:
        raise CrossidError(f"{url} refused to stamp: {' '.join(response.status_string)}.", remedy=ASK_ANOTHER)
    if info.message_imprint.message != hashlib.sha256(data).digest() or info.nonce != request.nonce:
        raise CrossidError(f"{url} stamped something else than it was asked to.", remedy=ASK_ANOTHER)
    return Stamp(token=answer, at=info.gen_time)


def _ask(question: bytes, url: str) -> bytes:
    request = urllib.request.Request(  # noqa: S310 -- check_address lets http and https through, nothing else
        url, data=question, headers={"Content-Type": "application/timestamp-query"}
    )
    try:
        with urllib.request.urlopen(request, timeout=WAIT_S) as answer:  # noqa: S310 -- as above
            found: bytes = answer.read(MOST_BYTES + 1)
    except (OSError, http.client.HTTPException, ValueError) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise CrossidError(f"{url} does not answer: {error}.", remedy=ASK_ANOTHER) from error
    if len(found) > MOST_BYTES:
        raise CrossidError(f"{url} did not answer with a time stamp.", remedy=ASK_ANOTHER)
    return found
