"""Files like those other systems export, made up here: no real company, no real person."""

import csv
import io
import random
from datetime import date, timedelta

AGENTS = ["Tilda Morrow", "Ivo Brandt", "Nessa Quill", "Oskar Lind", "Pia Falk", "Rune Hollis"]
PRODUCTS = {"Basic": 550, "Plus": 1096, "Pro": 4821, "Advanced": 3393, "Special": 55, "Enterprise": 26768}
STAGES = ["Won"] * 48 + ["Lost"] * 28 + ["Engaging"] * 18 + ["Prospecting"] * 6
HEADER = [
    "opportunity_id", "sales_agent", "product", "account", "deal_stage", "engage_date", "close_date", "close_value",
]  # fmt: skip
FIRST = ["Vell", "Kest", "Orm", "Tarn", "Bryn", "Halv", "Mor", "Sund", "Dray", "Fenn", "Quor", "Lys"]
LAST = ["grove", "monts", "field", "haven", "works", "mark", "bridge"]


def companies():
    return [f"{first}{last}" for first in FIRST for last in LAST]


def opportunities(rows=200, seed=7):
    """Rows as dictionaries: stages, with the gaps a grown export has (accounts, dates and values missing)."""
    rng, known = random.Random(seed), companies()
    return [_opportunity(rng, number, known) for number in range(rows)]


def _opportunity(rng, number, known):
    stage, product = rng.choice(STAGES), rng.choice(list(PRODUCTS))
    engaged = date(2016, 10, 20) + timedelta(rng.randrange(430))
    closed = engaged + timedelta(rng.randrange(1, 138))
    ended = stage in ("Won", "Lost")
    return {
        "opportunity_id": f"{number:06X}{rng.randrange(256):02X}",
        "sales_agent": rng.choice(AGENTS),
        "product": product,
        "account": "" if not ended and rng.random() < 0.65 else rng.choice(known),
        "deal_stage": stage,
        "engage_date": "" if stage == "Prospecting" else engaged.isoformat(),
        "close_date": closed.isoformat() if ended else "",
        "close_value": {"Won": str(round(PRODUCTS[product] * rng.uniform(0.9, 1.1))), "Lost": "0"}.get(
            stage, ""
        ),
    }


def as_csv(rows, header=None, delimiter=","):
    header = header or list(rows[0])
    out = io.StringIO()
    writer = csv.DictWriter(out, header, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def opportunities_csv(rows=200, seed=7):
    return as_csv(opportunities(rows, seed), HEADER)
