"""States and territories of the United States: other systems write their names, the chart keeps the postal code."""

from portal.clients.names import folded

CODES = {
    folded(name): code
    for code, name in (line.split(" ", 1) for line in """\
AL Alabama
AK Alaska
AZ Arizona
AR Arkansas
CA California
CO Colorado
CT Connecticut
DE Delaware
DC District of Columbia
FL Florida
GA Georgia
HI Hawaii
ID Idaho
IL Illinois
IN Indiana
IA Iowa
KS Kansas
KY Kentucky
LA Louisiana
ME Maine
MD Maryland
MA Massachusetts
MI Michigan
MN Minnesota
MS Mississippi
MO Missouri
MT Montana
NE Nebraska
NV Nevada
NH New Hampshire
NJ New Jersey
NM New Mexico
NY New York
NC North Carolina
ND North Dakota
OH Ohio
OK Oklahoma
OR Oregon
PA Pennsylvania
RI Rhode Island
SC South Carolina
SD South Dakota
TN Tennessee
TX Texas
UT Utah
VT Vermont
VA Virginia
WA Washington
WV West Virginia
WI Wisconsin
WY Wyoming
AS American Samoa
GU Guam
MP Northern Mariana Islands
PR Puerto Rico
VI U.S. Virgin Islands
FM Federated States of Micronesia
MH Marshall Islands
PW Palau
AA Armed Forces Americas
AE Armed Forces Europe
AP Armed Forces Pacific
DC Washington, D.C.
DC Washington DC
DC D.C.
MP Commonwealth of the Northern Mariana Islands
VI Virgin Islands
VI United States Virgin Islands
VI Virgin Islands, U.S.
FM Micronesia
MH Republic of the Marshall Islands""".splitlines())
}  # fmt: skip
KNOWN = set(CODES.values())


def state_code(written: str) -> str:
    """The postal code, of a code in small letters as well; what is neither stays as it came."""
    return written.upper() if written.upper() in KNOWN else CODES.get(folded(written), written)
