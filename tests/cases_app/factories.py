"""Cases and what they are kept in, for tests."""

import factory
from django.utils import timezone

from cases_app.models import Case, CaseType, Comment, Project, Status


class ProjectFactory(factory.django.DjangoModelFactory):
    key = "OPS"
    name = factory.LazyAttribute(lambda project: f"Project {project.key}")

    class Meta:
        model = Project
        django_get_or_create = ("key",)


class CaseFactory(factory.django.DjangoModelFactory):
    project = factory.SubFactory(ProjectFactory)
    number = factory.Sequence(lambda number: number + 1)
    type = factory.LazyFunction(lambda: CaseType.objects.get(is_default=True))
    title = factory.Sequence("Look into the login {}".format)
    search_text = factory.LazyAttribute(lambda case: f"{case.project.key}-{case.number} {case.title}".casefold())
    closed_at = factory.LazyAttribute(lambda case: timezone.now() if case.status == Status.CLOSED else None)
    status = Status.OPEN

    class Meta:
        model = Case


class CommentFactory(factory.django.DjangoModelFactory):
    case = factory.SubFactory(CaseFactory)
    body = "Seen."

    class Meta:
        model = Comment
