"""A time stamping authority (RFC 3161) on this machine: a certificate of its own, and OpenSSL to sign with."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

CONFIG = """
[tsa]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
crypto_device = builtin
certs = cert.pem
"""


@contextmanager
def authority(folder: Path) -> Iterator["Authority"]:
    """Runs for as long as the block lasts; its certificate is `folder/cert.pem`."""
    _certify(folder)
    server = Authority(("127.0.0.1", 0), _Answer)
    server.folder, server.asked, server.spoil = folder, [], None
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Authority(HTTPServer):
    """`asked`: bodies of all requests; `spoil`: bytes that are answered instead, or a status."""

    folder: Path
    asked: list[bytes]
    spoil: bytes | int | None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/tsr"


class _Answer(BaseHTTPRequestHandler):
    server: Authority

    def do_POST(self) -> None:
        question = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(question)
        spoil = self.server.spoil
        if isinstance(spoil, int):
            self.send_error(spoil)
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(spoil if spoil is not None else sign(self.server.folder, question))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def sign(folder: Path, question: bytes) -> bytes:
    """The authority's answer to a request, both in DER."""
    (folder / "question.tsq").write_bytes(question)
    words = "openssl ts -reply -config tsa.cnf -section tsa -queryfile question.tsq -signer cert.pem -inkey key.pem"
    subprocess.run([*words.split(), "-out", "answer.tsr"], cwd=folder, check=True, capture_output=True)
    return (folder / "answer.tsr").read_bytes()


def _certify(folder: Path) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "a test's authority")])
    usage = x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.TIME_STAMPING])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(*pem))
    (folder / "tsa.cnf").write_text(CONFIG)
    (folder / "serial").write_text("01\n")
