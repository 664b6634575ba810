"""Every door of the house. Each app keeps the addresses of its own rooms."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="signals:list"), name="home"),
    path("", include("core_app.urls")),
    path("", include("signals_app.urls")),
    path("", include("incidents_app.urls")),
    path("cases/", include("cases_app.urls")),
    path("search/", include("search_app.urls")),
    path("api/", include("search_app.api_urls")),
    path("api/cases/", include("cases_app.api_urls")),
    path("api/", include("incidents_app.api_urls")),
    path("api/", include("datadog_app.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="api_schema"), name="api_docs"),
    path("", include("accounts_app.urls")),
    path("accounts/", include("accounts_app.login_urls")),
    path("admin/", admin.site.urls),
]

handler400 = "core_app.http.bad_request"
handler403 = "core_app.http.permission_denied"
handler404 = "core_app.http.page_not_found"
handler500 = "core_app.http.server_error"
handler429 = "core_app.http.too_many_requests"  # asked for by allauth
