"""What every request knows of us: the organisation, read once, and its time zone."""

from zoneinfo import ZoneInfo

from django.utils import timezone

from .models import Organisation, remembered


def organisation_time(get_response):
    """Show times in the organisation's zone; whoever asks for the organisation again gets the same row."""

    def middleware(request):
        with remembered():
            if not getattr(request, "user", None) or not request.user.is_authenticated:
                return get_response(request)
            with timezone.override(ZoneInfo(Organisation.current().time_zone)):
                return get_response(request)

    return middleware
