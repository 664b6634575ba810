"""The pages of cases and what they are made of."""

from cases_app.views.besides import case_link, case_unlink, case_watch, project_favourite
from cases_app.views.board import board_move, case_board
from cases_app.views.case import case_detail, case_edit, case_new
from cases_app.views.comments import case_comment, case_comment_delete, case_comment_edit
from cases_app.views.explorer import case_export, case_list
from cases_app.views.projects import (
    project_delete,
    project_edit,
    project_list,
    project_new,
    project_rule_delete,
    project_rules,
)
from cases_app.views.signals import add_signals, from_signals, of_signal, remove_signal
from cases_app.views.windows import window_delete, window_edit, window_list
from cases_app.views.work import (
    case_archive,
    case_archive_signals,
    case_assign,
    case_set_priority,
    case_set_status,
    case_unarchive,
)

__all__ = [
    "add_signals",
    "board_move",
    "case_archive",
    "case_archive_signals",
    "case_assign",
    "case_board",
    "case_comment",
    "case_comment_delete",
    "case_comment_edit",
    "case_detail",
    "case_edit",
    "case_export",
    "case_link",
    "case_list",
    "case_new",
    "case_set_priority",
    "case_set_status",
    "case_unarchive",
    "case_unlink",
    "case_watch",
    "from_signals",
    "of_signal",
    "project_delete",
    "project_edit",
    "project_favourite",
    "project_list",
    "project_new",
    "project_rule_delete",
    "project_rules",
    "remove_signal",
    "window_delete",
    "window_edit",
    "window_list",
]
