from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from config import errors, health

admin.site.login = secure_admin_login(admin.site.login)

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("accounts/email/", RedirectView.as_view(url="/profile/")),  # an admin changes addresses
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("team.urls")),
    path("", include("pipeline.urls")),
    path("", include("deals.urls")),
    path("", include("automations.urls")),
    path("", include("insights.urls")),
    path("", include("api.urls")),
]

handler400, handler403, handler404, handler500 = (
    errors.bad_request,
    errors.forbidden,
    errors.not_found,
    errors.server_error,
)
