"""What is done to cases: may I, same version, change, record."""

from datetime import date, datetime
from uuid import uuid4

import pytest

from cases_app import actions
from cases_app.models import Case, CaseSignal, CaseType, Project
from core_app.errors import Conflict, Invalid, NotAllowed, NotFound, StaleVersion
from core_app.models import Entry
from signals_app.models import Assignment
from tests.signals_app.factories import SignalFactory

from .factories import CaseFactory, CommentFactory, ProjectFactory

pytestmark = pytest.mark.django_db


def verbs():
    return list(Entry.objects.order_by("pk").values_list("verb", flat=True))


class TestProjects:
    def test_a_project_is_made_and_told_of(self, acting, analyst):
        project = actions.create_project(actor=acting(analyst), key="WEB", name="Web")
        assert (project.key, project.triages_signals, verbs()) == ("WEB", True, ["cases.project_created"])

    @pytest.mark.parametrize("key", ["", "web", "1A", "ABCDEFGHIJK", "A B", "A\0"])
    def test_a_key_is_ten_capitals_and_digits_at_most(self, acting, analyst, key):
        with pytest.raises(Invalid) as problem:
            actions.create_project(actor=acting(analyst), key=key, name="Web")
        assert problem.value.data == {"field": "key"}

    def test_a_key_is_there_once(self, acting, analyst):
        with pytest.raises(Invalid):
            actions.create_project(actor=acting(analyst), key="SEC", name="Another")

    def test_an_edit_counts_and_tells_what_was(self, acting, analyst):
        project = ProjectFactory(name="Old")
        actions.edit_projects(actor=acting(analyst), seen={project.pk: 0}, name="New", triages_signals=False)
        project.refresh_from_db()
        assert (project.name, project.triages_signals, project.version) == ("New", False, 1)
        assert Entry.objects.get().data == {"name": ["Old", "New"], "triages_signals": [True, False]}

    def test_an_edit_of_an_older_version_is_refused(self, acting, analyst):
        project = ProjectFactory(version=2)
        outcome = actions.edit_projects(actor=acting(analyst), seen={project.pk: 1}, name="New")
        assert isinstance(outcome.refused[project.pk], StaleVersion)

    def test_the_key_cannot_be_edited(self, acting, analyst):
        with pytest.raises(Invalid):
            actions.edit_projects(actor=acting(analyst), seen={ProjectFactory().pk: 0}, key="NEW")

    def test_one_without_cases_can_be_deleted(self, acting, analyst):
        project = ProjectFactory()
        actions.delete_project(actor=acting(analyst), project=project)
        assert not Project.objects.filter(pk=project.pk).exists()
        assert verbs() == ["cases.project_deleted"]

    def test_one_with_cases_cannot_be_deleted(self, acting, analyst):
        with pytest.raises(Conflict):
            actions.delete_project(actor=acting(analyst), project=CaseFactory().project)

    def test_the_permission_is_asked_for(self, acting, viewer):
        with pytest.raises(NotAllowed, match="cases_shared_settings_write"):
            actions.create_project(actor=acting(viewer), key="WEB", name="Web")


class TestTypes:
    def test_a_type_is_made_edited_and_deleted(self, acting, analyst):
        actor = acting(analyst)
        kind = actions.create_case_type(actor=actor, name="Leak")
        actions.edit_case_type(actor=actor, type=kind, name="Data leak")
        assert CaseType.objects.get(pk=kind.pk).name == "Data leak"
        actions.delete_case_type(actor=actor, type=kind)
        assert verbs() == ["cases.type_created", "cases.type_edited", "cases.type_deleted"]

    @pytest.mark.parametrize("emoji", ["", "👑", "🕵🏻\u200d♂️", "⚠️"])
    def test_a_type_may_have_an_emoji(self, acting, analyst, emoji):
        kind = actions.create_case_type(actor=acting(analyst), name="Leak", emoji=emoji)
        assert CaseType.objects.get(pk=kind.pk).emoji == emoji

    @pytest.mark.parametrize("text", ["notanemoji", "👑a", "1", "👑" * 20])
    def test_what_is_no_emoji_is_refused(self, acting, analyst, text):
        with pytest.raises(Invalid) as problem:
            actions.create_case_type(actor=acting(analyst), name="Leak", emoji=text)
        assert problem.value.data == {"field": "emoji"}

    def test_the_default_type_stays(self, acting, analyst):
        with pytest.raises(Conflict):
            actions.delete_case_type(actor=acting(analyst), type=CaseType.objects.get(is_default=True))

    def test_a_type_in_use_stays(self, acting, analyst):
        kind = CaseType.objects.create(name="Leak")
        CaseFactory(type=kind)
        with pytest.raises(Conflict):
            actions.delete_case_type(actor=acting(analyst), type=kind)


