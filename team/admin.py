"""Who works here, as admins edit it. Nobody is deleted: people are closed, their history stays."""

from allauth.account.admin import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import Group, UserAdmin
from django.db.models import ManyToManyField
from django.forms import CheckboxSelectMultiple
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from team.admin_forms import NewUserForm, UserForm
from team.calendar_admin import ShowsCalendar
from team.calendar_forms import OrganisationForm, TeamForm
from team.models import CALENDAR_COLUMNS, Organisation, Role, Team, TeamDefault, User

admin.site.site_header = admin.site.site_title = "Headgate"
admin.site.index_title = _("Administration")
# Rows are deleted one by one, each asked about, or not at all.
admin.site.disable_action("delete_selected")
# What a person may do is their level, and their address is on their own page: one place each.
admin.site.unregister([Group, EmailAddress])


@admin.register(User)
class PersonAdmin(UserAdmin):
    form = UserForm
    add_form = NewUserForm
    list_display = ("name", "email", "level", "team_names", "is_active")
    list_filter = ("level", "teams", "is_active")
    search_fields = ("name", "email")
    ordering = ("name",)
    filter_horizontal = ()
    formfield_overrides = {ManyToManyField: {"widget": CheckboxSelectMultiple}}
    fieldsets = (
        (None, {"fields": ("name", "email", "password", "is_active")}),
        (_("What they may do"), {"fields": ("level",), "description": _(
            "Reps see their teams' deals and edit their own; managers edit those of their teams; admins all."
        )}),
        (_("Where they work"), {"fields": ("teams", "roles")}),
    )  # fmt: skip
    add_fieldsets = (
        (None, {"fields": ("name", "email", "level"), "description": _(
            "Without a password they set their own with “Forgot your password?” on the sign-in page."
        )}),
        (_("Where they work"), {"fields": ("teams", "roles")}),
        (_("Password"), {"fields": ("usable_password", "password1", "password2")}),
    )  # fmt: skip

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("teams")

    @admin.display(description=_("teams"))
    def team_names(self, person):
        return ", ".join(team.name for team in person.teams.all())

    def has_delete_permission(self, request, obj=None):
        return False


class TeamDefaultInline(admin.TabularInline):
    model = TeamDefault
    extra = 0
    verbose_name = _("who takes the next action")
    verbose_name_plural = _("who takes the next action when a deal names nobody for a role")


@admin.register(Team)
class TeamAdmin(ShowsCalendar, admin.ModelAdmin):
    form = TeamForm
    search_fields = ("name",)
    fieldsets = (
        (None, {"fields": ("name",)}),
        (_("Calendar"), {"fields": CALENDAR_COLUMNS, "description": _(
            "Only for a team that works by another calendar than the organisation: what is empty is as there."
        )}),
    )  # fmt: skip
    inlines = (TeamDefaultInline,)


@admin.register(Role)
class RoleAdmin(admin.ModelAdmin):
    list_display = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Organisation)
class OrganisationAdmin(ShowsCalendar, admin.ModelAdmin):
    """One row: the list leads straight to it."""

    form = OrganisationForm
    fieldsets = (
        (None, {"fields": ("name", "currency", "time_zone")}),
        (_("Working days"), {"fields": (*CALENDAR_COLUMNS[1:], "grace_days")}),
        (_("Exceptions"), {"fields": ("exception_days", "exceptions_per_rep")}),
        (_("Silence"), {"fields": ("pause_days", "archive_share")}),
        (_("What does not count"), {"fields": ("own_domains", "placeholders")}),
    )

    def changelist_view(self, request, extra_context=None):
        return redirect("admin:team_organisation_change", Organisation.current().pk)

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
