from django.urls import path

from cases_app import views
from cases_app.addresses import CASE

app_name = "cases"
urlpatterns = [
    path("", views.case_list, name="list"),
    path("export/", views.case_export, name="export"),
    path("new/", views.case_new, name="new"),
    path("board/", views.case_board, name="board"),
    path("board/move/", views.board_move, name="board_move"),
    path("from-signals/", views.from_signals, name="from_signals"),
    path("add-signals/", views.add_signals, name="add_signals"),
    path("of-signal/<str:public_id>/", views.of_signal, name="of_signal"),
    path("projects/", views.project_list, name="project_list"),
    path("projects/new/", views.project_new, name="project_new"),
    path("projects/<slug:project>/edit/", views.project_edit, name="project_edit"),
    path("projects/<slug:project>/favourite/", views.project_favourite, name="project_favourite"),
    path("projects/<slug:project>/rules/", views.project_rules, name="project_rules"),
    path("projects/<slug:project>/rules/<uuid:rule>/delete/", views.project_rule_delete, name="project_rule_delete"),
    path("projects/<slug:project>/delete/", views.project_delete, name="project_delete"),
    path("maintenance/", views.window_list, name="windows"),
    path("maintenance/<uuid:window>/", views.window_edit, name="window_edit"),
    path("maintenance/<uuid:window>/delete/", views.window_delete, name="window_delete"),
    path(f"{CASE}", views.case_detail, name="detail"),
    path(f"{CASE}edit/", views.case_edit, name="edit"),
    path(f"{CASE}status/", views.case_set_status, name="set_status"),
    path(f"{CASE}priority/", views.case_set_priority, name="set_priority"),
    path(f"{CASE}assignee/", views.case_assign, name="assign"),
    path(f"{CASE}archive/", views.case_archive, name="archive"),
    path(f"{CASE}unarchive/", views.case_unarchive, name="unarchive"),
    path(f"{CASE}archive-signals/", views.case_archive_signals, name="archive_signals"),
    path(f"{CASE}comments/", views.case_comment, name="comment"),
    path(f"{CASE}comments/<uuid:comment>/edit/", views.case_comment_edit, name="comment_edit"),
    path(f"{CASE}comments/<uuid:comment>/delete/", views.case_comment_delete, name="comment_delete"),
    path(f"{CASE}watch/", views.case_watch, name="watch"),
    path(f"{CASE}links/", views.case_link, name="link"),
    path(f"{CASE}links/<uuid:link>/remove/", views.case_unlink, name="unlink"),
    path(f"{CASE}signals/<str:public_id>/remove/", views.remove_signal, name="remove_signal"),
]
