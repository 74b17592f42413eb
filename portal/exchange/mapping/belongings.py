"""RelatedPerson, contacts of a patient, Coverage → what belongs to one chart."""

from collections.abc import Sequence
from datetime import date

from portal.clients.names import folded
from portal.clients.tables import Coverage as CoverageRow
from portal.clients.tables import RelatedKind
from portal.clients.tables import RelatedPerson as RelatedRow
from portal.exchange.drafts import BelongingDraft, Link
from portal.exchange.fhir import CodeableConcept, Contact, ContactPoint, Coverage, HumanName, RelatedPerson
from portal.exchange.identifiers import LIKE_SSN, Key, bare
from portal.exchange.mapping.names import best_name
from portal.exchange.mapping.values import (
    concept_words,
    email_address,
    first_day,
    last_day,
    phone_number,
    plain,
    reachable,
)
from portal.exchange.report import Place, Report

CONTACT_ROLE = "/v2-0131"
FAMILY_ROLE = "/v3-RoleCode"
EMERGENCY = {"C", "EP"}
CONTACT_WORDS = {"E": "employer", "N": "next of kin", "BP": "billing contact", "CP": "contact", "PR": "referred by"}
NOT_FAMILY = {
    "FRND", "NBOR", "ROOM", "ONESELF", "GUARD", "POWATT", "DPOWATT", "HPOWATT", "SPOWATT", "RESPRSN", "EXCEST",
}  # fmt: skip
FAMILY_WORDS = {
    "mother", "father", "parent", "spouse", "wife", "husband", "partner", "son", "daughter", "child", "brother",
    "sister", "sibling", "grandmother", "grandfather", "grandparent", "aunt", "uncle", "niece", "nephew", "cousin",
}  # fmt: skip
MOST_RANK = 99


def related_person(
    place: Place, key: Key | None, owner: Link, found: RelatedPerson, today: date, report: Report
) -> BelongingDraft | None:
    return _person(place, key, owner, found.name, found.relationship, found.telecom, today, report)


def contact(place: Place, owner: Link, found: Contact, today: date, report: Report) -> BelongingDraft | None:
    """An organization may be one: then its name stands for a family name."""
    names = [found.name] if found.name else []
    if not names and found.organization is not None and plain(found.organization.display):
        names = [HumanName(family=found.organization.display)]
    return _person(place, None, owner, names, found.relationship, found.telecom, today, report)


def _person(
    place: Place, key: Key | None, owner: Link, names: Sequence[HumanName], relationship: Sequence[CodeableConcept],
    telecom: Sequence[ContactPoint], today: date, report: Report,
) -> BelongingDraft | None:  # fmt: skip
    name = best_name(names, today)
    if name is None:
        report.notice(place, "a related person has no name: left out")
        return None
    likeness = folded(f"{name.given} {name.family}")
    draft = BelongingDraft(place, key, owner=owner, likeness=(likeness,), person=(owner.key, likeness))
    draft.put(RelatedRow.given_name, name.given, report)
    draft.put(RelatedRow.family_name, name.family, report)
    draft.put(RelatedRow.kind, _kind(relationship))
    draft.put(RelatedRow.relationship, _relationship(relationship), report)
    draft.put(RelatedRow.is_emergency_contact, _is_emergency(relationship) or None)
    if points := reachable(telecom, {"phone", "sms"}, today):
        number, why = phone_number(points[0].value)
        draft.put(RelatedRow.phone, number, report)
        if why:
            report.notice(place, why)
    if points := reachable(telecom, {"email"}, today):
        address = email_address(points[0].value)
        draft.put(RelatedRow.email, address)
        if address is None:
            report.notice(place, "an e-mail address is not one: it was left out")
    return draft


def _is_emergency(concepts: Sequence[CodeableConcept]) -> bool:
    return any(_is_contact_role(one.system) and one.code in EMERGENCY for concept in concepts for one in concept.coding)


def _relationship(concepts: Sequence[CodeableConcept]) -> str:
    """What the person is to the client; being called in an emergency is told by its own mark."""
    for concept in concepts:
        roles = [one.code for one in concept.coding if _is_contact_role(one.system)]
        if roles and set(roles) <= EMERGENCY | {"U"}:
            continue
        words = concept_words(concept) or next((CONTACT_WORDS[role] for role in roles if role in CONTACT_WORDS), "")
        if words:
            return words
    return ""


def _kind(concepts: Sequence[CodeableConcept]) -> RelatedKind | None:
    """None where nothing is said of it."""
    codings = [coding for concept in concepts for coding in concept.coding]
    words = set(folded(" ".join(concept_words(concept) for concept in concepts)).split())
    if any(one.system.endswith(FAMILY_ROLE) and one.code not in NOT_FAMILY for one in codings) or words & FAMILY_WORDS:
        return RelatedKind.FAMILY
    if any(_is_contact_role(one.system) and one.code == "N" for one in codings):
        return RelatedKind.FAMILY
    return RelatedKind.CUSTOM if words or codings else None


def _is_contact_role(system: str) -> bool:
    """The address of the table of contact roles, of R4 or of before."""
    return system.endswith((CONTACT_ROLE, "/v2/0131"))


def coverage(
    place: Place, key: Key | None, owner: Link, found: Coverage, payer: str, subscriber: str, secrets: frozenset[str],
    report: Report,
) -> BelongingDraft:  # fmt: skip
    """`secrets` are numbers of the client that must not come in by another door."""
    draft = BelongingDraft(place, key, owner=owner)
    draft.put(CoverageRow.payer, plain(payer), report)
    draft.put(CoverageRow.plan, _class(found, "plan") or concept_words(found.type), report)
    draft.put(CoverageRow.group_number, _class(found, "group", by_value=True), report)
    member = plain(found.subscriber_id)
    if LIKE_SSN.fullmatch(member) or bare(member) in secrets:
        report.notice(place, "the subscriber's number is like a social security or licence number: it was not kept")
    else:
        draft.put(CoverageRow.member_id, member, report)
    draft.put(CoverageRow.subscriber_name, plain(subscriber), report)
    codes = [plain(coding.code) for coding in found.relationship.coding]
    draft.put(CoverageRow.relationship, next(filter(None, codes), "") or plain(found.relationship.text), report)
    if found.order is not None:
        draft.put(CoverageRow.rank, max(1, min(found.order, MOST_RANK)))
    draft.put(CoverageRow.starts_on, first_day(found.period.start))
    draft.put(CoverageRow.ends_on, last_day(found.period.end))
    draft.likeness = (folded(str(draft.fields.get("payer", ""))), str(draft.fields.get("member_id", "")))
    draft.person = (owner.key,)
    return draft


def _class(found: Coverage, code: str, by_value: bool = False) -> str:
    for one in found.classes:
        if any(coding.code == code for coding in one.type.coding):
            return plain(one.value) if by_value else plain(one.name) or plain(one.value)
    return ""
