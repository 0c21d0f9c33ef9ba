"""The gate's dialog: the conversation first, then one tap per open criterion, more only where it is asked."""

import pytest
from django.urls import reverse
from django.utils import timezone

from deals import moves
from deals.models import Activity, Answer, Stakeholder
from pipeline.vocabulary import Evidence, Kind

from .. import factories as f
from ..fingerprint import fingerprint
from ..programs.test_move_endpoint import HTMX, ready, send, to

pytestmark = pytest.mark.django_db

WIDE = {
    "Show": [
        (
            "agreed",
            Kind.YES_NO,
            {"evidence": Evidence.WHO, "why": "Applause is not fit.", "good": "It covers all five."},
        ),
        ("quoted", Kind.YES_NO, {"evidence": Evidence.WORDS}),
        (
            "audience",
            Kind.ACTIVITY,
            {"activity_kinds": "demo", "min_people": 2, "evidence": Evidence.NONE, "needs_buyer": False},
        ),
        ("money", Kind.MONEY, {"allow_range": True, "choices": "approved\nrequested"}),
        ("signer", Kind.STAKEHOLDER, {"roles": "economic_buyer", "requires_priority": True}),
        (
            "pack",
            Kind.DEAL_FIELD,
            {"deal_fields": "goals,commitments", "needs_buyer": False, "evidence": Evidence.NONE},
        ),
        ("next_step", Kind.NEXT_STEP, {}),
        ("paper", Kind.FILE_OR_LINK, {"evidence": Evidence.FILE, "with_date": True}),
    ],
    "Sign": [("signed", Kind.FILE_OR_LINK, {"evidence": Evidence.FILE, "with_date": True})],
    "Done": [],
}


@pytest.fixture
def wide():
    return f.make_pipeline(stages=WIDE)


@pytest.fixture
def deal(wide, rep):
    return f.make_deal(wide, rep)


@pytest.fixture
def page(client, rep):
    client.force_login(rep)
    client.defaults["HTTP_ACCEPT"] = "text/html"
    return client


def asked(page, deal, target, headers=None, **query):
    before = fingerprint()
    response = page.get(reverse("gate", args=[deal.pk]), {"to": target, **query}, headers=headers)
    assert fingerprint() == before, "looking changes nothing"
    return response


def html_of(response):
    return response.content.decode()


def c(pipeline, slug):
    return f"c{f.criterion_of(pipeline, slug).pk}"


def ticked(pipeline, *slugs):
    names = [c(pipeline, slug) for slug in slugs]
    return {f"{name}_{part}": "1" for name in names for part in ("asked", "tick")}


def test_the_dialog_opens_without_moving_anything(page, wide, deal):
    response = asked(page, deal, to(wide, "Sign"))
    assert response.status_code == 200
    assert html_of(response).count("data-criterion=") == 8
    assert "Eight things are open before Sign" in html_of(response)


def test_a_fragment_is_the_dialog_alone(page, wide, deal):
    assert html_of(asked(page, deal, to(wide, "Sign"), HTMX)).lstrip().startswith("<dialog")


def test_the_last_conversation_is_chosen_and_nothing_is_ticked(page, wide, deal):
    f.log_call(deal, days_ago=3)
    last = f.log_call(deal)
    html = html_of(asked(page, deal, to(wide, "Sign")))
    assert f'value="{last.pk}" checked' in html
    assert '_tick" value="1" checked' not in html


def test_another_conversation_asks_again_who_said_it(page, wide, deal):
    lena, pavel = f.make_contact(deal.company), f.make_contact(deal.company, "Pavel Novarek")
    visit = f.log_call(deal, lena, days_ago=3)
    visit.attendees.add(pavel)
    f.log_call(deal, lena)
    fields = {"to": to(wide, "Sign"), "seen_seq": "1", "conversation": visit.pk, **ticked(wide, "agreed")}
    fields[c(wide, "money")] = "70k"
    headers = {**HTMX, "HX-Trigger-Name": "conversation"}
    html = html_of(page.post(reverse("gate", args=[deal.pk]), fields, headers=headers))
    assert f'value="{visit.pk}-{pavel.pk}"' in html, "who of the two said it"
    assert '_tick" value="1" checked' not in html, "what one conversation confirmed another did not"
    assert 'value="70k"' in html, "typed values are kept"


