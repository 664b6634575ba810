from django.urls import path

from accounts_app import api, views

app_name = "accounts"
urlpatterns = [
    path("account/", views.profile, name="profile"),
    path("account/keys/", views.key_list, name="key_list"),
    path("account/keys/application/", views.application_key_make, name="application_key_make"),
    path("account/keys/application/<uuid:uuid>/revoke/", views.application_key_revoke, name="application_key_revoke"),
    path("account/keys/api/", views.api_key_make, name="api_key_make"),
    path("account/keys/api/<uuid:uuid>/revoke/", views.api_key_revoke, name="api_key_revoke"),
    path("notifications/", views.notification_list, name="notification_list"),
    path("notifications/read/", views.notifications_read, name="notifications_read"),
    path("notifications/<int:pk>/", views.notification_open, name="notification_open"),
    path("api/me", api.me, name="me"),
]
