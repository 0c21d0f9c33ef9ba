"""The page of the next twelve months, beside the forms that make a calendar."""

from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from .calendar import effective, local_date, organisation_calendar
from .calendar_page import CalendarPage
from .models import Organisation, Team


class ShowsCalendar:
    """For the admin of whatever has a calendar."""

    change_form_template = "admin/team/with_calendar.html"

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_calendar"
        view = self.admin_site.admin_view(self.calendar_view)
        return [path("<int:pk>/calendar/", view, name=name), *super().get_urls()]

    def calendar_view(self, request, pk):
        row = get_object_or_404(self.model, pk=pk)
        calendar = (
            effective(row, Organisation.current()) if isinstance(row, Team) else organisation_calendar()
        )
        context = {
            **self.admin_site.each_context(request),
            "title": _("%s: the next twelve months") % row,
            "opts": self.opts,
            "original": row,
            "back": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk]),
            "page": CalendarPage(calendar, local_date(timezone.now(), calendar)),
        }
        return TemplateResponse(request, "admin/team/calendar.html", context)
