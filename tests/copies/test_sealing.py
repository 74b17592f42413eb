"""A seal holds until a byte changes, anything is added, or another has made it."""

import base64
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from portal import signets
from portal.copies import timestamps, workbench
from portal.keys import kept
from portal.settings import settings
from portal.uploads import bench
from tests.library.files import a_form, line
from tests.uploads.files import a_pdf

NAME = "Harbor Lane Counseling"


@pytest.fixture
async def file() -> bytes:
    """What the workshop writes, sealed."""
    flat = await workbench.flattened(a_form(line("f")), {}, b"", (), a_pdf(), title="x", record='{"submission": 1}')
    return (await workbench.sealed(flat.content, signets.signets()[0], NAME, wants_time=False))[0]


async def test_a_seal_names_the_practice_covers_all_of_the_file_and_tells_its_record(file):
    found = await workbench.checked(file)
    (seal,) = found.seals
    assert (seal.fingerprint, seal.holds, seal.is_whole) == (signets.signets()[0].fingerprint, True, True)
    assert seal.at is not None and abs(seal.at - datetime.now(UTC)) < timedelta(minutes=10)
    assert found.record == '{"submission": 1}' and signets.knows(seal.fingerprint)
    with pikepdf.open(BytesIO(file)) as pdf:
        (field,) = pdf.Root.AcroForm.Fields
        assert field.V.SubFilter == "/ETSI.CAdES.detached" and str(field.V.Name) == NAME
        assert pdf.Root.Perms.DocMDP.Reference[0].TransformParams.P == 1, "no change is allowed"
        assert all(float(side) == 0 for side in field.Rect), "it is not seen"


async def test_a_byte_that_changes_breaks_it_wherever_it_is(file):
    """A few of them: each takes a process of its own."""
    broken = []
    for place in (20, len(file) // 3, len(file) - 300, len(file) - 3, file.index(b"/Contents <") + 2000):
        changed = file[:place] + bytes([file[place] ^ 1]) + file[place + 1 :]
        found = await workbench.checked(changed)
        broken.append(not any(one.holds and one.is_whole for one in found.seals))
    assert broken == [True] * 5


async def test_what_is_added_behind_it_is_noticed(file):
    with pikepdf.open(BytesIO(file)) as pdf:
        number = len(pdf.objects) + 1
    more = (
        f"\n{number} 0 obj\n<< /A (more) >>\nendobj\nxref\n{number} 1\n{len(file) + 1:010d} 00000 n \ntrailer\n"
        f"<< /Size {number + 1} /Root 1 0 R /Prev {startxref(file)} >>\nstartxref\n{len(file) + 40}\n%%EOF\n"
    )
    for changed in (file + more.encode(), file + b"\n% more\n", file + b"\0"):
        assert not any(one.holds and one.is_whole for one in (await workbench.checked(changed)).seals)


def startxref(file: bytes) -> int:
    return int(file.rpartition(b"startxref")[2].split()[0])


@pytest.mark.parametrize(
    "content", [b"", b"no pdf", b"%PDF-1.7\n%%EOF", a_pdf()], ids=["nothing", "text", "half", "plain"]
)
async def test_what_has_no_seal_has_none(content):
    assert (await workbench.checked(content)).seals == ()


async def test_another_seal_is_not_ours():
    other = signets.Signet("", *await another())
    flat = await workbench.flattened(a_form(line("f")), {}, b"", (), a_pdf(), title="x", record="{}")
    sealed, _ = await workbench.sealed(flat.content, other, NAME, wants_time=False)
    (seal,) = (await workbench.checked(sealed)).seals
    assert seal.holds and seal.is_whole and not signets.knows(seal.fingerprint)


async def another() -> tuple[bytes, bytes]:
    told = signets._cut()
    return base64.b64decode(told["key"]), base64.b64decode(told["certificate"])


async def test_a_new_seal_comes_first_and_the_former_is_still_known(file):
    before = signets.signets()[0]
    keys = kept(settings().keys_file)["keys"]
    signets.add(settings().keys_file)
    after = signets.signets()
    assert after[0].fingerprint != before.fingerprint and after[1] == before
    assert signets.knows(before.fingerprint) and kept(settings().keys_file)["keys"] == keys
    assert settings().keys_file.stat().st_mode & 0o777 == 0o600


# A server of times ----------------------------------------------------------------------------------------------------


def a_server_of_times():
    """RFC 3161 by pyHanko's own stand-in, with a certificate of its own."""
    from asn1crypto import keys as asn1_keys
    from asn1crypto import x509 as asn1_x509
    from pyhanko.sign.timestamps import DummyTimeStamper

    key, now = rsa.generate_private_key(65537, 2048), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Times")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=9))
    certificate = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    secret = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return DummyTimeStamper(asn1_x509.Certificate.load(certificate), asn1_keys.PrivateKeyInfo.load(secret))


def answer_to(asked: bytes) -> bytes:
    from asn1crypto import tsp

    return bytes(a_server_of_times().request_tsa_response(tsp.TimeStampReq.load(asked)).dump())


async def test_the_time_of_a_server_stands_in_the_seal(asked_of):
    sealed, asked = await asked_of()
    stamped = await workbench.stamped(sealed, asked, answer_to(asked))
    assert len(stamped) == len(sealed) and stamped != sealed
    (seal,) = (await workbench.checked(stamped)).seals
    assert seal.holds and seal.is_whole
    with pikepdf.open(BytesIO(stamped)) as pdf:
        held = bytes(pdf.Root.AcroForm.Fields[0].V.Contents)
    assert b"Times" in held


async def test_an_answer_to_another_question_is_none(asked_of):
    sealed, asked = await asked_of()
    _, other = await asked_of()
    for answer in (answer_to(other), b"no answer", b""):
        with pytest.raises(bench.Turned):
            await workbench.stamped(sealed, asked, answer)


@pytest.fixture
def asked_of():
    async def ask() -> tuple[bytes, bytes]:
        flat = await workbench.flattened(a_form(line("f")), {}, b"", (), a_pdf(), title="x", record="{}")
        return await workbench.sealed(flat.content, signets.signets()[0], NAME, wants_time=True)

    return ask


async def test_whoever_does_not_answer_is_away():
    with pytest.raises(timestamps.Away):
        await timestamps.answered("http://127.0.0.1:1/", b"asked")