class TestCreateCase:
    def test_numbers_its_cases_from_one_on(self, acting, analyst):
        project, actor = ProjectFactory(key="WEB"), acting(analyst)
        made = [actions.create_case(actor=actor, project=project, title=f"Case {number}") for number in (1, 2)]
        assert [case.key for case in made] == ["WEB-1", "WEB-2"]
        first = Case.objects.get(pk=made[0].pk)
        assert (first.status, first.priority, first.type.is_default, first.created_by) == (
            "OPEN",
            "NOT_DEFINED",
            True,
            analyst,
        )
        assert first.search_text == "web-1 case 1"
        assert verbs() == ["cases.created", "cases.created"]

    def test_signals_go_under_review_and_to_whoever_makes_the_case(self, acting, analyst):
        signals = SignalFactory.create_batch(2)
        seen = {signal.pk: 0 for signal in signals}
        case = actions.create_case(actor=acting(analyst), project=ProjectFactory(), title="Login", signals=seen)
        for signal in signals:
            signal.refresh_from_db()
            assert (signal.state, list(signal.assignees.all())) == ("under_review", [analyst])
        assert set(case.signals.all()) == set(signals)
        assert len(set(Entry.objects.values_list("operation", flat=True))) == 1
        assert Entry.objects.filter(verb="cases.signal_linked").count() == 2
        assert Entry.objects.get(verb="cases.signals_added").data["count"] == 2

    def test_what_somebody_looks_after_or_has_decided_stays(self, acting, analyst, responder):
        archived = SignalFactory(state="archived", archive_reason="other")
        others = SignalFactory()
        Assignment.objects.create(signal=others, user=responder)
        seen = {archived.pk: None, others.pk: None}
        actions.create_case(actor=acting(analyst), project=ProjectFactory(), title="Login", signals=seen)
        archived.refresh_from_db()
        assert archived.state == "archived"
        assert list(others.assignees.all()) == [responder]

    def test_a_project_may_leave_signals_alone(self, acting, analyst):
        signal = SignalFactory()
        project = ProjectFactory(triages_signals=False)
        actions.create_case(actor=acting(analyst), project=project, title="Login", signals={signal.pk: 0})
        signal.refresh_from_db()
        assert (signal.state, signal.version, signal.assignees.count()) == ("open", 0, 0)

    def test_a_signal_that_was_changed_meanwhile_leaves_no_case(self, acting, analyst):
        fresh, stale = SignalFactory(), SignalFactory(version=2)
        seen = {fresh.pk: 0, stale.pk: 1}
        with pytest.raises(StaleVersion):
            actions.create_case(actor=acting(analyst), project=ProjectFactory(), title="Login", signals=seen)
        assert not Case.objects.exists() and not Entry.objects.exists()

    def test_a_form_that_is_sent_twice_makes_one_case(self, acting, analyst):
        token, project = uuid4(), ProjectFactory()
        made = [
            actions.create_case(actor=acting(analyst), project=project, title="Login", token=token) for _ in range(2)
        ]
        assert made[0] == made[1]
        assert Case.objects.count() == 1

    def test_the_token_of_somebody_else_is_refused(self, acting, analyst, responder):
        token, project = uuid4(), ProjectFactory()
        actions.create_case(actor=acting(analyst), project=project, title="Login", token=token)
        with pytest.raises(Conflict):
            actions.create_case(actor=acting(responder), project=project, title="Login", token=token)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("title", ""),
            ("title", "a" * 301),
            ("title", "a\0b"),
            ("title", "a\nb"),
            ("description", "a" * 20_001),
            ("status", "GONE"),
            ("priority", "P6"),
            ("tags", ["a" * 201]),
            ("tags", [3]),
            ("attributes", {"team": "blue"}),
            ("attributes", {"a b": ["c"]}),
            ("attributes", {"team": [{"a": 1}]}),
            ("due_date", "tomorrow"),
            ("due_date", datetime(2026, 1, 1)),
        ],
    )
    def test_what_cannot_be_meant_names_its_field(self, acting, analyst, field, value):
        given = {"title": "Login", field: value}
        with pytest.raises(Invalid) as problem:
            actions.create_case(actor=acting(analyst), project=ProjectFactory(), **given)
        assert problem.value.data == {"field": field}

    def test_the_permissions_are_asked_for(self, acting, viewer):
        with pytest.raises(NotAllowed, match="cases_write"):
            actions.create_case(actor=acting(viewer), project=ProjectFactory(), title="Login")

    def test_many_signals_cost_as_many_queries_as_one(self, acting, analyst, django_assert_max_num_queries):
        seen = {signal.pk: 0 for signal in SignalFactory.create_batch(100)}
        project, actor = ProjectFactory(), acting(analyst)
        with django_assert_max_num_queries(50):
            actions.create_case(actor=actor, project=project, title="Login", signals=seen)


