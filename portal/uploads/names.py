"""A file keeps the name that somebody gave it, as far as it is harmless wherever it is saved."""

import re
import unicodedata

from portal.workshop import JPEG

MOST_CHARACTERS, MOST_BYTES = 100, 200
PATH = re.compile(r"[/\\\u2044\u2215\uff0f\uff3c]")
FORBIDDEN = re.compile(r'[<>:"|?*]')
SPACES = re.compile(r"\s+")
UNSEEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}  # controls, marks that turn the direction, and what is no character
JOINERS = "\u200c\u200d"  # within words of some languages, and within emoji
ENDING = re.compile(r"\.([a-z0-9]{1,5})\Z", re.I)
RESERVED = re.compile(r"(?:con|prn|aux|nul|clock\$|com[0-9¹²³]|lpt[0-9¹²³])\Z", re.I)
# An ending in front of the true one lies: what stands there is a kind of file, not a word.
KINDS = re.compile(
    r"\.(?:pdf|jpg|jpeg|jpe|png|heic|heif|gif|webp|svg|svgz|bmp|tif|tiff|ico|avif|txt|text|md|csv|rtf|doc"
    r"|docx|docm|dot|dotm|xls|xlsx|xlsm|ppt|pptx|odt|html|htm|xhtml|mht|shtml|xml|xsl|xht|php|js|mjs"
    r"|jse|json|vbs|vbe|wsf|wsh|hta|exe|com|bat|cmd|msi|msp|scr|pif|cpl|dll|sys|lnk|url|reg|ps1|psm1|sh"
    r"|bash|py|pl|rb|jar|apk|app|dmg|pkg|iso|img|zip|rar|gz|tar|z|7z|cab|swf|eml|msg|ics|vcf|scf|inf)\Z",
    re.I,
)


def plain(given: str) -> str:
    """Its last part, without what cannot be seen or must not be in a name."""
    name = unicodedata.normalize("NFC", PATH.split(given)[-1])
    name = "".join(one for one in name if one in JOINERS or one.isspace() or unicodedata.category(one) not in UNSEEN)
    name = FORBIDDEN.sub("", SPACES.sub(" ", name))
    return name.strip(" ." + JOINERS)


def extension(name: str) -> str:
    """In small letters; of a name that is nothing but an ending, none."""
    found = ENDING.search(name)
    return found[1].lower() if found and found.start() else ""


def safe(given: str, kind: str) -> str:
    """With the ending of the kind that is kept."""
    ending = ".jpg" if kind == JPEG else f".{kind}"
    stem = plain(given)
    while found := KINDS.search(stem):
        stem = stem[: found.start()].rstrip(" .")
    stem = stem or "file"
    if RESERVED.match(stem.partition(".")[0].strip()):
        stem = f"_{stem}"
    return _shortened(stem, len(ending)) + ending


def _shortened(stem: str, kept_back: int) -> str:
    stem = stem[: MOST_CHARACTERS - kept_back]
    stem = stem.encode()[: MOST_BYTES - kept_back].decode(errors="ignore")
    return stem.rstrip(" ." + JOINERS)
