"""Requests that arrive at the same moment: one effect, and everybody told the same."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from api.models import Request
from deals.models import Company, Transition

from .. import factories as f
from ..api import Program

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine("postgresql")]
AT_ONCE = 8


def at_once(act):
    def one(number):
        try:
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def test_one_key_sent_many_times_at_once_makes_one_company_and_one_answer():
    program = Program(f.make_user())
    key = {"idempotency-key": "k-1"}
    answers = at_once(lambda _n: program.post("/companies", {"name": "Norrholt Mills"}, **key))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert (Company.objects.count(), Request.objects.count()) == (1, 1)


def test_many_moves_of_one_deal_at_once_are_one_move():
    rep = f.make_user()
    deal, program = f.make_deal(f.make_pipeline(), rep), Program(rep)
    body = {"to": "archived", "seen_seq": 1}
    answers = at_once(
        lambda n: program.post(
            f"/deals/{deal.pk}/moves", body, **{"idempotency-key": f"k-{n}"} if n % 2 else {}
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * (AT_ONCE - 1)
    assert Transition.objects.filter(deal=deal, kind="archive").count() == 1


def test_many_changes_from_one_state_at_once_are_one_change():
    rep = f.make_user()
    deal, program = f.make_deal(f.make_pipeline(), rep), Program(rep)
    rev = str(f.fresh(deal).rev)
    answers = at_once(lambda n: program.patch(f"/deals/{deal.pk}", {"rev": rev, "deal_type": f"kind {n}"}))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * (AT_ONCE - 1)