class TestEditCases:
    def test_new_values_count_once_and_are_told_with_the_old(self, acting, analyst):
        case = CaseFactory(title="Old")
        kind = CaseType.objects.create(name="Leak")
        actions.edit_cases(
            actor=acting(analyst),
            seen={case.pk: 0},
            title="New",
            type=kind,
            due_date=date(2026, 1, 31),
            tags=["b", "a", "b"],
            attributes={"team": ["blue"]},
        ).one_or_raise()
        case.refresh_from_db()
        assert (case.title, case.type, case.version) == ("New", kind, 1)
        assert case.search_text.endswith(" new")
        assert [tag.text for tag in case.tags.all()] == ["a", "b"]
        data = Entry.objects.get(verb="cases.edited").data
        assert data["title"] == ["Old", "New"]
        assert data["due_date"] == [None, "2026-01-31"]
        assert data["type"] == ["Standard", "Leak"]
        assert data["tags"] == [[], ["a", "b"]]

    def test_the_same_again_changes_nothing(self, acting, analyst):
        case = CaseFactory(title="Same")
        outcome = actions.edit_cases(actor=acting(analyst), seen={case.pk: 0}, title="Same", tags=[])
        assert (outcome.changed, outcome.unchanged, verbs()) == ([], [case], [])

    def test_an_older_version_is_refused(self, acting, analyst):
        case = CaseFactory(version=3)
        outcome = actions.edit_cases(actor=acting(analyst), seen={case.pk: 2, 999_999: None}, title="New")
        assert {pk: type(problem) for pk, problem in outcome.refused.items()} == {
            case.pk: StaleVersion,
            999_999: NotFound,
        }

    def test_the_permission_is_asked_for(self, acting, viewer):
        with pytest.raises(NotAllowed, match="cases_write"):
            actions.edit_cases(actor=acting(viewer), seen={CaseFactory().pk: 0}, title="New")


class TestMove:
    def test_a_case_gets_the_next_number_of_its_new_project(self, acting, analyst):
        case, project = CaseFactory(), ProjectFactory(key="WEB", last_number=6)
        before = case.key
        actions.move(actor=acting(analyst), seen={case.pk: 0}, to=project).one_or_raise()
        moved = Case.objects.get()
        assert (moved.key, moved.version, moved.search_text) == ("WEB-7", 1, f"web-7 {case.title}".casefold())
        assert Entry.objects.get().data == {"key": [before, "WEB-7"]}
        assert Project.objects.get(key="WEB").last_number == 7

    def test_one_that_is_there_stays_as_it_is(self, acting, analyst):
        case = CaseFactory()
        outcome = actions.move(actor=acting(analyst), seen={case.pk: None}, to=case.project)
        assert (outcome.unchanged, verbs()) == ([case], [])

    def test_a_stale_one_is_refused(self, acting, analyst):
        case = CaseFactory(version=3)
        outcome = actions.move(actor=acting(analyst), seen={case.pk: 1}, to=ProjectFactory(key="WEB"))
        assert isinstance(outcome.refused[case.pk], StaleVersion)

    def test_who_may_only_read_moves_nothing(self, acting, viewer):
        with pytest.raises(NotAllowed):
            actions.move(actor=acting(viewer), seen={}, to=ProjectFactory())


