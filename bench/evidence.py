"""What the buyers of generated deals said and did: three people a deal, three conversations, answers from one of them.

Live deals have all of it; of the closed ones every fourth. Chance comes from the deal's id, so that it is the same
on both engines and on every run. In a third of the deals everything asked so far is confirmed.
"""

from deals.approving.approvals import side_of
from deals.evidence import measures
from deals.gate import needs_answer
from deals.models import (
    Activity,
    ActivityKind,
    Answer,
    AnswerState,
    Approval,
    ApprovalSide,
    Attachment,
    Decision,
    Direction,
    Stakeholder,
    StakeholderRole,
)
from deals.models.machine import LIVE_STATUSES
from pipeline.vocabulary import YES_KINDS, Evidence, Kind

from . import bulk
from .company import JOBS

ROLES = dict(zip(JOBS, ["champion", "economic_buyer", "approver"], strict=True))
COMPLETE = "d.id * 7919 %% 9 < 3"
_LIVE = ", ".join(f"'{status}'" for status in LIVE_STATUSES)
_TOLD = f"d.id >= %s AND (d.status IN ({_LIVE}) OR d.id %% 4 = 0)"
CLAIMED = "Claimed by us; the buyer has not confirmed it."
TEXT = "We lose a shift a month to stops nobody planned, and the night crew pays for it"
MORE = ["Nobody sees it before the alarm", "Spare parts arrive a day late", "Two sites count differently"]


def make(process, first_id):
    """For all deals from that id on."""
    _people(first_id)
    _conversations(first_id)
    _documents(process, first_id)
    for definition in process.criteria_of_all():
        if definition.kind == Kind.APPROVAL:
            _approvals(process, definition, first_id)
        elif needs_answer(definition):
            _answers(process, definition, first_id)


def _people(first_id):
    by_job = " ".join(f"WHEN '{job}' THEN '{role}'" for job, role in ROLES.items())
    bulk.insert_select(
        Stakeholder,
        {"deal": "d.id", "contact": "c.id", "influence": "3", "stance": "'for'", "added_at": "d.created_at",
         "priority": "'Payback within 18 months'"},
        f"FROM deals_deal d JOIN deals_contact c ON c.company_id = d.company_id WHERE {_TOLD} ORDER BY d.id, c.id",
        [first_id],
    )  # fmt: skip
    bulk.insert_select(
        StakeholderRole,
        {"stakeholder": "s.id", "role": f"CASE c.job_title {by_job} END"},
        "FROM deals_stakeholder s JOIN deals_contact c ON c.id = s.contact_id WHERE s.deal_id >= %s",
        [first_id],
    )


def _conversations(first_id):
    """A first mail, a meeting of all three, and an accepted invitation, which the answers come from."""
    _conversation(first_id, ActivityKind.EMAIL, "d.created_at", ["Operations manager"])
    _conversation(first_id, ActivityKind.MEETING, "d.stage_entered_at", JOBS)
    _conversation(first_id, ActivityKind.INVITATION, "d.last_buyer_activity_at", ["Finance director"])


def _conversation(first_id, kind, moment, jobs):
    columns = {
        "deal": "d.id", "kind": f"'{kind}'", "direction": f"'{Direction.IN}'", "happened_at": moment,
        "recorded_at": moment, "recorded_by": "d.owner_id", "subject": "'Planned stops'", "from_buyer": "TRUE",
        "body": f"'{TEXT}'", "buyer_count": str(len(jobs)),
    }  # fmt: skip
    bulk.insert_select(Activity, columns, f"FROM deals_deal d WHERE {_TOLD}", [first_id])
    named = ", ".join(f"'{job}'" for job in jobs)
    bulk.insert_select(
        Activity.attendees.through,
        {"activity": "a.id", "contact": "s.contact_id"},
        "FROM deals_activity a JOIN deals_stakeholder s ON s.deal_id = a.deal_id"
        " JOIN deals_contact c ON c.id = s.contact_id"
        f" WHERE a.deal_id >= %s AND a.kind = '{kind}' AND c.job_title IN ({named})",
        [first_id],
    )


def _documents(process, first_id):
    """The signed agreement of deals in the last stage."""
    columns = {
        "deal": "d.id", "file": "'none.pdf'", "name": "'agreement.pdf'", "content_type": "'application/pdf'",
        "size": "1", "sha256": "'0'", "added_by": "d.owner_id", "added_at": "d.last_buyer_activity_at",
    }  # fmt: skip
    where = f"FROM deals_deal d WHERE {_TOLD} AND d.stage_id = %s"
    bulk.insert_select(Attachment, columns, where, [first_id, process.last.stage_id])