def test_one_call_confirms_several_things_with_a_tap_each(page, wide, deal):
    call = f.log_call(deal)
    given = {"conversation": call.pk, "conversation_who": f"{call.pk}-{call.attendees.get().pk}"}
    given |= ticked(wide, "agreed", "quoted") | {f"{c(wide, 'quoted')}_words": "It found the leak in hall 2"}
    page.post(reverse("answers", args=[deal.pk]), {"to": to(wide, "Sign"), "seen_seq": "1", **given})
    answers = Answer.objects.all()
    assert len(answers) == 2 and all(a.opens and a.activity == call for a in answers)


def test_words_are_asked_only_where_the_evidence_wants_them(page, wide, deal):
    html = html_of(asked(page, deal, to(wide, "Sign")))
    assert f'name="{c(wide, "quoted")}_words"' in html
    assert f'name="{c(wide, "agreed")}_words"' not in html
    assert f'name="{c(wide, "paper")}_file"' in html and f'name="{c(wide, "agreed")}_file"' not in html


def test_a_sentence_that_is_missing_is_asked_for_beside_its_field(page, wide, deal):
    call = f.log_call(deal)
    before = fingerprint()
    response = send(page, deal, to(wide, "Sign"), conversation=call.pk, **ticked(wide, "quoted"))
    name = f"{c(wide, 'quoted')}_words"
    assert response.status_code == 422 and fingerprint() == before
    assert f'id="e-{name}"' in html_of(response) and f'aria-describedby="e-{name}"' in html_of(response)
    assert "one sentence of the buyer" in html_of(response)


def test_why_it_is_asked_and_a_good_example_are_shown(page, wide, deal):
    html = html_of(asked(page, deal, to(wide, "Sign")))
    assert "Applause is not fit." in html and "For example: It covers all five." in html


def test_a_demo_logged_in_the_dialog_answers_by_who_was_there(page, wide, deal):
    given = {
        "conversation": "new", "conversation_by": "Lena Vossberg", "conversation_with": "Pavel Novarek",
        "conversation_how": "demo", "conversation_on": timezone.localdate().isoformat(),
        f"{c(wide, 'audience')}_asked": "1", f"{c(wide, 'audience')}_tick": "1", **ticked(wide, "agreed"),
    }  # fmt: skip
    page.post(reverse("answers", args=[deal.pk]), {"to": to(wide, "Sign"), "seen_seq": "1", **given})
    demo = Activity.objects.get()
    assert demo.kind == "demo" and demo.buyer_count == 2
    html = html_of(asked(page, deal, to(wide, "Sign")))
    assert "Six things are open" in html, "the demo and the tap are done"


def test_naming_the_signer_puts_them_on_the_map(page, wide, deal):
    call = f.log_call(deal)
    name = c(wide, "signer")
    given = {
        "conversation": call.pk,
        **ticked(wide, "signer"),
        name: "Giulia Bellavar",
        f"{name}_priority": "Payback",
    }
    page.post(reverse("answers", args=[deal.pk]), {"to": to(wide, "Sign"), "seen_seq": "1", **given})
    stake = Stakeholder.objects.get(contact__name="Giulia Bellavar")
    assert stake.priority == "Payback" and stake.roles.get().role == "economic_buyer"
    assert Answer.objects.get().opens