class TestWork:
    def test_closing_says_when_and_opening_forgets_it(self, acting, analyst):
        case, actor = CaseFactory(), acting(analyst)
        actions.set_status(actor=actor, seen={case.pk: 0}, to="CLOSED").one_or_raise()
        case.refresh_from_db()
        assert case.status == "CLOSED" and case.closed_at
        actions.set_status(actor=actor, seen={case.pk: 1}, to="IN_PROGRESS").one_or_raise()
        case.refresh_from_db()
        assert (case.status, case.closed_at, case.version) == ("IN_PROGRESS", None, 2)

    def test_an_assignment_names_who_had_it(self, acting, analyst, responder):
        case = CaseFactory(assignee=analyst)
        actions.assign(actor=acting(analyst), seen={case.pk: 0}, user=responder).one_or_raise()
        before, after = Entry.objects.get(verb="cases.assigned").data["assignee"]
        assert (before["name"], after["name"]) == ("Ana Analyst", "Rob Responder")
        actions.assign(actor=acting(analyst), seen={case.pk: 1}, user=None).one_or_raise()
        assert verbs() == ["cases.assigned", "cases.unassigned"]

    def test_who_left_is_assigned_nothing(self, acting, analyst, responder):
        responder.is_active = False
        with pytest.raises(Invalid, match="no longer log in"):
            actions.assign(actor=acting(analyst), seen={CaseFactory().pk: 0}, user=responder)

    def test_priority_archive_and_back(self, acting, analyst):
        case, actor = CaseFactory(), acting(analyst)
        actions.set_priority(actor=actor, seen={case.pk: 0}, to="P1").one_or_raise()
        actions.archive(actor=actor, seen={case.pk: 1}).one_or_raise()
        case.refresh_from_db()
        assert case.priority == "P1" and case.archived_at
        actions.unarchive(actor=actor, seen={case.pk: 2}).one_or_raise()
        case.refresh_from_db()
        assert case.archived_at is None
        assert verbs() == ["cases.priority_set", "cases.archived", "cases.unarchived"]

    @pytest.mark.parametrize(
        ("verb", "arguments"),
        [
            (actions.set_status, {"to": "CLOSED"}),
            (actions.assign, {"user": None}),
            (actions.set_priority, {"to": "P1"}),
            (actions.archive, {}),
            (actions.unarchive, {}),
        ],
    )
    def test_each_asks_for_the_permission(self, acting, viewer, verb, arguments):
        with pytest.raises(NotAllowed, match="cases_write"):
            verb(actor=acting(viewer), seen={CaseFactory().pk: 0}, **arguments)

    def test_each_can_be_put_back(self, acting, analyst, responder):
        case, actor = CaseFactory(assignee=responder, status="CLOSED", priority="P2"), acting(analyst)
        closed_at = case.closed_at
        deeds = [
            (actions.set_status, {"to": "OPEN"}, actions.restore_status),
            (actions.assign, {"user": None}, actions.restore_assignee),
            (actions.set_priority, {"to": "P5"}, actions.restore_priority),
            (actions.archive, {}, actions.restore_archived),
        ]
        for verb, arguments, restore in deeds:
            verb(actor=actor, seen={case.pk: None}, **arguments).one_or_raise()
            done = {case.pk: Entry.objects.latest("pk").data}
            restore(actor=actor, seen={case.pk: None}, done=done).one_or_raise()
        case.refresh_from_db()
        assert (case.status, case.assignee, case.priority, case.archived_at) == ("CLOSED", responder, "P2", None)
        assert case.closed_at == closed_at


