"""The four sections of a chart that a client keeps: which fields each has, and what they are called."""

from portal.clients.sheets import Field, Group, Options, Section, with_address_key
from portal.clients.tables import Client, ClientAddress, ClientEmail, ClientPhone, Coverage, RelatedPerson
from portal.language import lazy

NOT_GIVEN: Options = (("", lazy("Choose, or leave open")),)
SEXES: Options = (
    *NOT_GIVEN, ("female", lazy("Female")), ("male", lazy("Male")), ("other", lazy("Other")),
    ("unknown", lazy("Unknown")),
)  # fmt: skip
GENDERS: Options = (
    *NOT_GIVEN, ("woman", lazy("Woman")), ("man", lazy("Man")), ("nonbinary", lazy("Nonbinary")),
    ("trans woman", lazy("Transgender woman")), ("trans man", lazy("Transgender man")),
    ("another", lazy("Another identity")), ("declined", lazy("Prefer not to say")),
)  # fmt: skip
MARITAL: Options = (
    *NOT_GIVEN, ("never married", lazy("Never married")), ("married", lazy("Married")),
    ("domestic partner", lazy("Domestic partner")), ("legally separated", lazy("Legally separated")),
    ("divorced", lazy("Divorced")), ("widowed", lazy("Widowed")), ("unmarried", lazy("Unmarried")),
)  # fmt: skip
RACES: Options = (
    ("american indian", lazy("American Indian or Alaska Native")), ("asian", lazy("Asian")),
    ("black", lazy("Black or African American")), ("middle eastern", lazy("Middle Eastern or North African")),
    ("pacific islander", lazy("Native Hawaiian or Pacific Islander")), ("white", lazy("White")),
    ("another", lazy("Another race")), ("declined", lazy("Prefer not to say")),
)  # fmt: skip
ETHNICITIES: Options = (
    *NOT_GIVEN, ("hispanic", lazy("Hispanic or Latino")), ("not hispanic", lazy("Not Hispanic or Latino")),
    ("declined", lazy("Prefer not to say")),
)  # fmt: skip
CONTACTS: Options = (
    *NOT_GIVEN, ("phone", lazy("Phone call")), ("text", lazy("Text message")), ("email", lazy("E-mail")),
    ("mail", lazy("Letter by mail")),
)  # fmt: skip
PHONES: Options = (
    ("mobile", lazy("Mobile phone")), ("home", lazy("Home phone")), ("work", lazy("Work phone")),
    ("other", lazy("Other phone")),
)  # fmt: skip
EMAILS: Options = (("personal", lazy("Personal")), ("work", lazy("Work")), ("related", lazy("Related contact")))
ADDRESSES: Options = (
    ("home", lazy("Home address")), ("mailing", lazy("Mailing address")), ("work", lazy("Work address")),
    ("billing", lazy("Billing address")), ("temporary", lazy("Temporary address")),
)  # fmt: skip
PEOPLE: Options = (
    ("family", lazy("Family")), ("medical", lazy("Medical: a doctor or other provider")), ("custom", lazy("Other")),
)  # fmt: skip
RANKS: Options = (("1", lazy("Primary")), ("2", lazy("Secondary")), ("3", lazy("Tertiary")))
HOLDERS: Options = (
    ("self", lazy("The client")), ("spouse", lazy("Spouse or partner")), ("parent", lazy("Parent")),
    ("other", lazy("Somebody else")),
)  # fmt: skip
LANGUAGES = (
    "en", "es", "ar", "zh", "fr", "de", "ht", "hi", "it", "ja", "ko", "pl", "pt", "ru", "tl", "uk", "ur", "vi", "ase",
)  # fmt: skip
# States, the District, territories and freely associated states, then the three of the military post.
STATES = """
AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI
SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI FM MH PW AA AE AP
""".split()  # noqa: SIM905

