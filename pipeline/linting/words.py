"""What the words of a name or a label give away: our own act, a feeling, or nothing one could check."""

import re

_BUYER = (
    r"(?:buyers?|customers?|clients?|partners?|prospects?|champions?|signers?|approvers?|decision[- ]makers?"
    r"|persons?|people|they|their|everyone|everybody|somebody|someone|lead|economic buyer|company)"
)
_REACTED = (
    r"(?:confirm|accept|answer|repl|respond|react|ask|agree|nam|gave|give|said|say|told|tell|sign|review|receiv|chose|"
    r"choose|select|approv|request|stat|describ|list|invit|met\b|meet|came|come|took|take|spoke|wrote|attend|join|read|"
    r"return|allow|releas|decid|commit|provid|introduc|visit|test|us(?:ed|es)|has\b|have\b|want|pick|paid|order|sent|"
    r"shared|set|put|saw|tried|compar|correct|promis|book|object)\w*"
)
_BUYER_ACT = re.compile(rf"\b{_BUYER}\b[^.;]*?\b{_REACTED}", re.I)
_BUYER_DID = re.compile(rf"\b{_REACTED}[^.;]*?\bby (?:the |their |its |a )?{_BUYER}\b", re.I)

_OURS = (
    r"(?:proposals?|quotes?|quotations?|offers?|contracts?|e-?mails?|mails?|messages?|decks?|slides?|brochures?|"
    r"invoices?|follow[- ]?ups?|business cases?|price lists?|nda|case stud(?:y|ies)|recaps?|summar(?:y|ies)|"
    r"agreements?|invitations?|information|documents?|references?)"
)
_SHOWN = r"(?:demos?|demonstrations?|presentations?|pitch(?:es)?|calls?|meetings?|visits?|webinars?)"
_SENT = (
    r"(?:sent|e-?mailed|mailed|delivered|issued|submitted|presented|shared|prepared|written|drafted|ready|out|"
    r"made|created|done|finished|forwarded)"
)
_HELD = (
    r"(?:done|held|given|completed|complete|shown|performed|made|conducted|finished|delivered|took place|run)"
)
_AUX = r"(?:\s+(?:was|were|is|are|has been|have been|had been|has|have|got|gets|been))*"
_SELLER = [
    re.compile(rf"\b{_OURS}{_AUX}\s+{_SENT}\b", re.I),
    re.compile(rf"\b{_SHOWN}{_AUX}\s+{_HELD}\b", re.I),
    re.compile(rf"\b(?:sent|send|e-?mailed|submitted|delivered|presented|shared)\b.*\b{_OURS}\b", re.I),
    re.compile(rf"\b(?:gave|held|did|ran|made|completed|conducted)\b.*\b{_SHOWN}\b", re.I),
    re.compile(
        r"\b(?:we|rep|reps|seller|salesperson|ae|sdr|account executive)\b(?: have| has)?\s+(?:\w+ly\s+)?(?:sent|called|"
        r"e-?mailed|demoed|presented|pitched|visited|contacted|wrote|written|showed|shown|followed|met|qualified|"
        r"reached|phoned|proposed|offered|quoted|negotiated)\b",
        re.I,
    ),
    re.compile(
        r"^(?:called|e-?mailed|demoed|presented|pitched|visited|contacted|phoned|followed up|reached out|quoted|"
        r"negotiated|left (?:a )?voice ?mail)\b",
        re.I,
    ),
]

# Whole names of stages that say how somebody feels about a deal, or nothing.
_VAGUE_NAME = re.compile(
    r"(?:(?:very )?interested|interest|(?:hot|warm|cold)(?: lead)?|(?:in )?progress|ongoing|pending|waiting|active|"
    r"open|working(?: on it)?|maybe|likely|unlikely|promising|nurtur(?:e|ing)|follow(?:ing)?[- ]up|"
    r"in process|processing|"
    r"engaged|potential|possible|good fit|new|old|other|misc|next|later|to ?do|(?:in )?discussion|talking|advanced|"
    r"early|middle|late|serious|committed|verbal|best case|upside|commit|opportunity|deal|lead|"
    r"(?:stage|step|phase) \d+)",
    re.I,
)
_VAGUE_WORDS = re.compile(
    r"\b(?:interested|hot|promising|seems?|seemed|feels?|felt|likely|unlikely|probably|probable|maybe|perhaps|keen|"
    r"enthusiastic|excited|in progress|ongoing|under way|as needed|if possible|appropriate|sufficient|"
    r"good (?:fit|relationship|rapport|chemistry|feeling|conversation|meeting|contact)|"
    r"strong (?:interest|relationship)|rapport|etc|tbd|soon|some kind|somehow|roughly|more or less|high level|"
    r"verbal(?:ly)?)\b",
    re.I,
)
_SAYS_SOMETHING = re.compile(
    r"\b(?:\w{3,}ed|is|are|was|were|has|have|had|can|will|did|gave|said|told|named|met|took|chose|knows?|known|sent|set|put|"
    r"wrote|written|spoke|spoken|seen|saw|came|made|paid|given|taken|chosen|agreed|signed|exists?|stands?|allows?|"
    r"wants?|needs?|meets?|covers?|at least|at most|no open)\b",
    re.I,
)


def sellers_act(text):
    """Whether the text says what we did and nothing of what the buyer did."""
    if _BUYER_ACT.search(text) or _BUYER_DID.search(text):
        return False
    return any(pattern.search(text) for pattern in _SELLER)


def vague_name(text):
    return bool(_VAGUE_NAME.fullmatch(" ".join(text.split())))


def vague_word(text):
    """The word of a label about which two people would argue; empty where there is none."""
    found = _VAGUE_WORDS.search(text)
    return found.group() if found else ""


def says_nothing(text):
    """No verb, no measure: a heading rather than a fact that holds or does not."""
    return len(text.split()) < 3 or not (_SAYS_SOMETHING.search(text) or _BUYER_ACT.search(text))
