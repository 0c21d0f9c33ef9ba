"""Which of our stages another system's stage means, where nobody said so."""

from deals.models import Status

from .columns import fold
from .mapping import ENDS, Target

# How far a sale is, in the words stages are named with, first to last. Compared letter by letter, folded.
_LADDER = [
    """prospect, lead, suspect, new, open, incoming, inbound, outbound, cold, target, research, unqualified, mql,
    engagedlead, todo, idea, entry""",
    """engag, qualif, contacted, contactmade, contacting, interest, working, sql, appointment, intromeeting, intro,
    firstmeeting, meetingscheduled, connect, warm, developing, educate, validat, opportunity""",
    """discover, needsanalysis, need, analysis, diagnos, valueproposition, idDecisionmakers, decisionmaker,
    perception, investigat, scoping, requirement, solutiondefinition, define""",
    "present, demo, show, pitch, evaluat, trial, pilot, proofofconcept, poc, solution, buyin, technical",
    "propos, quote, quotation, offer, pricing, angebot, shortlist, tender, rfp, details",
    "negotiat, contractsent, verhandl, review, approval, procurement, legal, redline, bargain",
    "clos, contract, verbal, commit, sign, payment, decision, confirmed, handshake, finali, deployment",
]
_RUNGS = [[word.strip().casefold() for word in rung.split(",")] for rung in _LADDER]
_ENDS = {
    Status.WON: """won, closedwon, closewon, win, gewonnen, success, successful, sold, closedsuccessful, signedwon,
        paid, gagne, ganado""",
    Status.LOST: """lost, closedlost, closelost, loss, lose, verloren, dead, deadlost, disqualified, rejected, declined,
        abandoned, cancelled, canceled, closeddead, perdu, perdido, nodecision, junk, notinterested,
        closednotinterested, closedlosttocompetition, losttocompetition""",
    Status.ARCHIVED: "archived, archive, inactive, expired, deleted, duplicate",
}
_STATUS_OF = {word.strip(): status for status, words in _ENDS.items() for word in words.split(",")}


def target_of(word, process):
    """The Target of a stage's name in another system; None where it could mean anything."""
    name = fold(word)
    if not name:
        return None
    for stage in process.stages:
        if name in (fold(stage.name), fold(stage.slug)):
            return Target(stage.stage_id)
    status = end_of(word)
    return at_the_end(status, process) if status else _by_ladder(name, process)


def end_of(word):
    """The closed status a word means; None for any other."""
    return _STATUS_OF.get(fold(word))


def at_the_end(status, process):
    """A won deal stands in the last stage; where a lost one stood is not known, so it claims no stage."""
    return Target(process.last.stage_id if status == Status.WON else process.entry.stage_id, status)


def named(slug, process):
    """The Target of what a mapping says: a stage's slug, or won, lost, archived."""
    if slug in ENDS:
        return at_the_end(ENDS[slug], process)
    found = next((stage for stage in process.stages if stage.slug == slug), None)
    return Target(found.stage_id) if found else None


def _rung(name):
    """(place on the ladder, word): the longest word that fits decides, "unqualified" is not "qualified"."""
    fits = [
        (len(word), -place, word) for place, rung in enumerate(_RUNGS) for word in rung if _fits(word, name)
    ]
    if not fits or name == "closed":  # won or lost?
        return None, ""
    _length, place, word = max(fits)
    return -place, word


def _fits(word, name):
    return word == name if len(word) < 4 else word in name


def _by_ladder(name, process):
    """The stage named with the same word; else the first two rungs are the first two stages, the rest by depth."""
    rung, word = _rung(name)
    if rung is None:
        return None
    rungs = [_rung(fold(stage.name)) for stage in process.stages]
    same = [place for place, (_rung_of, its_word) in enumerate(rungs) if its_word == word]
    alike = [place for place, (its_rung, _word) in enumerate(rungs) if its_rung == rung and rung > 1]
    last = len(process.stages) - 1
    depth = min(rung if rung < 2 else round(rung * last / (len(_RUNGS) - 1)), last)
    return Target(process.stages[[*same, *alike, depth][0]].stage_id)
