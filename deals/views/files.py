"""Files of a deal, for those who may see it; added by those who act on it."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from config import errors
from team.toasts import toast

from .. import files
from ..answers import attach
from .access import editable_deal, visible_deal
from .replies import go_to, in_kind, json_error, wants_json


@require_safe
def download(request, pk, file_id):
    attachment = get_object_or_404(visible_deal(request, pk).attachments, pk=file_id)
    try:
        return files.as_download(attachment.file, attachment.name, attachment.content_type)
    except FileNotFoundError:
        words = _(
            "“%s” is on record, but gone from the server’s disk. An admin can bring it back from a backup."
        )
        return errors.page(request, 404, words % attachment.name, gone=True)


@require_POST
@in_kind
def upload(request, pk):
    deal = editable_deal(request, pk)
    try:
        stored = store(deal, request.FILES.get("file"), request.user)
        toast(request, _("%s is on the deal.") % stored.name)
    except files.FileRefused as error:
        if wants_json(request):
            return json_error("unfit", error, 422, {"file": str(error)})
        messages.error(request, str(error))
    return go_to(request, f"{reverse('deal', args=[deal.pk])}#files")


@transaction.atomic
def store(deal, sent, by):
    if sent is None:
        raise files.FileRefused(_("Choose a file first."))
    return attach(deal, sent, files.check(sent), by=by, now=timezone.now())
