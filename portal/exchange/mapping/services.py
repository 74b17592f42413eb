"""What was done: code, words, units and modifiers of a service, and the diagnoses that it points to."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.encounters.drafts import DiagnosisDraft
from portal.encounters.rules import MODIFIER, MOST_MODIFIERS, MOST_UNITS
from portal.exchange.claims import Item, Money, Quantity
from portal.exchange.fhir import CodeableConcept
from portal.exchange.mapping.amounts import A_CENT, Wrong, exact, sensible
from portal.exchange.mapping.values import concept_words, plain
from portal.exchange.mapping.visits import SEMANTIC_TAG

# CPT, then HCPCS, under the names that are in use; then whatever comes first.
SYSTEMS = (
    "http://www.ama-assn.org/go/cpt",
    "urn:oid:2.16.840.1.113883.6.12",
    "https://www.cms.gov/medicare/coding/hcpcsreleasecodesets",
    "urn:oid:2.16.840.1.113883.6.285",
)
HCPCS = "hcpcs"
MOST_CODE, MOST_WORDS, MOST_DIAGNOSIS_WORDS = 20, 200, 300
ICD = re.compile(r"([A-Z][0-9][0-9A-Z])\.?([0-9A-Z]{0,4})")
PLACE = re.compile(r"[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Service:
    code: str
    words: str


def service(concept: CodeableConcept) -> Service:
    coded = [one for one in concept.coding if plain(one.code)]
    best = min(coded, key=lambda one: _rank(one.system), default=None)
    code = plain(best.code).upper() if best else ""
    words = SEMANTIC_TAG.sub("", (plain(best.display) if best else "") or concept_words(concept))
    if len(code) > MOST_CODE:
        raise Wrong(f"names a code of more than {MOST_CODE} signs")
    if not code and not words:
        raise Wrong("names a service neither by a code nor by words")
    return Service(code, (words or code)[:MOST_WORDS].rstrip())


def _rank(system: str) -> int:
    known = system.lower()
    if known in SYSTEMS:
        return SYSTEMS.index(known)
    return len(SYSTEMS) if HCPCS in known else len(SYSTEMS) + 1


def modifiers(concepts: Sequence[CodeableConcept]) -> tuple[str, ...]:
    codes = [plain(one.code).upper() for concept in concepts for one in concept.coding[:1] if plain(one.code)]
    told = tuple(dict.fromkeys(codes))
    if len(told) > MOST_MODIFIERS or not all(map(MODIFIER.fullmatch, told)):
        raise Wrong(f"names a modifier that is none, or more than {MOST_MODIFIERS}")
    return told


def units(quantity: Quantity | None) -> Decimal:
    """One, where nothing is said of it."""
    if quantity is None or quantity.value is None:
        return Decimal(1)
    if not quantity.value.is_finite() or not 0 < quantity.value <= MOST_UNITS:
        raise Wrong(f"names a quantity that is not between 0 and {MOST_UNITS}")
    return quantity.value


def price(
    net: Money | None, unit_price: Money | None, quantity: Quantity | None, factor: Decimal | None
) -> Decimal | None:
    """All of it. None where nothing is said of it."""
    whole, each = exact(net), exact(unit_price)
    if each is None:
        return whole
    if factor is not None and (not factor.is_finite() or not 0 <= factor <= MOST_UNITS):
        raise Wrong("names a factor that is none")
    counted = sensible(each * units(quantity) * (factor if factor is not None else 1))
    if whole is not None and abs(whole - counted) > A_CENT:
        raise Wrong("names a price that is not the price of one times the quantity")
    return counted if whole is None else whole


def whole_units(quantity: Quantity | None, cents: int | None) -> int:
    """How many units stand on the line: one, where the price cannot be divided by them."""
    told = units(quantity)
    is_whole = told == told.to_integral_value() and told >= 1
    return int(told) if is_whole and (cents is None or cents % int(told) == 0) else 1


def place_of_service(item: Item) -> str:
    codes = [plain(one.code) for one in item.location_codeable_concept.coding]
    return next((code for code in codes if PLACE.fullmatch(code)), "")


def diagnosis(concept: CodeableConcept) -> DiagnosisDraft | None:
    """None for what is not ICD-10, whatever the system is called."""
    for one in concept.coding:
        match = ICD.fullmatch(plain(one.code).upper())
        if match and not ("icd" in one.system.lower() and "10" not in one.system):
            code = f"{match[1]}.{match[2]}" if match[2] else match[1]
            return DiagnosisDraft(code, plain(one.display)[:MOST_DIAGNOSIS_WORDS].rstrip())
    return None
