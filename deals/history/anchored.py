"""Comparing the ledger with the anchors taken of it, block by block, and naming what is not as it was."""

import json
from bisect import bisect_left
from dataclasses import dataclass, field

from ..models import Anchor
from .anchors import process_digest
from .digests import BLOCK, EMPTY, BlockDigest, changed_deal
from .findings import Finding
from .heads import digest_of, head_of


class NoAnchors(ValueError):
    """The file holds no anchor at all, or cannot be read."""


@dataclass
class Known:
    """An anchor to compare with: its head, and its blocks where they are at hand and proven by the digest."""

    head: dict
    digest: str
    blocks: dict | None = None

    @property
    def day(self):
        return self.head["day"]

    def told(self, number):
        return self.blocks.get(number, EMPTY)


@dataclass
class Anchors:
    """All anchors there are, in order, with what was wrong about them, and which days did not match so far."""

    known: list = field(default_factory=list)
    findings: list = field(default_factory=list)
    days: set = field(default_factory=set)

    @classmethod
    def gathered(cls, path=None):
        """Those of the database, and those of a file outside it, which are believed where the two differ."""
        anchors = cls()
        inside = {known.day: known for known in anchors._inside()}
        outside = {known.day: known for known in anchors._outside(path)} if path else {}
        for day in sorted(inside | outside):
            anchors._take(day, inside.get(day), outside.get(day), path)
        anchors._check_order()
        return anchors

    def _inside(self):
        for row in Anchor.objects.order_by("day"):
            known = Known(head_of(row), row.digest, _by_number(row.blocks))
            if digest_of(known.head, row.blocks) != row.digest:
                self.findings.append(Finding("A", f"the anchor of {row.day} in the database was altered"))
                known.blocks = None
            yield known

    def _outside(self, path):
        found = 0
        for number, line in enumerate(_lines(path), 1):
            known = _read(line)
            if known is None:
                self.findings.append(Finding("A", f"line {number} of {path} is no anchor, or was altered"))
                continue
            found += 1
            yield known
        if not found:
            raise NoAnchors(f"{path} holds no anchor")

    def _take(self, day, inside, outside, path):
        if outside is None:
            self.known += [inside] if inside.blocks is not None else []
            return
        if inside is None:
            self.findings.append(Finding("A", f"the anchor of {day} is missing from the database"))
        elif inside.digest != outside.digest:
            self.findings.append(
                Finding("A", f"the anchor of {day} in the database is not the one in {path}")
            )
        elif outside.blocks is None:
            outside = inside
        if outside.blocks is None:
            said = f"the anchor of {day} in {path} is a head alone, and the database lacks what it stands for"
            self.findings.append(Finding("A", said))
            return
        self.known.append(outside)

    def _check_order(self):
        """Each names the one before it."""
        for before, after in zip(self.known, self.known[1:], strict=False):
            if after.head["previous"] != before.digest:
                said = f"the anchor of {after.day} does not follow the one of {before.day}: one is missing"
                self.findings.append(Finding("A", said))
        self.known.sort(key=lambda known: known.head["last_row"])

    def last_block(self):
        return max((number for known in self.known for number in known.blocks), default=-1)

    def of_block(self, number, rows):
        """Findings on one block. `rows` are all rows of its deals, in any order."""
        rows = sorted(rows, key=lambda row: row.id)
        ids, now, at, named = [row.id for row in rows], BlockDigest(), 0, set()
        for known in self.known:
            until = bisect_left(ids, known.head["last_row"] + 1)
            for row in rows[at:until]:
                now.add(row.deal_id, row.seq, row.hash)
            at = max(at, until)
            yield from self._differs(number, known, now.told(), named)

    def _differs(self, number, known, now, named):
        then = known.told(number)
        if list(then) == list(now):
            return
        self.days.add(known.day)
        deal = changed_deal(number, then, now)
        if deal not in named:
            named.add(deal)
            yield _changed(known.day, number, deal)

    def of_process(self):
        """Whether the published processes are what they were."""
        for known in sorted(self.known, key=lambda known: known.day):
            if process_digest(known.head["last_version"]) != known.head["process"]:
                self.days.add(known.day)
                yield Finding("A", f"the process versions are not those of {known.day}")
                return

    @property
    def first_bad_day(self):
        return min(self.days, default=None)


def _changed(day, number, deal):
    if deal is not None:
        return Finding("A", f"its rows are not those of {day}: altered, removed or put in since", deal)
    first = number * BLOCK
    said = f"several of the deals {first} to {first + BLOCK - 1} do not have the rows of {day} any more"
    return Finding("A", said)


def _lines(path):
    try:
        with open(path, encoding="utf-8") as file:
            yield from (line for line in file if line.strip() and "{" in line)
    except (OSError, UnicodeDecodeError) as error:
        raise NoAnchors(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _read(line):
    """A line of ANCHOR_FILE, of a mail or of the log; None for what is none."""
    try:
        said = json.loads(line[line.index("{") :])
        blocks, digest = said.pop("blocks", None), said.pop("digest")
        if blocks is not None and digest_of(said, blocks) != digest:
            return None
        known = Known(said, str(digest), _by_number(blocks))
        int(known.head["last_row"]), str(known.day), int(known.head["last_version"])
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return None
    return known


def _by_number(blocks):
    return None if blocks is None else {block[0]: block[1:] for block in blocks}
