"""Sheets: what differs, what would stand there, what people read."""

from hypothesis import given
from hypothesis import strategies as st

from portal.clients.sections import DEMOGRAPHICS, INSURANCE, SECTIONS, STATES
from portal.clients.sheets import differences, text_of, value_of, with_changes
from portal.information import rules

PHONE = {"kind": "mobile", "number": "+14435550142", "may_leave_message": ""}


def sheet(**phones: dict[str, str]) -> dict[str, dict[str, dict[str, str]]]:
    return {"person": {"person": {"given_name": "Maya"}}, "phones": phones, "emails": {}, "addresses": {}}


def told(changes) -> list[tuple[str, str, str, str, str]]:
    return [(one.entry, one.field.name, one.old, one.new, one.what) for one in changes]


def test_a_field_that_differs_is_one_change():
    after = sheet(**{"12": {**PHONE, "number": "+14435550199"}})
    found = differences(DEMOGRAPHICS, sheet(**{"12": PHONE}), after)
    assert told(found) == [("12", "number", "+14435550142", "+14435550199", "changed")]


def test_an_entry_that_comes_or_goes_says_what_it_says():
    assert {one[4] for one in told(differences(DEMOGRAPHICS, sheet(), sheet(new1=PHONE)))} == {"added"}
    assert {one[4] for one in told(differences(DEMOGRAPHICS, sheet(**{"12": PHONE}), sheet()))} == {"gone"}


def test_changes_leave_alone_what_they_do_not_speak_of():
    """The client changes the number while somebody at the office changes the kind."""
    wanted = differences(DEMOGRAPHICS, sheet(**{"12": PHONE}), sheet(**{"12": {**PHONE, "number": "+14435550199"}}))
    meanwhile = sheet(**{"12": {**PHONE, "kind": "home"}, "13": PHONE})
    assert with_changes(meanwhile, wanted) == sheet(
        **{"12": {**PHONE, "kind": "home", "number": "+14435550199"}, "13": PHONE}
    )


def test_a_change_of_what_has_gone_meanwhile_brings_no_half_of_it_back():
    wanted = differences(DEMOGRAPHICS, sheet(**{"12": PHONE}), sheet(**{"12": {**PHONE, "number": "+14435550199"}}))
    assert with_changes(sheet(), wanted) == sheet()


words = st.text(st.characters(blacklist_categories=["Cs"]), max_size=5)
phones = st.dictionaries(
    st.sampled_from(["1", "2", "new1", "new2"]),
    st.fixed_dictionaries({"kind": words, "number": words, "may_leave_message": st.sampled_from(["", "yes"])}),
    max_size=4,
)


@given(phones, phones)
def test_what_differs_makes_the_one_out_of_the_other(before, after):
    """But for a new entry in which nothing is said: that is none."""
    after = {key: entry for key, entry in after.items() if key in before or any(entry.values())}
    before = {key: entry for key, entry in before.items() if any(entry.values())}
    one, other = sheet(**before), sheet(**after)
    made = with_changes(one, differences(DEMOGRAPHICS, one, other))
    assert {key: value for key, value in made["phones"].items() if any(value.values())} == {
        key: value for key, value in after.items() if any(value.values())
    }


def test_columns_become_texts_and_texts_become_columns_again():
    from datetime import date

    for section in SECTIONS.values():
        for group in section.groups:
            for field in group.fields:
                value = {
                    "yes": True, "day": date(2026, 3, 4), "photo": 12,
                }.get(field.kind, 2 if field.name == "rank" else "text")  # fmt: skip
                assert value_of(field, text_of(value)) == value
                assert hasattr(group.table, field.name), f"{group.table} has no {field.name}"


def test_there_are_59_states_and_territories_and_the_military_post():
    assert len(STATES) == 62 == len(set(STATES)) and STATES[-3:] == ["AA", "AE", "AP"]


def coverage(**more: str) -> dict[str, str]:
    blank = {field.name: "" for field in INSURANCE.groups[0].fields}
    return {**blank, "rank": "1", "payer": "CareFirst", "member_id": "X", "relationship": "self", **more}


def test_two_policies_of_a_kind_may_follow_each_other_and_not_overlap():
    old = coverage(starts_on="2025-01-01", ends_on="2025-12-31")
    assert list(rules.faults({"1": old, "new1": coverage(starts_on="2026-01-01")})) == []
    assert list(rules.faults({"1": old, "new1": coverage(rank="2")})) == []
    assert [one[:2] for one in rules.faults({"1": old, "new1": coverage(starts_on="2025-12-31")})] == [("new1", "rank")]
    assert [one[:2] for one in rules.faults({"1": coverage(), "2": coverage()})] == [("2", "rank")]


def test_a_policy_ends_after_it_begins_and_somebody_elses_names_its_holder():
    backwards = coverage(starts_on="2026-02-01", ends_on="2026-01-01")
    assert [one[:2] for one in rules.faults({"1": backwards})] == [("1", "ends_on")]
    assert [one[:2] for one in rules.faults({"1": coverage(relationship="parent")})] == [("1", "subscriber_name")]
    assert list(rules.faults({"1": coverage(relationship="parent", subscriber_name="Ana Reyes")})) == []