def _answers(process, definition, first_id):
    """One criterion's answers: of nearly all deals that left its stage, of half of those in it."""
    place = process.index(definition.stage_id)
    passed = [str(stage.stage_id) for stage in process.stages[place + 1 :]] or ["0"]
    dice = f"(d.id * 31 + {definition.criterion_id} * 17) %% 100"
    here = "30" if definition.evidence == Evidence.FILE else "55"
    step = "AND d.next_step <> ''" if definition.kind == Kind.NEXT_STEP else ""
    bulk.insert_select(
        Answer,
        _columns(definition, claimed=f"({dice} >= 84 AND NOT ({COMPLETE}))"),
        "FROM deals_deal d JOIN deals_activity a ON a.deal_id = d.id AND a.kind = 'invitation'"
        " JOIN deals_stakeholder s ON s.deal_id = d.id JOIN deals_contact c ON c.id = s.contact_id"
        " AND c.job_title = 'Finance director' LEFT JOIN deals_attachment f ON f.deal_id = d.id"
        f" WHERE {_TOLD} {step} AND ((d.stage_id IN ({', '.join(passed)}) AND ({COMPLETE} OR {dice} < 92))"
        f" OR (d.stage_id = %s AND (d.status = 'won' OR {COMPLETE} OR {dice} < {here})))",
        [first_id, definition.stage_id],
    )


def _approvals(process, definition, first_id):
    """Given in all deals that left the stage, by the finance director, or by the owner for each role of ours."""
    place = process.index(definition.stage_id)
    passed = [str(stage.stage_id) for stage in process.stages[place + 1 :]] or ["0"]
    columns = {
        "deal": "d.id", "criterion": str(definition.criterion_id), "subject": "'The final terms'",
        "asked_at": "a.happened_at", "decision": f"'{Decision.APPROVED}'", "decided_at": "a.happened_at",
        "decided_by": "d.owner_id",
    }  # fmt: skip
    for role in [""] if definition.needs_buyer else definition.role_list or [""]:
        theirs = {"side": f"'{ApprovalSide.BUYER}'", "contact": "c.id", "activity": "a.id"}
        ours = {"side": f"'{side_of(role)}'", "role": f"'{role}'", "approver": "d.owner_id"}
        bulk.insert_select(
            Approval,
            columns | (theirs if definition.needs_buyer else ours),
            "FROM deals_deal d JOIN deals_activity a ON a.deal_id = d.id AND a.kind = 'invitation'"
            " JOIN deals_stakeholder s ON s.deal_id = d.id JOIN deals_contact c ON c.id = s.contact_id"
            f" AND c.job_title = 'Finance director' WHERE {_TOLD} AND d.stage_id IN ({', '.join(passed)})",
            [first_id],
        )


def _columns(definition, claimed):
    opens = f"NOT {claimed}"
    columns = {
        "deal": "d.id", "criterion": str(definition.criterion_id), "recorded_by": "d.owner_id",
        "recorded_at": "a.happened_at", "activity": "a.id", "contact": "c.id" if definition.needs_buyer else "NULL",
        "evidence": f"'{Evidence.OWN}'", "opens": opens,
        "state": f"CASE WHEN {claimed} THEN '{AnswerState.CLAIMED}' ELSE '{AnswerState.CONFIRMED}' END",
        "flaw": f"CASE WHEN {claimed} THEN '{CLAIMED}' ELSE '' END",
        **_read(""), **_value(definition),
    }  # fmt: skip
    if definition.expires_after_days:
        until = bulk.day_of("a.happened_at", definition.expires_after_days)
        columns["holds_until"] = f"CASE WHEN {opens} THEN {until} END"
    if definition.kind == Kind.FILE_OR_LINK and definition.evidence == Evidence.FILE:
        columns |= {"attachment": "f.id", "evidence": f"'{Evidence.FILE}'", "link": "''"}
    return columns


def _value(definition):
    if definition.kind in YES_KINDS:
        return {"yes": "TRUE"}
    values = {
        Kind.TEXT: _told("\n".join([TEXT, *MORE][: definition.min_items or 1])),
        Kind.NUMBER: {"number": str(definition.minimum or 5)},
        Kind.MONEY: {
            "number": "60000",
            "number_to": "90000",
            "currency": "'EUR'",
            **_choice(definition),
        },
        Kind.DATE: {"day": bulk.day_of("a.happened_at", 30)},
        Kind.CHOICE: _choice(definition),
        Kind.CONTACT: {"person": "c.id"},
        Kind.STAKEHOLDER: {"person": "c.id"},
        Kind.FILE_OR_LINK: {"link": "'https://files.example/summary'", "day": bulk.day_of("a.happened_at")},
        Kind.NEXT_STEP: {
            "text": "d.next_step",
            "day": "d.next_step_on",
            "yes": "TRUE",
            **_read("One step"),
            "text_length": "length(d.next_step)",
        },
    }
    return values.get(definition.kind, {})


def _told(text):
    return {"text": f"'{text}'", **_read(text)}


def _read(text):
    """What reading comes to, as the product keeps it beside every answer."""
    read = zip(measures.COLUMNS, measures.of_texts(text, "", ()), strict=True)
    return {column: str(value).upper() for column, value in read}


def _choice(definition):
    return _told(definition.choice_list[0]) if definition.choice_list else {}
