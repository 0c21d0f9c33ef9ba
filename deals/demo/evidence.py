"""What buyers say, by the slug of the criterion it answers. All invented."""

from decimal import Decimal

# What a text criterion holds.
TEXTS = {
    "reason_now": [
        "Opens a second hall in spring, said in the local paper of last month.",
        "Water tariff of the district rose by a fifth this year, published by the utility.",
        "New energy manager since the summer, seen on the company's own page.",
        "Fined for discharge in the last quarter, in the register of the authority.",
    ],
    "problem_stated": [
        "Unplanned shutdowns cost them a shift a month.",
        "The water bill went up by a third and nobody can say where it goes.",
        "Heat is paid for twice, once in the boiler and once in the cooling.",
        "Three meters are read by hand every Monday, and one of them is always wrong.",
    ],
    "success_metric": [
        "Unplanned shutdowns: 11 a year today, at most 3 after twelve months.",
        "Water per unit: 4.1 litres today, 3.4 within a year.",
        "Hours spent on reports: two days a month today, two hours from summer on.",
        "Night losses: 18 cubic metres today, below 5 after three months.",
    ],
    "decision_criteria": [
        "Payback, installation without stopping production, references in their trade.",
        "Price over three years, data kept in the country, one person to call.",
        "Accuracy below two percent and no work in the high season.",
    ],
    "top_three_pains": [
        "shutdowns at night; disputes about the bill; two days of reporting a month",
        "leaks found too late; heat lost at weekends; nobody trusts the meters",
        "unexplained peaks; manual readings; fines for late reports",
    ],
    "open_points": [
        "Payment in two parts; data stays in the country; installation outside the season.",
        "Who changes the batteries, and what happens when the radio fails.",
        "None after the walk-through: price, scope and dates are clear to them.",
    ],
}  # fmt: skip
# What the buyer said, word for word.
WORDS = {
    "problem_stated": [
        "We lose a shift a month to unplanned shutdowns.",
        "Our water bill went up {figure}% and nobody can say where.",
        "We only see a leak when the floor is wet.",
    ],
    "budget_access": [
        "There is {low} to {high} in the plant budget for January.",
        "Up to {high} I can sign myself.",
        "If it pays back in two years I get the money from savings.",
    ],
    "fit_confirmed": [
        "It covers all five must-haves.",
        "Reporting is what we wanted, alarms need work.",
        "If it warns us before the boiler runs dry, that is all I want.",
    ],
    "proposal_requested": [
        "Send us an offer for {figure} sites.",
        "What would three years cost?",
        "Write it down with a price, then I can take it upstairs.",
    ],
    "approval_path": [
        "Engineer, then works council, then finance.",
        "Below {high} my signature is enough.",
        "First the plant, then purchasing, then the finance director.",
    ],
    "decision_date": ["We want to decide before the shutdown.", "The board meets that week."],
    "review_date": ["We go through it on that day.", "Finance looks at it after the close of the month."],
    "signing_date": ["The last version is fine, we sign that day.", "Signature then, I have the slot."],
}  # fmt: skip
# What our own side says with its yes.
APPROVED = {
    "Legal": ["Standard contract with annex 2.", "Fine with me, liability as in our terms."],
    "Finance": ["8% for three years is fine.", "Price and payment in two parts are covered."],
}
PRIORITIES = [
    "Payback under 18 months", "No stop of production", "One figure the auditor accepts", "Fewer calls at night",
    "A price that is fixed for three years", "Less manual work for the shift",
]  # fmt: skip
MONEY = ["approved budget", "budget can be requested", "paid from savings"]
PROMISES = [
    "No work in August, one free training, price fixed for three years.",
    "Installation outside the season, one contact for both sites.",
    "Replacement within two working days, first report in week four.",
]
NEXT_STEPS = [
    "Walk through the figures with finance", "Visit the pump room with the engineer", "Go through the offer together",
    "Call about the open points", "Show the report to the works council", "Agree on the pilot line",
    "Meet the plant manager on site", "Settle the dates for installation",
]  # fmt: skip
TO_DO = [
    "Send the recap", "Prepare the figures for finance", "Ask the engineer about access to the pump room",
    "Find a reference in their trade", "Send the data sheet", "Check the delivery dates",
]  # fmt: skip
TALK = {
    "call": ["They told us how it is handled today.", "Short call: what changed since last time, and what is next."],
    "meeting": ["On site, an hour. We walked the line and looked at the meters.", "Went through their figures."],
    "demo": ["Showed two of their own months. Questions about alarms and access.", "Showed it on their data."],
    "email": ["Thanks, that answers most of it. Let us talk next week.", "Happy to talk, Tuesday works."],
}  # fmt: skip
CHASE = ["Did you get a chance to look at it?", "Two lines on what others in your trade did. Worth a call?"]
LOST_NOTES = {
    "No decision": "The project was postponed without a new date.",
    "Signer never involved": "The finance director heard of it from the invoice of another supplier.",
    "Price": "Came out 12% above the budget, and the scope could not shrink.",
    "Timing moved": "The new hall is a year later than planned.",
    "Missing capability": "They need gas as well, which we do not measure.",
    "Lost to doing it themselves": "Their own electricians build something.",
}


def sentence(slug, rng, amount):
    """One sentence of a buyer for a criterion that asks for words."""
    base = Decimal(amount or 0) / 1000
    figures = {
        "figure": rng.choice([2, 3, 12, 18, 30]),
        "low": f"{base * 9 / 10:.0f}",
        "high": f"{base * 13 / 10:.0f}",
    }
    return rng.choice(WORDS.get(slug, ["Yes, that is right as you wrote it down."])).format(**figures)


def text(slug, rng):
    return rng.choice(TEXTS[slug])


def letter(company, person, lines):
    """A short mail as bytes, such as a buyer sends back."""
    body = [f"From: {person}", f"Subject: {company}", "", *lines, "", person]
    return "\r\n".join(body).encode()


def agreement(company, amount, day):
    """A one-page PDF that says what was signed; written by hand, since it needs one line of text a page."""
    words = f"Order form. {company}. EUR {amount:,.0f}. Signed {day.isoformat()}."
    stream = f"BT /F1 14 Tf 60 760 Td ({words}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    return _pdf(objects)


def _pdf(objects):
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % count + table
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, start)