def test_the_deals_own_fields_are_filled_where_their_absence_is_read(page, wide, deal):
    name = c(wide, "pack")
    given = {
        f"{name}_asked": "1",
        f"{name}_tick": "1",
        f"{name}_goals": "Fewer shutdowns",
        f"{name}_commitments": "None in August",
    }
    page.post(reverse("answers", args=[deal.pk]), {"to": to(wide, "Sign"), "seen_seq": "1", **given})
    assert f.fresh(deal).goals == "Fewer shutdowns"
    assert f'data-criterion="{name[1:]}"' not in html_of(asked(page, deal, to(wide, "Sign")))


def test_a_contract_is_attached_and_the_deal_moves(page, wide, rep):
    deal = f.make_deal(wide, rep, stage="Sign")
    call = f.log_call(deal)
    name = c(wide, "signed")
    given = {
        "conversation": call.pk,
        **ticked(wide, "signed"),
        f"{name}_date": timezone.localdate().isoformat(),
    }
    refused = send(page, deal, to(wide, "Done"), **given)
    assert refused.status_code == 422
    given[f"{name}_file"] = f.upload("Order form, signed.pdf")
    assert send(page, deal, to(wide, "Done"), **given).status_code == 303


def test_a_file_that_came_with_a_saved_answer_need_not_come_again(page, wide, rep):
    deal = f.make_deal(wide, rep, stage="Sign")
    call = f.log_call(deal)
    name = c(wide, "signed")
    given = {"conversation": call.pk, **ticked(wide, "signed")}
    address = reverse("answers", args=[deal.pk])
    page.post(address, {"to": to(wide, "Done"), "seen_seq": deal.seq, **given, f"{name}_file": f.upload()})
    html = html_of(asked(page, deal, to(wide, "Done")))
    kept = Answer.objects.get(deal=deal, criterion=name[1:], is_current=True).attachment_id
    assert f'name="{name}_keep" value="{kept}"' in html
    given |= {f"{name}_keep": kept, f"{name}_date": timezone.localdate().isoformat()}
    assert send(page, deal, to(wide, "Done"), **given).status_code == 303


@pytest.mark.parametrize(("day", "status", "kept"), [("31-31-2026", 422, 0), ("", 303, 1)])
def test_a_file_that_came_with_what_was_refused_is_not_left_on_the_disk(
    page, wide, rep, settings, tmp_path, day, status, kept
):
    settings.MEDIA_ROOT = tmp_path
    deal, name = f.make_deal(wide, rep, stage="Sign"), c(wide, "signed")
    before = len(stored(tmp_path))
    given = {"conversation": f.log_call(deal).pk, **ticked(wide, "signed"), f"{name}_date": day}
    sent = {"to": to(wide, "Done"), "seen_seq": deal.seq, **given, f"{name}_file": f.upload()}
    response = page.post(reverse("answers", args=[deal.pk]), sent)
    assert response.status_code == status
    assert len(stored(tmp_path)) - before == kept
    assert sorted(stored(tmp_path)) == sorted(deal.attachments.values_list("file", flat=True))


def stored(folder):
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


def test_a_file_of_another_deal_cannot_be_taken_over(page, wide, rep):
    other = f.make_deal(wide, rep, stage="Sign")
    foreign = other.attachments.first()
    deal = f.make_deal(wide, rep, stage="Sign")
    given = ticked(wide, "signed") | {
        f"{c(wide, 'signed')}_keep": foreign.pk,
        "conversation": f.log_call(deal).pk,
    }
    assert send(page, deal, to(wide, "Done"), **given).status_code == 422


def test_save_and_stay_keeps_what_was_answered(page, wide, deal):
    call = f.log_call(deal)
    fields = {"to": to(wide, "Sign"), "seen_seq": "1", "conversation": call.pk, **ticked(wide, "agreed")}
    response = page.post(reverse("answers", args=[deal.pk]), fields)
    assert response.status_code == 303 and f.fresh(deal).stage.name == "Show"
    assert "1 already confirmed" in html_of(asked(page, deal, to(wide, "Sign")))


