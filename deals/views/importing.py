"""Bringing deals in from a file: upload, look, correct, confirm. For managers and admins."""

import secrets
from decimal import Decimal
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from pipeline.models import Pipeline
from pipeline.process import process_of
from team.models import Organisation

from ..importing import forms, keeping, landing, mapping, preview, reading
from ..importing.checking import Plan
from ..importing.report import Report, Summary, headline
from ..models import ImportBatch

SESSION = "import"


def managers_only(view):
    @wraps(view)
    def checked(request, *args, **kwargs):
        if not request.user.is_manager:
            raise PermissionDenied(_("Only managers and admins bring deals in from a file."))
        return view(request, *args, **kwargs)

    return checked


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request):
    form = forms.UploadForm(request.POST or None, request.FILES or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        _forget(request)
        request.session[SESSION] = {
            "token": keeping.keep(form.cleaned_data["data"]),
            "name": form.cleaned_data["name"],
            "pipeline": form.cleaned_data["pipeline"].slug,
        }
        return redirect("import_check")
    return render(request, "deals/import.html", {"form": form}, status=422 if form.errors else 200)


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def check(request):
    """The preview; a POST corrects it, brings the deals in, or drops the file."""
    kept = request.session.get(SESSION)
    if kept is None:
        return redirect("import")
    if request.POST.get("act") == "drop":
        _forget(request)
        return redirect("import")
    try:
        return _correct_or_land(request, kept) if request.method == "POST" else _show(request, kept)
    except FileNotFoundError:
        _forget(request)
        return redirect("import")
    except reading.Unreadable as error:
        return _unreadable(request, kept, error)


def _correct_or_land(request, kept):
    pipeline = _pipeline(kept)
    try:
        said = forms.said(request.POST, process_of(pipeline))
    except mapping.BadMapping as error:
        return _show(request, kept, problems=error.problems)
    kept["mapping"] = said.as_dict()
    request.session.modified = True
    if request.POST.get("act") != "land":
        return redirect("import_check")
    return _land(request, kept)


def _land(request, kept):
    token = f"{secrets.token_hex(16)}.report"
    plan, whole = _plan(request, kept), request.POST.get("rows") == "all"
    landed = "proven" if request.POST.get("land") == "proven" else "claimed"
    try:
        with keeping.opened(token) as file:
            batch, _summary = landing.land(
                plan, name=kept["name"], landed=landed, all_or_nothing=whole, report=Report(file)
            )
    except landing.NothingImported:
        keeping.forget(token)
        return _show(
            request,
            kept,
            problems=[_("Nothing was brought in: some rows have errors, and you asked for all.")],
        )
    batch.report["file"] = token
    batch.save(update_fields=["report"])
    _forget(request)
    return redirect("import_done", batch.pk)


def _show(request, kept, problems=()):
    context = preview.context(_plan(request, kept))
    context |= {
        "name": kept["name"],
        "problems": problems,
        "headline": headline(context["summary"], dry=True),
    }
    return render(request, "deals/import_check.html", context, status=422 if problems else 200)


def _unreadable(request, kept, error):
    """The file can be read, but not with these columns: they are asked for again."""
    sheet, said = reading.read(keeping.read(kept["token"])), mapping.Mapping(**kept.get("mapping", {}))
    columns = preview.columns_of(sheet, said.fields(sheet.header))
    context = {
        "name": kept["name"],
        "problems": [str(error)],
        "columns": columns,
        "fields": preview.FIELD_CHOICES,
    }
    return render(request, "deals/import_check.html", context, status=422)


def _plan(request, kept):
    said = mapping.Mapping(**kept["mapping"]) if "mapping" in kept else None
    sheet = reading.read(keeping.read(kept["token"]))
    return Plan(sheet, _pipeline(kept), by=request.user, now=timezone.now(), mapping=said)


def _pipeline(kept):
    return get_object_or_404(Pipeline.objects.active().select_related("version"), slug=kept["pipeline"])


def _forget(request):
    kept = request.session.pop(SESSION, None)
    if kept:
        keeping.forget(kept["token"])


@managers_only
@require_safe
def done(request, pk):
    batch = _own_batch(request, pk)
    if "rows" not in batch.report:
        raise Http404  # not brought in by a file somebody has looked at
    figures = batch.report | {name: Decimal(batch.report[name]) for name in ("proven", "claimed")}
    summary = Summary(**{name: figures[name] for name in ("rows", "new", "already", "rejected")})
    context = {"batch": batch, "figures": figures, "headline": headline(summary, dry=False)}
    context["currency"] = Organisation.current().currency
    context["pipeline"] = batch.rows.values_list("deal__pipeline", flat=True).first()
    return render(request, "deals/import_done.html", context)


@managers_only
@require_safe
def report(request, pk):
    """Every problem of an import, as CSV, while it is kept."""
    batch = _own_batch(request, pk)
    try:
        file = keeping.path_of(batch.report.get("file", "")).open("rb")
    except (ValueError, FileNotFoundError) as error:
        raise Http404 from error
    return FileResponse(file, as_attachment=True, filename=f"import-{batch.pk}.csv", content_type="text/csv")


def _own_batch(request, pk):
    batches = ImportBatch.objects.filter(finished_at__isnull=False)
    return get_object_or_404(batches if request.user.is_admin else batches.filter(by=request.user), pk=pk)
