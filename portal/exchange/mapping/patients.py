"""Patient → chart, with its e-mails, phones and addresses."""

from datetime import date

from portal.clients.names import folded
from portal.clients.tables import Client, ClientAddress, ClientEmail, ClientPhone, EmailKind
from portal.exchange.drafts import Draft, PatientDraft
from portal.exchange.fhir import Patient
from portal.exchange.identifiers import Key
from portal.exchange.mapping.names import best_name
from portal.exchange.mapping.values import (
    address_parts,
    closed,
    concept_words,
    current_addresses,
    email_address,
    full_day,
    is_partial,
    last_day,
    phone_number,
    plain,
    reachable,
)
from portal.exchange.report import Place, Report

EARLIEST = date(1880, 1, 1)
SEXES = {"male", "female", "other", "unknown"}
SEX_CODES = {"248152002": "female", "248153007": "male", "F": "female", "M": "male"}
SEX_EXTENSIONS = ("us-core-individual-sex", "us-core-sex", "us-core-birthsex")
MARITAL = {
    "A": "annulled", "C": "common law", "D": "divorced", "I": "interlocutory", "L": "legally separated", "M": "married",
    "P": "polygamous", "S": "never married", "T": "domestic partner", "U": "unmarried", "W": "widowed", "UNK": "",
}  # fmt: skip
PHONE_USES = {"home": "home", "work": "work", "mobile": "mobile"}
ADDRESS_USES = {"home": "home", "work": "work", "temp": "temporary", "billing": "billing"}


def chart(place: Place, key: Key, found: Patient, today: date, report: Report) -> PatientDraft | None:
    name = best_name(found.name, today)
    is_born_well = _may_be_born(place, found.birth_date, today, report)
    if name is None:
        report.error(place, "the patient has no name: enter one where it came from")
    if name is None or not is_born_well:
        return None
    if name.is_guessed:
        report.notice(place, "the name is one text: its last word was taken for the family name")
    draft = PatientDraft(place, key)
    draft.put(Client.record_number, key.value, report)
    for column, text in (
        (Client.given_name, name.given), (Client.middle_name, name.middle), (Client.family_name, name.family),
        (Client.suffix, name.suffix), (Client.preferred_name, name.preferred),
    ):  # fmt: skip
        draft.put(column, text, report)
    draft.put(Client.birth_date, full_day(found.birth_date))
    draft.put(Client.sex, _sex(found))
    draft.put(Client.marital_status, _marital_status(found), report)
    draft.put(Client.language, _language(found), report)
    _put_standing(draft, found, today, report)
    draft.person = (folded(f"{name.given} {name.family}"), draft.fields.get("birth_date"))
    draft.emails, draft.phones = _emails(place, found, today, report), _phones(place, found, today, report)
    draft.addresses = _addresses(place, found, today, report)
    return draft


def _may_be_born(place: Place, text: str, today: date, report: Report) -> bool:
    """Without a day the chart is made; with half a day it is not, because portal access asks for the whole one."""
    born = full_day(text)
    if not text:
        report.notice(place, "there is no birth date: the chart needs one before portal access")
    elif born is not None and EARLIEST < born <= today:
        pass
    elif born is not None:
        report.error(place, "the birth date is in the future or before 1880: correct it where it came from")
    elif is_partial(text):
        report.error(place, "the birth date is incomplete: the chart needs the full date before portal access")
    else:
        report.error(place, "the birth date is not a date: correct it where it came from")
    return not text or (born is not None and EARLIEST < born <= today)


def _sex(found: Patient) -> str:
    """The administrative one; where it is missing, what US Core says."""
    if found.gender in SEXES:
        return found.gender
    said = {
        one.url.rpartition("/")[2]: SEX_CODES.get(one.value_code or one.value_coding.code) for one in found.extension
    }
    return next((sex for name in SEX_EXTENSIONS if (sex := said.get(name))), "")


def _marital_status(found: Patient) -> str:
    for coding in found.marital_status.coding:
        if coding.code in MARITAL:
            return MARITAL[coding.code]
    return concept_words(found.marital_status)


def _language(found: Patient) -> str:
    """The preferred one, as a code; or the only one."""
    told = [one.language for one in found.communication if one.preferred]
    if not told and len(found.communication) == 1:
        told = [found.communication[0].language]
    codes = [plain(coding.code) for language in told for coding in language.coding if plain(coding.code)]
    return codes[0] if codes else ""


def _put_standing(draft: PatientDraft, found: Patient, today: date, report: Report) -> None:
    """Who has died is not invited: without the day, the latest possible one stands for it. `false` revives nobody, as
    systems say it by default."""
    died = full_day(found.deceased_date_time)
    if died is not None and died <= today:
        draft.put(Client.deceased_on, died)
    elif found.deceased_date_time or found.deceased_boolean:
        draft.died_by = min(last_day(found.deceased_date_time) or today, today)
        report.notice(
            draft.place, "the patient has died, but the date is not given: the latest possible day stands for it"
        )
    draft.put(Client.is_active, closed(found.active))


def _emails(place: Place, found: Patient, today: date, report: Report) -> list[Draft]:
    drafts: dict[str, Draft] = {}
    for point in reachable(found.telecom, {"email"}, today):
        address = email_address(point.value)
        if address is None:
            report.notice(place, "an e-mail address is not one: it was left out")
        elif address.casefold() not in drafts:
            draft = drafts[address.casefold()] = Draft(place, None)
            draft.put(ClientEmail.kind, EmailKind.WORK if point.use == "work" else EmailKind.PERSONAL)
            draft.put(ClientEmail.address, address)
            draft.put(ClientEmail.address_key, address.casefold())
    return list(drafts.values())


def _phones(place: Place, found: Patient, today: date, report: Report) -> list[Draft]:
    drafts: dict[str, Draft] = {}
    for point in reachable(found.telecom, {"phone", "sms"}, today):
        number, why = phone_number(point.value)
        draft = Draft(place, None)
        draft.put(ClientPhone.kind, "mobile" if point.system == "sms" else PHONE_USES.get(point.use, "other"))
        draft.put(ClientPhone.number, number, report)
        if number not in drafts and why:
            report.notice(place, why)
        drafts.setdefault(number, draft)
    return list(drafts.values())


def _addresses(place: Place, found: Patient, today: date, report: Report) -> list[Draft]:
    """One of each kind: the first."""
    drafts: dict[str, Draft] = {}
    for address in current_addresses(found.address, today):
        kind = "mailing" if address.type == "postal" else ADDRESS_USES.get(address.use, "home")
        parts = address_parts(address)
        if kind not in drafts and any(parts.values()):
            draft = drafts[kind] = Draft(place, None)
            for column in (
                ClientAddress.street, ClientAddress.street_2, ClientAddress.city, ClientAddress.state,
                ClientAddress.postal_code, ClientAddress.country,
            ):  # fmt: skip
                draft.fields[column._meta.name] = "US" if column is ClientAddress.country else ""
                draft.put(column, parts[column._meta.name], report)
            draft.put(ClientAddress.kind, kind)
    return list(drafts.values())
