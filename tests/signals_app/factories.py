"""Signals and what they stand on, for tests."""

from datetime import timedelta

import factory
from django.utils import timezone

from signals_app.models import DetectionRule, Entity, Service, Severity, Signal, SignalEntity, SignalTag, Source


class SourceFactory(factory.django.DjangoModelFactory):
    name = "edge"
    format = Source.Format.MODSECURITY3

    class Meta:
        model = Source
        django_get_or_create = ("name",)


class ServiceFactory(factory.django.DjangoModelFactory):
    name = "web-store"

    class Meta:
        model = Service
        django_get_or_create = ("name",)


class RuleFactory(factory.django.DjangoModelFactory):
    key = "waf-sql-injection"
    name = "SQL injection attempts"
    severity = Severity.MEDIUM
    tactic = "TA0001 Initial Access"
    technique = "T1190 Exploit Public-Facing Application"
    window = timedelta(minutes=60)

    class Meta:
        model = DetectionRule
        django_get_or_create = ("key",)


class SignalFactory(factory.django.DjangoModelFactory):
    rule = factory.SubFactory(RuleFactory)
    source = factory.SubFactory(SourceFactory)
    service = factory.SubFactory(ServiceFactory)
    env = "prod"
    correlation_key = "waf-sql-injection:web-store"
    title = factory.Sequence("SQL injection on web-store {}".format)
    search_text = factory.LazyAttribute(lambda signal: signal.title.casefold())
    severity = Severity.HIGH
    first_seen = factory.LazyFunction(timezone.now)
    last_seen = factory.SelfAttribute("first_seen")
    count = 1

    class Meta:
        model = Signal
        skip_postgeneration_save = True

    @factory.post_generation
    def attackers(self, create, addresses, **kwargs):
        for address in addresses or []:
            add_part(self, Entity.Kind.IP, address, SignalEntity.Role.ATTACKER)

    @factory.post_generation
    def victims(self, create, names, **kwargs):
        for name in names or []:
            add_part(self, Entity.Kind.USER, name, SignalEntity.Role.VICTIM)

    @factory.post_generation
    def tags(self, create, texts, **kwargs):
        SignalTag.objects.bulk_create(SignalTag(signal=self, text=text) for text in texts or [])


def add_part(signal: Signal, kind: str, value: str, role: str) -> SignalEntity:
    seen = {"first_seen": signal.first_seen, "last_seen": signal.last_seen}
    entity, _ = Entity.objects.get_or_create(kind=kind, value=value, defaults=seen)
    return SignalEntity.objects.create(signal=signal, entity=entity, role=role, count=1, **seen)
