from django.urls import path, register_converter

from cases_app import views
from cases_app.addresses import CaseKeyConverter

register_converter(CaseKeyConverter, "case_key")

app_name = "cases"
urlpatterns = [
    path("", views.case_list, name="list"),
    path("new/", views.case_new, name="new"),
    path("board/", views.case_board, name="board"),
    path("board/move/", views.board_move, name="board_move"),
    path("from-signals/", views.from_signals, name="from_signals"),
    path("add-signals/", views.add_signals, name="add_signals"),
    path("of-signal/<str:public_id>/", views.of_signal, name="of_signal"),
    path("projects/", views.project_list, name="project_list"),
    path("projects/new/", views.project_new, name="project_new"),
    path("projects/<slug:project>/edit/", views.project_edit, name="project_edit"),
    path("projects/<slug:project>/delete/", views.project_delete, name="project_delete"),
    path("<case_key:case>/", views.case_detail, name="detail"),
    path("<case_key:case>/edit/", views.case_edit, name="edit"),
    path("<case_key:case>/status/", views.case_set_status, name="set_status"),
    path("<case_key:case>/priority/", views.case_set_priority, name="set_priority"),
    path("<case_key:case>/assignee/", views.case_assign, name="assign"),
    path("<case_key:case>/archive/", views.case_archive, name="archive"),
    path("<case_key:case>/unarchive/", views.case_unarchive, name="unarchive"),
    path("<case_key:case>/archive-signals/", views.case_archive_signals, name="archive_signals"),
    path("<case_key:case>/comments/", views.case_comment, name="comment"),
    path("<case_key:case>/comments/<uuid:comment>/edit/", views.case_comment_edit, name="comment_edit"),
    path("<case_key:case>/comments/<uuid:comment>/delete/", views.case_comment_delete, name="comment_delete"),
    path("<case_key:case>/signals/<str:public_id>/remove/", views.remove_signal, name="remove_signal"),
]
