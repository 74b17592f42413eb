"""What a superbill lacks before an insurer takes it."""

import re
from dataclasses import dataclass

from portal.invoices.queries.superbill import Superbill
from portal.language import lazy
from portal.practice.identifiers import is_npi

PRACTICE, CLINICIAN, CLIENT, ENCOUNTER = "practice", "clinician", "client", "encounter"
EIN = re.compile(r"\d{2}-\d{7}")


@dataclass(frozen=True)
class Lack:
    """`where` it is filled in: of the practice, the clinician, the client, or the encounter."""

    where: str
    words: object


def lacks(one: Superbill) -> list[Lack]:
    return [Lack(where, words) for where, words, is_there in _asked(one) if not is_there]


def of_client(found: list[Lack]) -> list[Lack]:
    """Those that the client can fill in."""
    return [lack for lack in found if lack.where == CLIENT]


def _asked(one: Superbill) -> list[tuple[str, object, bool]]:
    facts, practice, client = one.facts, one.practice, one.client
    who = facts["clinician"]
    return [
        (PRACTICE, lazy("The practice's address"), bool(practice.street and practice.city and practice.state)),
        (PRACTICE, lazy("The practice's phone number"), bool(practice.phone)),
        (PRACTICE, lazy("The practice's tax ID (EIN), such as 12-3456789"), bool(EIN.fullmatch(practice.tax_id))),
        (PRACTICE, lazy("The practice's NPI"), is_npi(practice.npi)),
        (CLINICIAN, lazy("The NPI of %(name)s", name=who), is_npi(facts["npi"])),
        (CLINICIAN, lazy("The credentials of %(name)s", name=who), bool(facts["credentials"])),
        (
            CLINICIAN,
            lazy("The license of %(name)s, with its state", name=who),
            bool(facts["license_number"] and facts["license_state"]),
        ),
        (CLIENT, lazy("The client's date of birth"), client.birth_date is not None),
        (CLIENT, lazy("The client's address"), client.has_address),
        (ENCOUNTER, lazy("At least one diagnosis"), bool(one.diagnoses)),
        (ENCOUNTER, lazy("A diagnosis that each service points to"), all(line.pointers for line in one.lines)),
        (ENCOUNTER, lazy("The member ID of the insurance"), bool(facts["member_id"] or not facts["payer"])),
    ]
