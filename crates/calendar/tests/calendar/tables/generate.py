#!/usr/bin/env python3
"""Writes the tables of this folder with Python's datetime and zoneinfo, which share no code with the program.

    pip install tzdata==2026.6
    PYTHONTZPATH= python3 generate.py

An empty PYTHONTZPATH makes zoneinfo read the package tzdata instead of the machine's database.
"""

import calendar
import datetime
import pathlib
import zoneinfo

import tzdata

FOLDER = pathlib.Path(__file__).parent
UTC = datetime.timezone.utc
MINUTE = datetime.timedelta(minutes=1)
SECOND = datetime.timedelta(seconds=1)
DAY = datetime.timedelta(days=1)

# Days in each zone: ends of months and years, and 29 February, also where the century has none.
DAYS = """2000-02-28 2000-02-29 2000-03-01 2024-02-29 2026-01-01 2026-02-28 2026-04-30 2026-12-31 2100-02-28
2100-03-01""".split()

# Zones with further days on which their clocks changed, or which they skipped. Changes of 2026 are found.
ZONES = {
    "UTC": "",
    "Africa/Cairo": "2014-05-15 2014-07-31 2023-04-28 2023-10-26",
    "Africa/Casablanca": "2018-10-28 2019-05-05 2019-06-09",
    "America/Havana": "2020-03-08 2020-11-01",
    "America/New_York": "2007-03-11 2007-11-04",
    "America/Nuuk": "2023-03-25 2023-10-28 2024-03-30 2024-10-26",
    "America/Santiago": "2019-04-06 2019-09-08",
    "America/Sao_Paulo": "2017-10-15 2018-02-17 2018-11-04 2019-02-16",
    "America/St_Johns": "2010-03-14 2012-03-11 2012-11-04",
    "Antarctica/Troll": "2006-03-26 2006-10-29",
    "Asia/Beirut": "2024-03-31 2024-10-26",
    "Asia/Kathmandu": "1985-12-31 1986-01-01",
    "Asia/Kolkata": "",
    "Asia/Pyongyang": "2015-08-14 2015-08-15 2018-05-04 2018-05-05",
    "Asia/Tehran": "2022-03-22 2022-09-21",
    "Asia/Tokyo": "",
    "Australia/Lord_Howe": "2008-04-06 2008-10-05",
    "Australia/Sydney": "2008-04-06 2008-10-05",
    "Europe/Berlin": "1996-09-29 1996-10-27",
    "Europe/Dublin": "1971-10-31 1972-03-19",
    "Europe/London": "1971-10-31 1972-03-19",
    "Pacific/Apia": "2011-12-29 2011-12-30 2011-12-31 2021-04-04",
    "Pacific/Chatham": "2008-04-06 2008-09-28",
    "Pacific/Kiritimati": "1994-12-30 1994-12-31 1995-01-01",
    "Pacific/Kwajalein": "1993-08-20 1993-08-21 1993-08-22",
    "Pacific/Pago_Pago": "",
}


def local_day(zone, day):
    """First and last second of a day on the zone's clocks; None for a day that they skipped."""
    begin = end = datetime.datetime.combine(day, datetime.time(), UTC)
    # Looks at each minute, because a clock's change may move the day's ends by any number of minutes.
    inside = [
        at
        for at in (begin + n * MINUTE for n in range(-27 * 60, (24 + 27) * 60))
        if at.astimezone(zone).date() == day
    ]
    if not inside:
        return None
    begin, end = inside[0], inside[-1] + MINUTE - SECOND
    assert len(inside) * MINUTE == end + SECOND - begin, "the day is interrupted"
    assert (begin - SECOND).astimezone(zone).date() < day < (end + SECOND).astimezone(zone).date()
    return begin.astimezone(zone), end.astimezone(zone)


def noon_offset(zone, day):
    return datetime.datetime.combine(day, datetime.time(12), zone).utcoffset()


def local_days():
    """A row for each zone and day."""
    for name, further in ZONES.items():
        zone = zoneinfo.ZoneInfo(name)
        days = {datetime.date.fromisoformat(day) for day in DAYS + further.split()}
        for day in (datetime.date(2026, 1, 1) + n * DAY for n in range(365)):
            # The clock changes on one of these two days, or at the midnight between them.
            if noon_offset(zone, day) != noon_offset(zone, day + DAY):
                days |= {day, day + DAY}
        for day in sorted(days):
            ends = local_day(zone, day)
            if ends is None:
                yield name, day, "-", "-", "00:00"
                continue
            begin, end = ends
            minutes = (end.astimezone(UTC) + SECOND - begin.astimezone(UTC)) // MINUTE
            yield name, day, begin.isoformat(), end.isoformat(), f"{minutes // 60:02}:{minutes % 60:02}"


def dates():
    """Days with their numbers, and where their week, month and year begin."""
    texts = """0001-01-01 0004-02-29 1582-10-15 1600-02-29 1899-12-31 1900-02-28 1900-03-01 1969-12-31 1970-01-01
    1970-01-04 1970-01-05 1972-02-29 1999-12-31 2000-01-01 2000-02-28 2000-02-29 2000-03-01 2000-12-31 2001-01-01
    2023-02-28 2023-03-01 2023-12-31 2024-01-01 2024-02-28 2024-02-29 2024-03-01 2024-12-29 2024-12-30 2024-12-31
    2025-01-01 2026-01-31 2026-04-30 2026-11-22 2026-12-31 2027-01-01 2038-01-19 2099-12-31 2100-02-28 2100-03-01
    2100-12-31 2203-06-07 2400-02-29 9999-01-01 9999-12-31"""
    for day in map(datetime.date.fromisoformat, texts.split()):
        number = day.toordinal() - datetime.date(1970, 1, 1).toordinal()
        monday = day - day.weekday() * DAY
        yield day, number, monday, day.replace(day=1), day.replace(month=1, day=1)


def months():
    """Days with months added. A month without such a day gives its last one."""
    cases = """2023-01-31:1,2,3,13,-1,-2,-11 2024-01-31:1,12,13,-11 2024-02-29:1,12,24,48,-12,-48,1,-1 2023-02-28:12,1
    2000-02-29:1200,4800,-1200 2100-01-31:1 2100-02-28:1,-1,12,48 2096-02-29:48,96 2099-12-31:2,14 2026-03-31:-1,1,-4
    2026-05-31:1,6 2026-08-31:6,18 2026-10-31:1,4,16 2026-11-30:1,3,15 2026-12-31:1,2,6,12 2026-12-01:1,-12,0
    2026-04-30:1,-2,0 2026-12-15:1200 1970-01-01:-1,-12 9999-11-30:1"""
    for day, counts in (case.split(":") for case in cases.split()):
        day = datetime.date.fromisoformat(day)
        for count in map(int, counts.split(",")):
            month = day.year * 12 + day.month - 1 + count
            year, month = month // 12, month % 12 + 1
            last = calendar.monthrange(year, month)[1]
            yield day, count, datetime.date(year, month, min(day.day, last))


def write(name, heads, rows):
    lines = [f"# Written by generate.py with the time zone database {tzdata.IANA_VERSION}.", "# " + "\t".join(heads)]
    lines += ["\t".join(map(str, row)) for row in rows]
    (FOLDER / name).write_text("\n".join(lines) + "\n")


write("local_days.tsv", ["zone", "day", "first second", "last second", "length"], local_days())
write("dates.tsv", ["day", "days since 1970", "Monday", "first of month", "first of year"], dates())
write("months.tsv", ["day", "months", "result"], months())