PERSON = Group(
    "person",
    lazy("Personal details"),
    Client,
    (
        Field("preferred_contact", lazy("Preferred contact"), "choice", options=CONTACTS, width="m",
              begins=lazy("How you like to be reached")),
        Field("language", lazy("Preferred language"), "language", options=tuple((one, one) for one in LANGUAGES),
              width="m"),
        Field("given_name", lazy("Legal first name"), missing=lazy("Enter the first name"), autocomplete="given-name",
              begins=lazy("Names")),
        Field("middle_name", lazy("Middle name"), autocomplete="additional-name"),
        Field("family_name", lazy("Legal last name"), missing=lazy("Enter the last name"), autocomplete="family-name"),
        Field("suffix", lazy("Suffix"), most=20, width="s", autocomplete="honorific-suffix"),
        Field("preferred_name", lazy("Name to go by"), autocomplete="nickname", width="m",
              hint=lazy("The name that we use when we talk.")),
        Field("pronouns", lazy("Pronouns"), most=60, width="m"),
        Field("birth_date", lazy("Date of birth"), "day", is_fixed=True, begins=lazy("About you")),
        Field("sex", lazy("Administrative sex"), "choice", options=SEXES, width="m",
              hint=lazy("As the insurance has it.")),
        Field("gender_identity", lazy("Gender identity"), "choice", options=GENDERS, width="m"),
        Field("marital_status", lazy("Marital status"), "choice", options=MARITAL, width="m"),
        Field("race", lazy("Race"), "several", options=RACES),
        Field("ethnicity", lazy("Ethnicity"), "choice", options=ETHNICITIES, width="m"),
    ),
)  # fmt: skip
PHONE = Group(
    "phones", lazy("Phones"), ClientPhone,
    (
        Field("kind", lazy("Kind of phone"), "choice", options=PHONES, width="m"),
        Field("number", lazy("Phone number"), "phone", missing=lazy("Enter a phone number with its area code"),
              autocomplete="tel", width="m"),
        Field("may_leave_message", lazy("A message may be left at this number"), "yes"),
    ),
    one=lazy("Phone"), add=lazy("Add a phone"), most=5, titled=("kind",),
)  # fmt: skip
EMAIL = Group(
    "emails", lazy("E-mails"), ClientEmail,
    (
        Field("kind", lazy("Type"), "choice", options=EMAILS, width="m"),
        Field("address", lazy("E-mail"), "email", missing=lazy("Enter an e-mail address"), autocomplete="email"),
    ),
    one=lazy("E-mail"), add=lazy("Add an e-mail"), most=5, titled=("kind",), derived=with_address_key,
)  # fmt: skip
ADDRESS = Group(
    "addresses", lazy("Addresses"), ClientAddress,
    (
        Field("kind", lazy("Kind of address"), "choice", options=ADDRESSES, width="full"),
        Field("street", lazy("Street address"), most=200, missing=lazy("Enter the street and the number"),
              autocomplete="address-line1", width="full"),
        Field("street_2", lazy("Apartment or unit"), most=200, autocomplete="address-line2", width="m"),
        Field("city", lazy("City"), missing=lazy("Enter the city"), autocomplete="address-level2", width="m"),
        Field("state", lazy("State"), "state", options=tuple((one, one) for one in STATES),
              missing=lazy("Choose the state"), autocomplete="address-level1", width="m"),
        Field("postal_code", lazy("ZIP code"), "postal", most=20, autocomplete="postal-code", width="s",
              missing=lazy("Enter the ZIP code: five digits, or nine")),
    ),
    one=lazy("Address"), add=lazy("Add an address"), most=4, titled=("kind",),
)  # fmt: skip
NAMES = (
    Field("given_name", lazy("First name")),
    Field("family_name", lazy("Last name"), missing=lazy("Enter the last name")),
)
REACHED = (
    Field("phone", lazy("Phone"), "phone", width="m"),
    Field("email", lazy("E-mail"), "email"),
)
CONTACT = Group(
    "contacts", lazy("Emergency contacts"), RelatedPerson,
    (
        *NAMES,
        Field("relationship", lazy("Relationship"), missing=lazy("Say who this person is"), width="m",
              hint=lazy("For example brother, wife or friend.")),
        Field("phone", lazy("Phone"), "phone", missing=lazy("Enter a phone number with its area code"), width="m"),
        REACHED[1],
    ),
    one=lazy("Emergency contact"), add=lazy("Add an emergency contact"), most=6,
    only=(("is_emergency_contact", True),), titled=("given_name", "family_name"),
)  # fmt: skip
RELATED = Group(
    "people", lazy("Related individuals"), RelatedPerson,
    (
        Field("kind", lazy("Kind"), "choice", options=PEOPLE, width="full"),
        *NAMES,
        Field("relationship", lazy("Relationship"), missing=lazy("Say who this person is"), width="m",
              hint=lazy("For example mother, primary care provider or case worker.")),
        Field("organization", lazy("Practice or organization"), most=200),
        *REACHED,
    ),
    one=lazy("Related individual"), add=lazy("Add a person"), most=10,
    only=(("is_emergency_contact", False),), titled=("given_name", "family_name"),
)  # fmt: skip
COVERAGE = Group(
    "coverages", lazy("Insurance"), Coverage,
    (
        Field("rank", lazy("Which insurance is it?"), "choice", options=RANKS, width="full",
              missing=lazy("Choose primary, secondary or tertiary")),
        Field("payer", lazy("Insurance company"), most=200, missing=lazy("Enter the insurance company")),
        Field("plan", lazy("Plan"), most=200),
        Field("member_id", lazy("Member ID"), "id", missing=lazy("Enter the member ID from the card"), width="m"),
        Field("group_number", lazy("Group number"), "id", width="m"),
        Field("relationship", lazy("Who is the policy holder?"), "choice", options=HOLDERS, width="m",
              missing=lazy("Choose who the policy holder is")),
        Field("subscriber_name", lazy("Name of the policy holder"), most=200,
              hint=lazy("Leave empty where it is the client.")),
        Field("starts_on", lazy("Valid from"), "day"),
        Field("ends_on", lazy("Valid until"), "day", hint=lazy("Leave empty while it goes on.")),
        Field("front_image", lazy("Photo of the card, front"), "photo"),
        Field("back_image", lazy("Photo of the card, back"), "photo"),
    ),
    one=lazy("Insurance"), add=lazy("Add an insurance"), most=6, titled=("rank",),
)  # fmt: skip

DEMOGRAPHICS = Section(
    "demographics", lazy("Demographics"), (PHONE, EMAIL, ADDRESS, PERSON),
    intro=lazy("Who you are and how we reach you."),
)  # fmt: skip
EMERGENCY = Section(
    "emergency", lazy("Emergency Contacts"), (CONTACT,),
    intro=lazy("Whom we call if something happens to you."), empty=lazy("Nobody is named yet."),
)  # fmt: skip
INDIVIDUALS = Section(
    "related", lazy("Related Individuals"), (RELATED,),
    intro=lazy("Family, your primary care provider and others who care for you."), empty=lazy("Nobody is named yet."),
)  # fmt: skip
INSURANCE = Section(
    "insurance", lazy("Insurance"), (COVERAGE,),
    intro=lazy("Who pays beside you. Staff check each change."), empty=lazy("No insurance is on record."),
)  # fmt: skip
SECTIONS = {one.name: one for one in (DEMOGRAPHICS, EMERGENCY, INDIVIDUALS, INSURANCE)}
