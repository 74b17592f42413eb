"""What somebody agrees to before the first signature: electronic records in place of paper (15 USC 7001(c)).

Whoever changes a sentence names another edition: a test knows the words of this one.
"""

from portal.language import gettext, speaking
from portal.practice.tables import Practice

EDITION = "2026-11"


def wording(practice: Practice, phone: str, spoken: str) -> str:
    """In that language, a paragraph a topic, which is its first sentence; an empty line between two."""
    with speaking(spoken):
        contact = _contact(phone, practice.email)
        return "\n\n".join(
            (
                gettext(
                    "You can sign documents of %(practice)s in this portal: forms, agreements and consents. The law"
                    " asks that you first agree to records in electronic form. Please read this before you agree.",
                    practice=practice.name,
                ),
                gettext(
                    "What it is for. Your agreement counts for every document that you sign in this portal, for"
                    " yourself or for somebody whom you act for. You are asked for it once."
                ),
                gettext(
                    "Paper instead. You need not agree. You may have any document on paper, sign it on paper and hand"
                    " it in. You may also have a paper copy of whatever you signed here. Neither costs anything, and"
                    " your care does not depend on it. To ask for paper: %(contact)s",
                    contact=contact,
                ),
                gettext(
                    "Changing your mind. You may take your agreement back at any time, without cost: choose Your"
                    " account, then Electronic records, or tell us. What you signed before stays valid. Afterwards you"
                    " get documents on paper, which may take longer."
                ),
                gettext(
                    "Where we reach you. Letters about documents go to the e-mail address of your account. If it"
                    " changes, tell us: %(contact)s",
                    contact=contact,
                ),
                gettext(
                    "What you need. A device with the internet, an up-to-date browser, a program that opens PDF files,"
                    " and a printer or room to save what you want to keep. You show that you have these when you open a"
                    " PDF and type the code that stands in it."
                ),
                gettext(
                    "What we keep. With each signature we keep what you signed, your name as you typed or drew it, the"
                    " time, the address of your device on the internet, the kind of browser, and how you had signed in."
                    " What you signed stays in My Documents, where you can read and save it."
                ),
                gettext("These words: edition %(edition)s.", edition=EDITION),
            )
        )


def _contact(phone: str, email: str) -> str:
    """Ends with its own full stop."""
    if phone and email:
        return gettext("call %(phone)s or write to %(email)s.", phone=phone, email=email)
    if phone:
        return gettext("call %(phone)s.", phone=phone)
    return gettext("write to %(email)s.", email=email) if email else gettext("speak to us at the front desk.")