class TestSignals:
    def test_linking_moves_no_version(self, acting, analyst):
        case, signal = CaseFactory(), SignalFactory()
        outcome = actions.add_signals(actor=acting(analyst), case=case, signals={signal.pk: 0})
        assert outcome.changed == [signal]
        case.refresh_from_db()
        signal.refresh_from_db()
        assert (case.version, signal.version, list(case.signals.all())) == (0, 0, [signal])
        assert verbs() == ["cases.signals_added", "cases.signal_linked"]

    def test_what_is_linked_stays_linked_once(self, acting, analyst):
        case, signal = CaseFactory(), SignalFactory()
        for _ in range(2):
            outcome = actions.add_signals(actor=acting(analyst), case=case, signals={signal.pk: None})
        assert outcome.unchanged == [signal]
        assert CaseSignal.objects.count() == 1

    def test_a_stale_signal_is_refused_and_the_others_are_linked(self, acting, analyst):
        case, good, stale = CaseFactory(), SignalFactory(), SignalFactory(version=2)
        outcome = actions.add_signals(actor=acting(analyst), case=case, signals={good.pk: 0, stale.pk: 1})
        assert outcome.changed == [good]
        assert isinstance(outcome.refused[stale.pk], StaleVersion)

    def test_removing_unlinks(self, acting, analyst):
        case, signal = CaseFactory(), SignalFactory()
        actions.add_signals(actor=acting(analyst), case=case, signals={signal.pk: None})
        actions.remove_signals(actor=acting(analyst), case=case, signals={signal.pk: None})
        assert not CaseSignal.objects.exists()
        assert verbs()[-2:] == ["cases.signals_removed", "cases.signal_unlinked"]

    def test_too_many_at_once_are_refused(self, acting, analyst):
        signals = dict.fromkeys(range(1, actions.MOST_AT_ONCE + 2))
        with pytest.raises(Invalid, match="At most 1,000"):
            actions.add_signals(actor=acting(analyst), case=CaseFactory(), signals=signals)

    def test_both_permissions_are_asked_for(self, acting, viewer):
        with pytest.raises(NotAllowed):
            actions.add_signals(actor=acting(viewer), case=CaseFactory(), signals={SignalFactory().pk: None})


class TestComments:
    def test_the_ledger_knows_of_it_and_not_its_words(self, acting, analyst):
        case = CaseFactory()
        said = actions.comment(actor=acting(analyst), case=case, body=" Seen this before. ")
        assert (said.body, said.author) == ("Seen this before.", analyst)
        assert Entry.objects.get().data == {"comment": str(said.uuid)}

    def test_whoever_is_named_is_called_once(self, acting, analyst, responder, outsider):
        actor = acting(analyst)
        said = actions.comment(actor=actor, case=CaseFactory(), body="@responder @outsider @analyst look")
        assert Entry.objects.get(verb="cases.mentioned").data["users"] == [str(responder.uuid)]
        actions.edit_comment(actor=actor, comment=said, body="@Rob Responder, look again", seen_version=0)
        assert Entry.objects.filter(verb="cases.mentioned").count() == 1

    def test_nobody_edits_what_another_said(self, acting, analyst, responder):
        said = CommentFactory(author=analyst)
        with pytest.raises(NotAllowed, match="who said it"):
            actions.edit_comment(actor=acting(responder), comment=said, body="Other")

    def test_an_edit_says_that_it_was_edited(self, acting, analyst):
        said = CommentFactory(author=analyst)
        actions.edit_comment(actor=acting(analyst), comment=said, body="Other", seen_version=0)
        said.refresh_from_db()
        assert said.edited_at and (said.body, said.version) == ("Other", 1)
        with pytest.raises(StaleVersion):
            actions.edit_comment(actor=acting(analyst), comment=said, body="Third", seen_version=0)

    def test_what_is_taken_back_keeps_its_place_and_loses_its_words(self, acting, analyst):
        said = CommentFactory(author=analyst)
        actions.delete_comment(actor=acting(analyst), comment=said)
        said.refresh_from_db()
        assert said.deleted_at and said.body == ""
        with pytest.raises(Conflict):
            actions.delete_comment(actor=acting(analyst), comment=said)

    def test_only_an_administrator_takes_back_what_another_said(self, acting, analyst, responder, admin):
        said = CommentFactory(author=analyst)
        with pytest.raises(NotAllowed):
            actions.delete_comment(actor=acting(responder), comment=said)
        assert actions.delete_comment(actor=acting(admin), comment=said).deleted_at

    @pytest.mark.parametrize("body", ["", "  ", "a" * 20_001, "a\0"])
    def test_what_cannot_be_said(self, acting, analyst, body):
        with pytest.raises(Invalid):
            actions.comment(actor=acting(analyst), case=CaseFactory(), body=body)
