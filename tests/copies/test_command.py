"""`portal documents verify` and the seal of `portal keys`, as somebody at the command line has them."""

import json
import os
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from portal.database import fetch
from portal.settings import settings
from tests.copies.steps import completed
from tests.filling.steps import a_shared_form, drafted, submitted
from tests.library.files import a_form, line
from tests.tasks.commands import portal

INTAKE = a_form(line("full_name", TU="Full name"))


async def test_all_documents_are_computed_again_and_a_changed_one_ends_with_1(cast, db):
    document_id = await a_shared_form(cast, INTAKE)
    await drafted(cast, document_id, {"full_name": ["Maya Reyes"]})
    await completed((await submitted(cast, document_id)).id)
    told = verify(db)
    assert told.returncode == 0 and "1 submissions with 1 copies: all as they were." in told.stdout
    await fetch("ALTER TABLE form_submission DISABLE TRIGGER USER")
    try:
        await fetch('UPDATE form_submission SET answers = \'{{"full_name": ["Somebody"]}}\'')
    finally:
        await fetch("ALTER TABLE form_submission ENABLE TRIGGER USER")
    told = verify(db, str(document_id), "--json")
    assert told.returncode == 1 and json.loads(told.stdout)["submissions"][0]["faults"] == [
        "the answers are not those that were sent"
    ]
    assert "Maya" not in told.stdout and "Somebody" not in told.stdout
    assert verify(db, "999999").returncode == 0


def verify(dsn: str, *words: str):
    told = {"DATABASE_URL": dsn, "SECRET_KEY": os.environ["SECRET_KEY"]}
    return portal(settings().data_dir, "documents", "verify", *words, **told)


async def test_init_makes_key_and_seal_once(tmp_path: Path):
    first = json.loads(portal(tmp_path, "keys", "init", "--json").stdout)
    again = json.loads(portal(tmp_path, "keys", "init", "--json").stdout)
    assert first == again and len(first["seal"]) == 64 and Path(first["path"]).stat().st_mode & 0o777 == 0o600


async def test_a_new_seal_comes_first_and_all_certificates_can_be_handed_on(tmp_path: Path):
    first = json.loads(portal(tmp_path, "keys", "init", "--json").stdout)
    second = json.loads(portal(tmp_path, "keys", "new-seal", "--json").stdout)
    found = x509.load_pem_x509_certificates(portal(tmp_path, "keys", "certificate").stdout.encode())
    assert [one.fingerprint(SHA256()).hex() for one in found] == [second["seal"], first["seal"]]
    assert json.loads(portal(tmp_path, "keys", "list", "--json").stdout)[0]["id"] == first["key"]
