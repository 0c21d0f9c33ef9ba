"""Days as people type them and exports write them."""

import re
from datetime import date, timedelta

from django.utils.translation import gettext as _

FIRST_YEAR, LAST_YEAR = 1990, 2100
MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "jan january januar jän jänner", "feb february februar", "mar march mär mrz märz", "apr april",
            "may mai", "jun june juni", "jul july juli", "aug august", "sep sept september",
            "oct october okt oktober", "nov november", "dec december dez dezember",
        ],
        start=1,
    )
    for name in names.split()
}  # fmt: skip
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        [
            "mon monday mo montag", "tue tues tuesday di dienstag", "wed wednesday mi mittwoch",
            "thu thur thurs thursday do donnerstag", "fri friday fr freitag",
            "sat saturday sa samstag sonnabend", "sun sunday so sonntag",
        ]
    )
    for name in names.split()
}  # fmt: skip
RELATIVE = {"today": 0, "heute": 0, "tomorrow": 1, "morgen": 1, "yesterday": -1, "gestern": -1}
