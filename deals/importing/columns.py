"""What other systems call the columns of a deal, and what we call them."""

import unicodedata

from django.utils.translation import gettext_lazy as _

IGNORE = "ignore"
# Our fields, in the order pages show them.
FIELDS = {
    "external_id": _("Id in the other system"), "name": _("Deal name"), "product": _("Product"),
    "company": _("Company"), "stage": _("Stage"), "status": _("Status: open, won or lost"), "amount": _("Amount"),
    "currency": _("Currency"), "owner": _("Owner"), "created": _("Created on"),
    "close_date": _("Close date, planned or real"), "closed": _("Closed on"), "expected_close": _("Expected close"),
    "lost_reason": _("Lost reason"), "next_step": _("Next step"), "next_step_on": _("Next step on"),
    "probability": _("Probability"), "deal_type": _("Type"), "source": _("Lead source"),
    "contact_name": _("Contact name"), "contact_first": _("Contact first name"),
    "contact_last": _("Contact last name"), "contact_email": _("Contact e-mail"), "contact_phone": _("Contact phone"),
    "job_title": _("Contact job title"), "domain": _("Company web domain"), "industry": _("Industry"),
    "country": _("Country"),
}  # fmt: skip
DATES = ["created", "close_date", "closed", "expected_close", "next_step_on"]

# Names in exports, by field; spaces, case and signs do not matter. Of several columns for one field the first
# that holds something counts.
_NAMES = {
    "external_id": """opportunity id, deal id, record id, external id, id, opportunityid, dealid, lead id, hs object id,
        crm id, case safe id, deal record id, opportunity number""",
    "name": """deal name, opportunity name, opportunity, dealname, deal title, title, deal, name, topic, subject,
        potential name, opportunity title, geschäft, verkaufschance""",
    "product": "product, product name, primary product, products, line item, service, produkt",
    "company": """company, account, account name, organization, organisation, company name, customer, client,
        associated company, associated company primary, deal organization, organization name, potential customer,
        customer name, associated companies, primary associated company, firma, unternehmen, kunde""",
    "stage": """stage, deal stage, dealstage, sales stage, pipeline stage, opportunity stage, stage name, phase,
        stagename, step, verkaufsphase""",
    "status": "status, deal status, opportunity status, outcome, deal outcome",
    "amount": """amount, value, close value, deal value, deal amount, opportunity amount, revenue, expected revenue,
        deal size, total value, total, price, est revenue, estimated revenue, estimated value, contract value, tcv,
        acv, actual revenue, amount base, betrag, wert, umsatz, auftragswert""",
    "currency": """currency, deal currency, currency code, amount currency, currency of value, deal currency of value,
        deal currency code, opportunity currency, currency iso code, währung""",
    "owner": """owner, sales agent, deal owner, opportunity owner, salesperson, sales rep, rep, account executive,
        owner name, owner email, deal owner email, assigned to, assignee, sales owner, agent, user,
        seller, inhaber, verkäufer, zuständig""",
    "created": """created, created on, created at, create date, createdate, created date, created time, engage date,
        creation date, date created, deal created, deal deal created, add time, open date, start date, opened,
        opened on, erstellt, erstellt am, angelegt am""",
    "close_date": """close date, closedate, closing date, deal close date, date closed, closed date, abschlussdatum,
        opportunity close date""",
    "closed": """closed on, closed at, won time, lost time, deal won time, deal lost time, actual close date, won on,
        lost on, close time, deal close time, actual close, date won, date lost, deal deal closed on, won date,
        lost date, geschlossen am""",
    "expected_close": """expected close, expected close date, est close date, estimated close date, expected closing,
        forecast close date, deal expected close date, expected closing date, target close date,
        erwarteter abschluss""",
    "lost_reason": """lost reason, loss reason, closed lost reason, reason for loss, reason lost, deal lost reason,
        reason, status reason, verlustgrund, close reason, reason for closing""",
    "next_step": "next step, next steps, next action, next activity, next task, nächster schritt",
    "next_step_on": """next step on, next step date, next action date, next activity date, deal next activity date,
        next activity deadline, next task due, next follow up, nächster schritt am""",
    "probability": "probability, win probability, deal probability, probability percent, wahrscheinlichkeit",
    "deal_type": "type, deal type, opportunity type, dealtype, business type, art",
    "source": "source, lead source, deal source, original source, opportunity source, leadquelle, quelle, channel",
    "contact_name": """contact, contact name, contact person, primary contact, associated contact, person, person name,
        deal contact person, ansprechpartner, kontakt, associated contacts, decision maker""",
    "contact_first": "first name, contact first name, vorname",
    "contact_last": "last name, contact last name, surname, nachname",
    "contact_email": """email, contact email, e mail, email address, contact email address, person email, mail,
        primary contact email, person email work, email from""",
    "contact_phone": "phone, contact phone, telephone, mobile, person phone, phone number, telefon",
    "job_title": "job title, contact title, position, contact job title, funktion",
    "domain": "domain, company domain, company domain name, website, web site, account website, website url",
    "industry": "industry, sector, account industry, branche",
    "country": "country, account country, billing country, office location, land",
}


def fold(text):
    """Letters and digits only, without case or accents: "Deal - Won time" and "deal_won_time" are one name."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in bare if char.isalnum())


_BY_NAME = {fold(name): field for field, names in _NAMES.items() for name in names.split(",")}
_BY_NAME.update({fold(field): field for field in FIELDS})


def recognise(header):
    """{place in the header: field} for the columns whose names we know."""
    found = {place: _BY_NAME.get(fold(name)) for place, name in enumerate(header)}
    return {place: field for place, field in found.items() if field}


def places(fields):
    """{field: places that may hold it} of {place: field}."""
    turned = {}
    for place, field in sorted(fields.items()):
        turned.setdefault(field, []).append(place)
    return turned
