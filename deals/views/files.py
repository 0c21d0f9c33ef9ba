"""Files of a deal, for those who may see it."""

from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from .. import files
from .access import visible_deal


@require_safe
def download(request, pk, file_id):
    attachment = get_object_or_404(visible_deal(request, pk).attachments, pk=file_id)
    return files.as_download(attachment.file, attachment.name, attachment.content_type)
