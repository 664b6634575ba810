from django.urls import path

from accounts_app import api, views

app_name = "accounts"
urlpatterns = [
    path("account/", views.profile, name="profile"),
    path("account/keys/", views.key_list, name="key_list"),
    path("account/keys/application/", views.application_key_make, name="application_key_make"),
    path("account/keys/application/<uuid:uuid>/revoke/", views.application_key_revoke, name="application_key_revoke"),
    path("account/keys/tokens/", views.access_token_make, name="access_token_make"),
    path("account/keys/tokens/<uuid:uuid>/revoke/", views.access_token_revoke, name="access_token_revoke"),
    path("account/keys/api/", views.api_key_make, name="api_key_make"),
    path("account/keys/api/<uuid:uuid>/revoke/", views.api_key_revoke, name="api_key_revoke"),
    path("teams/", views.team_list, name="team_list"),
    path("teams/<slug:handle>/", views.team_detail, name="team_detail"),
    path("teams/<slug:handle>/links/", views.team_link_add, name="team_link_add"),
    path("teams/<slug:handle>/links/<uuid:uuid>/remove/", views.team_link_remove, name="team_link_remove"),
    path("teams/<slug:handle>/mail/", views.team_mail, name="team_mail"),
    path("teams/<slug:handle>/connections/<uuid:uuid>/remove/", views.team_disconnect, name="team_disconnect"),
    path("teams/<slug:handle>/members/", views.team_member_add, name="team_member_add"),
    path("teams/<slug:handle>/members/<uuid:uuid>/remove/", views.team_member_remove, name="member_remove"),
    path("teams/<slug:handle>/members/<uuid:uuid>/role/", views.team_member_role, name="member_role"),
    path("notifications/", views.notification_list, name="notification_list"),
    path("notifications/read/", views.notifications_read, name="notifications_read"),
    path("notifications/<int:pk>/", views.notification_open, name="notification_open"),
    path("api/me", api.me, name="me"),
]