def test_an_unreadable_value_saves_nothing_and_says_so(page, wide, deal):
    call = f.log_call(deal)
    before = fingerprint()
    fields = {
        "to": to(wide, "Sign"),
        "seen_seq": "1",
        "conversation": call.pk,
        **ticked(wide, "agreed", "money"),
    }
    fields[c(wide, "money")] = "a lot"
    response = page.post(reverse("answers", args=[deal.pk]), fields)
    assert response.status_code == 422 and fingerprint() == before
    assert 'value="a lot"' in html_of(response) and "not an amount" in html_of(response)


def test_several_stages_are_asked_stage_by_stage(page, wide, deal):
    html = html_of(asked(page, deal, "won"))
    assert html.index("To leave Show") < html.index("To leave Sign")


@pytest.mark.parametrize("word", ["lost", "archived", "paused"])
def test_closing_or_waiting_asks_why(page, deal, word):
    f.make_loss_reason("No budget", disqualifies=True)
    html = html_of(asked(page, deal, word))
    assert 'name="reason"' in html
    assert ("Disqualified" in html) == (word == "lost")


def test_reopening_asks_why(page, deal, rep):
    moves.archive(deal.pk, seen_seq=1, by=rep)
    assert 'name="reason"' in html_of(asked(page, deal, "reopen"))


@pytest.mark.parametrize("target", ["", "nowhere", "99999", "x" * 400])
def test_a_dialog_for_nowhere_is_not_there(page, deal, target):
    assert asked(page, deal, target).status_code == 404


def test_another_teams_dialog_is_not_there(client, wide, deal):
    client.force_login(f.make_user("Ines Duarvo", team="South"))
    assert asked(client, deal, to(wide, "Sign")).status_code == 404


def test_one_criterion_is_confirmed_and_disproved_from_the_deal_page(page, wide, deal):
    call, key = f.log_call(deal), f.criterion_of(wide, "agreed").pk
    html = html_of(page.get(reverse("gate", args=[deal.pk]), {"criterion": key}))
    assert html.count("data-criterion=") == 1 and "Save and move" not in html
    address, seen = reverse("answers", args=[deal.pk]), {"to": "", "seen_seq": "1", "criterion": key}
    page.post(address, {**seen, "conversation": call.pk, **ticked(wide, "agreed")})
    assert f.fresh(deal).held_here == 1
    page.post(address, {**seen, f"c{key}_asked": "1", f"c{key}_state": "disproved"})
    assert f.fresh(deal).held_here == 0
    assert Answer.objects.get(criterion=key, is_current=True).state == "disproved"


def test_what_is_confirmed_already_is_shown_with_its_proof(page, wide, deal):
    f.satisfy(deal, next(d for d in ready_definitions(deal) if d.slug == "quoted"))
    assert "We lose a shift a month" in html_of(asked(page, deal, to(wide, "Sign")))


def ready_definitions(deal):
    from pipeline.process import process_of

    return process_of(deal.pipeline).exit_criteria(deal.stage_id)


def test_nothing_open_leaves_one_button(page, rep):
    deal = ready(f.make_deal(f.make_pipeline(), rep))
    html = html_of(asked(page, deal, to(deal.pipeline, "Discover")))
    assert "Everything before Discover is confirmed" in html and "Save and stay" not in html


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{1337*1337}}"]
)
def test_what_somebody_typed_is_text_wherever_it_is_shown(page, wide, deal, text):
    fields = {"conversation": "new", "conversation_by": text, **ticked(wide, "money"), c(wide, "money"): text}
    html = html_of(send(page, deal, to(wide, "Sign"), **fields))
    assert "<script>alert" not in html and "<img src=x" not in html and "1787569" not in html


def test_a_conversation_typed_without_a_tick_is_put_on_record(page, wide, deal):
    given = {
        "to": to(wide, "Sign"),
        "seen_seq": "1",
        "conversation": "new",
        "conversation_by": "Lena Vossberg",
    }
    assert page.post(reverse("answers", args=[deal.pk]), given).status_code == 303
    assert Activity.objects.get().attendees.get().name == "Lena Vossberg"
    before = fingerprint()
    refused = page.post(reverse("answers", args=[deal.pk]), {**given, "conversation_on": "whenever"})
    assert refused.status_code == 422 and fingerprint() == before
    assert 'id="e-conversation_on"' in html_of(refused)


