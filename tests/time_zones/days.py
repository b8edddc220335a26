"""When each day of 1970 to 2037 begins, in every zone of PyPI's tzdata, by Python's own arithmetic.

Writes to the file that is named, for each different file of the database: a line with the names that share it, separated by
commas, and then a signed 64-bit number (little-endian) for each day, the second at which it begins. Prints the directory of the
database and its version.
"""

import sys
from array import array
from collections import defaultdict
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import tzdata

ROOT = Path(tzdata.__file__).parent / "zoneinfo"
FIRST, LAST = date(1970, 1, 1), date(2037, 12, 31)
DAYS = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
MIDNIGHTS = [datetime(day.year, day.month, day.day) for day in DAYS]
SECONDS = [int(midnight.replace(tzinfo=timezone.utc).timestamp()) for midnight in MIDNIGHTS]
AGAIN = [midnight.replace(fold=1) for midnight in MIDNIGHTS]


def begins(second, midnight, again, zone):
    offset = zone.utcoffset(midnight)
    # Python's rule for a time that clocks skip: its two readings are the offsets before and after, the later one larger.
    if offset >= zone.utcoffset(again):
        return second - int(offset.total_seconds())
    # The first second from which on the clocks are beyond midnight.
    low, high = second - 2 * 86400, second + 2 * 86400
    while high - low > 1:
        middle = (low + high) // 2
        shown = datetime.fromtimestamp(middle, zone).replace(tzinfo=None, fold=0)
        low, high = (low, middle) if shown >= midnight else (middle, high)
    return high


names = defaultdict(list)
for path in sorted(ROOT.rglob("*")):
    if path.is_file() and path.read_bytes()[:4] == b"TZif":
        names[path.read_bytes()].append(path.relative_to(ROOT).as_posix())
with open(sys.argv[1], "wb") as out:
    for group in names.values():
        with open(ROOT / group[0], "rb") as file:
            zone = ZoneInfo.from_file(file)
        seconds = array("q", (begins(*day, zone) for day in zip(SECONDS, MIDNIGHTS, AGAIN)))
        if sys.byteorder == "big":
            seconds.byteswap()
        out.write(",".join(group).encode() + b"\n" + seconds.tobytes())
print(ROOT)
print(tzdata.IANA_VERSION)
