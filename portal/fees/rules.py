"""What a fee schedule may hold."""

import re

CODE = re.compile(r"[0-9A-Z]{5}")
LONGEST, LONGEST_DIAGNOSIS = 200, 300