def test_what_no_conversation_answers_asks_for_none(page, rep):
    needs = {"deal_fields": "goals", "needs_buyer": False, "evidence": Evidence.NONE}
    pipeline = f.make_pipeline(stages={"One": [("pack", Kind.DEAL_FIELD, needs)], "Two": []})
    deal = f.make_deal(pipeline, rep)
    assert "Which conversation" not in html_of(asked(page, deal, to(pipeline, "Two")))
    given = {
        f"{c(pipeline, 'pack')}_{part}": text
        for part, text in {"asked": "1", "tick": "1", "goals": "Peace"}.items()
    }
    assert send(page, deal, to(pipeline, "Two"), **given).status_code == 303


def test_nobody_is_blamed_for_a_demo_nobody_claimed(page, wide, deal):
    call = f.log_call(deal)
    name = c(wide, "audience")
    fields = {"conversation": call.pk, f"{name}_asked": "1", f"{name}_tick": "1", **ticked(wide, "agreed")}
    assert "No such conversation" not in html_of(send(page, deal, to(wide, "Sign"), **fields))


def test_what_was_asked_on_entering_the_stage_is_not_counted_again(page, rep):
    stages = {
        "First": [],
        "Next": [("problem", Kind.YES_NO, {"side": "entry"}), ("money", Kind.YES_NO, {})],
        "Last": [],
    }
    pipeline = f.make_pipeline(stages=stages)
    deal = f.make_deal(pipeline, rep, stage="Next")
    assert "0 of 1 confirmed" in html_of(asked(page, deal, to(pipeline, "Last")))


FIELDS_ONLY = {
    "Show": [
        (
            "pack",
            Kind.DEAL_FIELD,
            {"deal_fields": "goals,commitments", "needs_buyer": False, "evidence": Evidence.NONE},
        )
    ],
    "Sign": [],
}


@pytest.mark.parametrize(
    "stages, words",
    [(WIDE, "Nothing is ticked."), (FIELDS_ONLY, "Nothing is answered.")],
    ids=["taps", "fields"],
)
def test_a_gate_saved_with_nothing_answered_says_so(page, rep, stages, words):
    deal = f.make_deal(f.make_pipeline(stages=stages), rep)
    first = send(page, deal, to(deal.pipeline, "Sign"), HTMX)
    assert first.status_code == 422 and words not in first.content.decode(), "the card was only dragged"
    asked = {f"c{pk}_asked": "1" for pk in deal.stage.criteria.values_list("pk", flat=True)}
    ticks = [name.replace("asked", "tick") for name in asked]
    untapped = {name: "1" for name in ticks if f'"hidden" name="{name}"' in first.content.decode()}
    before = fingerprint()
    again = send(page, deal, to(deal.pipeline, "Sign"), HTMX, **asked, **untapped)
    assert again.status_code == 422 and words in again.content.decode()
    stayed = page.post(
        reverse("answers", args=[deal.pk]), {"to": to(deal.pipeline, "Sign"), **asked, **untapped}
    )
    assert stayed.status_code in (302, 303)
    assert "Nothing was answered" in page.get(stayed["Location"]).content.decode()
    assert fingerprint() == before


def test_a_gate_saved_with_something_answered_does_not_say_that_nothing_is(page, rep):
    deal = f.make_deal(f.make_pipeline(stages=FIELDS_ONLY), rep)
    pack = f.criterion_of(deal.pipeline, "pack").pk
    sent = {f"c{pack}_asked": "1", f"c{pack}_tick": "1", f"c{pack}_goals": "Less waste"}
    again = send(page, deal, to(deal.pipeline, "Sign"), HTMX, **sent)
    assert again.status_code == 422 and "Nothing is" not in again.content.decode()
