"""Incidents for tests."""

import factory
from django.db.models import Max

from cases_app.models import Case, CaseType, Project
from incidents_app.models import Incident, IncidentSignal, IncidentType, Responder


class IncidentFactory(factory.django.DjangoModelFactory):
    """An incident as a row, without the ledger entry that declaring writes."""

    # The next, as declaring draws it: whichever of the two comes first, the numbers do not meet.
    public_id = factory.LazyFunction(lambda: (Incident.objects.aggregate(newest=Max("public_id"))["newest"] or 0) + 1)
    type = factory.LazyFunction(lambda: IncidentType.objects.get(is_default=True))
    title = "Checkout taken over"
    severity = "SEV-2"
    search_text = factory.LazyAttribute(lambda row: f"#{row.public_id} {row.title}".casefold())

    class Meta:
        model = Incident
        skip_postgeneration_save = True

    @factory.post_generation
    def responders(self, create, people, **kwargs):
        Responder.objects.bulk_create(Responder(incident=self, user=user) for user in people or [])

    @factory.post_generation
    def signals(self, create, signals, **kwargs):
        IncidentSignal.objects.bulk_create(IncidentSignal(incident=self, signal=signal) for signal in signals or [])


def make_case(title="Look into web-store", **fields):
    project, _ = Project.objects.get_or_create(key="SEC", defaults={"name": "Security work"})
    number = project.cases.count() + 1
    return Case.objects.create(
        project=project,
        number=number,
        type=CaseType.objects.get(is_default=True),
        title=title,
        search_text=f"{project.key}-{number} {title}".casefold(),
        **fields,
    )
