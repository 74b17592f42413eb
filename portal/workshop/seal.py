"""Seals: a signature of the practice's own over a whole file, which anybody can check who has its certificate.
The pyHanko door.

PAdES (baseline B, with a time from elsewhere T), certified so that no change is allowed. No clock and no network: the
answer of a server of times is brought along.
"""

import asyncio
import hashlib
import json
import os
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from typing import Any

os.environ["TZ"] = "UTC"

import cryptography.hazmat.backends.openssl.backend  # noqa: F401  these are wanted in the middle, too late
import pyhanko.pdf_utils.crypt.pdfmac
import pyhanko.pdf_utils.filters
import pyhanko.pdf_utils.metadata.xmp_xml  # noqa: F401
import tzlocal
from asn1crypto import algos, cms, core, keys, tsp, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.general import simple_cms_attribute
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator.registry import SimpleCertificateStore

from portal.workshop import CONTENT, FACTS, Refusal, unpacked

FIELD = "Seal"
RECORD = "/PortalRecord"
FOR_A_TIME = 2 * 12_000  # signs of hexadecimal: room for the answer of a server of times
MOST_SEALS = 20
Part = tuple[str, bytes | dict[str, object]]

tzlocal.get_localzone()  # from now on it is known
LOOP = asyncio.new_event_loop()  # its files are open before none can be


def sealed(content: bytes) -> Iterator[Part]:
    """Of `{name, wants_time}`, the file, the key and the certificate; with what a server of times is to be asked."""
    order, file, key, certificate = unpacked(content)
    told = json.loads(order)
    signer = signers.SimpleSigner(
        signing_cert=x509.Certificate.load(certificate), signing_key=keys.PrivateKeyInfo.load(key),
        cert_registry=SimpleCertificateStore(),
    )  # fmt: skip
    about = signers.PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", name=told["name"], subfilter=fields.SigSeedSubFilter.PADES,
        certify=True, docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )  # fmt: skip
    writer = IncrementalPdfFileWriter(BytesIO(file))
    room = FOR_A_TIME if told["wants_time"] else None
    made = LOOP.run_until_complete(signers.PdfSigner(about, signer).async_sign_pdf(writer, bytes_reserved=room))
    kept = made.getvalue()
    asked = question_of(the_seal(kept)) if told["wants_time"] else b""
    yield FACTS, {"asked": asked.hex()}
    yield CONTENT, kept


def question_of(seal: EmbeddedPdfSignature) -> bytes:
    imprint = {"hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}), "hashed_message": imprint_of(seal)}
    return bytes(
        tsp.TimeStampReq(
            {"version": "v1", "message_imprint": imprint, "cert_req": True,
             "nonce": core.Integer(int.from_bytes(os.urandom(8), "big"))}
        ).dump()
    )  # fmt: skip


def stamped(content: bytes) -> Iterator[Part]:
    """Of a sealed file, what was asked and what the server of times has answered: the file with that in its seal."""
    file, asked, answered = unpacked(content)
    seal = the_seal(file)
    token = token_of(tsp.TimeStampResp.load(answered), tsp.TimeStampReq.load(asked), seal)
    message = cms.ContentInfo.load(seal.pkcs7_content)
    signed = message["content"]["signer_infos"][0]
    signed["unsigned_attrs"] = cms.CMSAttributes([simple_cms_attribute("signature_time_stamp_token", token)])
    start, end = seal.byte_range[1], seal.byte_range[2]
    written = message.dump(force=True).hex().upper().encode()
    if len(written) > end - start - 2:
        raise Refusal("too_much")
    kept = file[:start] + b"<" + written.ljust(end - start - 2, b"0") + b">" + file[end:]
    yield FACTS, {"size": len(kept)}
    yield CONTENT, kept


def token_of(answer: tsp.TimeStampResp, asked: tsp.TimeStampReq, seal: EmbeddedPdfSignature) -> cms.ContentInfo:
    """Only of this very seal, and only where it answers this very question."""
    if answer["status"]["status"].native not in ("granted", "granted_with_mods"):
        raise Refusal("no_time")
    token = answer["time_stamp_token"]
    said = token["content"]["encap_content_info"]["content"].parsed
    is_ours = said["message_imprint"]["hashed_message"].native == imprint_of(seal)
    if not is_ours or said["nonce"].native != asked["nonce"].native:
        raise Refusal("no_time")
    return token


def imprint_of(seal: EmbeddedPdfSignature) -> bytes:
    return hashlib.sha256(seal.signer_info["signature"].native).digest()


def the_seal(file: bytes) -> EmbeddedPdfSignature:
    (seal,) = PdfFileReader(BytesIO(file)).embedded_signatures
    return seal


# Checking -------------------------------------------------------------------------------------------------------------


def checked(content: bytes) -> Iterator[Part]:
    """Every seal in a file that somebody sent: whose, whether it holds, and whether anything stands behind it."""
    try:
        reader = PdfFileReader(BytesIO(content), strict=False)
        found = list(reader.embedded_signatures)[:MOST_SEALS]
        seals = [one for one in (told_of(seal, content) for seal in found) if one]
        record = str(reader.trailer["/Info"].get(RECORD, "")) if seals else ""
    except MemoryError:
        raise
    except Exception as error:  # whatever a damaged file makes of its reader
        raise Refusal("damaged") from error
    yield FACTS, {"seals": seals, "record": record}
    yield CONTENT, b"-"


def told_of(seal: EmbeddedPdfSignature, file: bytes) -> dict[str, Any] | None:
    """None where it is none that could be checked."""
    try:
        certificate = seal.signer_cert
        seal.compute_integrity_info(skip_diff=True)
        is_intact, is_valid = validate_sig_integrity(seal.signer_info, certificate, "data", seal.compute_digest())
        at = seal.self_reported_timestamp
        return {
            "fingerprint": certificate.sha256.hex(),
            "holds": bool(is_intact and is_valid),
            "is_whole": seal.coverage == SignatureCoverageLevel.ENTIRE_FILE and covers_all(seal, file),
            "at": at.isoformat() if isinstance(at, datetime) else "",
        }
    except Exception:  # the same
        return None


def covers_all(seal: EmbeddedPdfSignature, file: bytes) -> bool:
    """All but itself: between the two stretches there is the signature, filled up with zeros, and nothing else."""
    first, length, second, rest = (int(one) for one in seal.byte_range)
    message = cms.ContentInfo.load(seal.pkcs7_content)
    between = file[length:second]
    written = message.dump().hex().upper().encode()
    is_alone = between[:1] == b"<" and between[-1:] == b">" and between[1:-1] == written.ljust(len(between) - 2, b"0")
    return first == 0 and second + rest == len(file) and is_alone
