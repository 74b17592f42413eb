"""What completed documents are sealed with: a key and a certificate of the practice's own, in the key file."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from portal import keys
from portal.settings import settings

WHICH = "signets"
YEARS = 20
LONGEST_NAME = 64


@dataclass(frozen=True)
class Signet:
    """The key is PKCS #8, the certificate X.509, both as DER."""

    made_at: str
    key: bytes
    certificate: bytes

    @property
    def fingerprint(self) -> bytes:
        return hashlib.sha256(self.certificate).digest()

    @property
    def pem(self) -> str:
        return x509.load_der_x509_certificate(self.certificate).public_bytes(serialization.Encoding.PEM).decode()


@cache
def signets() -> tuple[Signet, ...]:
    """Newest first: it seals, and by any of them a document is known as ours. The first to ask makes one."""
    path = settings().keys_file
    if not keys.kept(path)[WHICH]:
        with keys.alone_with(path):
            if not keys.kept(path)[WHICH]:
                keys.put_first(path, WHICH, _cut())
    return tuple(
        Signet(one["made_at"], base64.b64decode(one["key"]), base64.b64decode(one["certificate"]))
        for one in keys.kept(path)[WHICH]
    )


def add(path: Path) -> None:
    """It seals from now on."""
    with keys.alone_with(path):
        keys.put_first(path, WHICH, _cut())
    signets.cache_clear()


def knows(fingerprint: bytes) -> bool:
    """One that another process has made meanwhile is read from the file."""
    for _ in range(2):
        if any(one.fingerprint == fingerprint for one in signets()):
            return True
        signets.cache_clear()
    return False


def may_have_sealed(file: bytes) -> bool:
    """Whether one of our certificates stands in it, as seals write them: soon told, before anybody reads it."""
    written = file.upper()
    for _ in range(2):
        if any(one.certificate.hex().upper().encode() in written for one in signets()):
            return True
        signets.cache_clear()
    return False


def _cut() -> dict[str, str]:
    now, key = datetime.now(UTC).replace(microsecond=0), ec.generate_private_key(ec.SECP256R1())
    certificate = _certified(key, f"Document seal of {urlsplit(settings().base_url).hostname}"[:LONGEST_NAME], now)
    secret = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "made_at": now.isoformat(timespec="seconds"),
        "key": base64.b64encode(secret).decode(),
        "certificate": base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode(),
    }


def _certified(key: ec.EllipticCurvePrivateKey, called: str, now: datetime) -> x509.Certificate:
    """By itself: for signing and for nothing else."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, called)])
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=365 * YEARS))
    made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    return made.add_extension(usage, critical=True).sign(key, hashes.SHA256())
