"""Security filters and critical assets: what is looked at, and where it matters more."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import require
from accounts_app.permissions import RULES_READ
from core_app.errors import StaleVersion
from datadog_app import describing as told
from datadog_app.api.door import Door
from datadog_app.dates import milliseconds
from datadog_app.queries import rules, settings
from datadog_app.reading import given
from datadog_app.serializers.rules import FIRST_VERSION, seen_version
from datadog_app.serializers.settings import (
    ASSET_FIELDS,
    FILTER_FIELDS,
    AssetCreate,
    AssetUpdate,
    FilterCreate,
    FilterUpdate,
    asset_data,
    asset_fields,
    filter_data,
    filter_entry,
    filter_fields,
)
from signals_app import actions
from signals_app.actions import FILTERS_WRITE
from signals_app.actions.catalogue import RULES_WRITE
from signals_app.models import CriticalAsset, SecurityFilter
from signals_app.queries.filters import filter_sets

FILTERS, ASSETS = "Security filters", "Critical assets"
FILTERS_READ = "security_monitoring_filters_read"
NONE_IS_ON = "No security filter is enabled: no detection makes a signal."

EXCLUSIONS = told.many(told.thing(name=told.TEXT, query=told.TEXT))
FILTER_SHAPE = {
    "name": told.TEXT,
    "query": told.TEXT,
    "exclusion_filters": EXCLUSIONS,
    "filtered_data_type": told.words("logs"),
    "is_builtin": told.FLAG,
    "is_enabled": told.FLAG,
    "version": told.WHOLE,
}
FILTER_DATA = told.resource("security_filters", told.thing(**FILTER_SHAPE))
WARNING = told.thing(warning=told.TEXT)
FILTER_SETS = told.data(
    told.many(
        told.resource(
            "security_filters_configuration",
            told.thing(
                version=told.WHOLE, date=told.WHOLE, filters=told.many(told.thing(id=told.UUID, **FILTER_SHAPE))
            ),
        )
    )
)
ASSET_DATA = told.resource(
    "critical_assets",
    told.thing(
        query=told.TEXT,
        rule_query=told.TEXT,
        severity=told.words(*CriticalAsset.Weight.values),
        description=told.TEXT,
        enabled=told.FLAG,
        editable=told.FLAG,
        tags=told.many(told.TEXT),
        version=told.WHOLE,
        creation_date=told.WHOLE,
        update_date=told.WHOLE,
        creator=told.ANYTHING,
        updater=told.ANYTHING,
        creation_author_id=told.WHOLE,
        update_author_id=told.WHOLE,
    ),
)


class SettingDoor(Door):
    """What the endpoints of both have in common."""

    group = "rules"
    first_version = FIRST_VERSION
    statuses = {**Door.statuses, StaleVersion: 409}


# --- security filters -------------------------------------------------------------------------


class FilterDoor(SettingDoor):
    """What the endpoints of security filters have in common."""

    fields = {ours: theirs for theirs, ours in FILTER_FIELDS.items()}

    def answer(self, request: Request, row: SecurityFilter) -> Response:
        """The filter as it is now, with a warning when nothing is looked at any more."""
        row = settings.found(settings.filters(request.actor), str(row.uuid))
        return Response({"data": filter_data(row), "meta": self.meta(request)})

    def meta(self, request: Request) -> dict[str, str]:
        on = settings.filters(request.actor).filter(is_enabled=True).exists()
        return {} if on else {"warning": NONE_IS_ON}


class FilterList(FilterDoor):
    """`/api/v2/security_monitoring/configuration/security_filters`"""

    @told.operation(FILTERS, "Get all security filters", answer=told.data(told.many(FILTER_DATA), meta=WARNING))
    def get(self, request: Request) -> Response:
        require(request.actor, FILTERS_READ)
        rows = settings.filters(request.actor)
        return Response({"data": [filter_data(row) for row in rows], "meta": self.meta(request)})

    @told.operation(FILTERS, "Create a security filter", body=FilterCreate, answer=told.data(FILTER_DATA, meta=WARNING))
    def post(self, request: Request) -> Response:
        require(request.actor, FILTERS_WRITE)
        fields = filter_fields(given(request, FilterCreate)["data"]["attributes"])
        return self.answer(request, actions.create_security_filter(actor=request.actor, **fields))


class FilterSets(FilterDoor):
    """`…/security_filters/versions`"""

    @told.operation(FILTERS, "Get the version history of security filters", answer=FILTER_SETS)
    def get(self, request: Request) -> Response:
        require(request.actor, FILTERS_READ)
        data = [
            {
                "id": str(one.number),
                "type": "security_filters_configuration",
                "attributes": {
                    "version": one.number,
                    "date": milliseconds(one.at),
                    "filters": [filter_entry(kept) for kept in one.filters],
                },
            }
            for one in filter_sets(request.actor)
        ]
        return Response({"data": data})


class FilterDetail(FilterDoor):
    """`…/security_filters/{security_filter_id}`"""

    def row(self, request: Request, security_filter_id: str) -> SecurityFilter:
        return settings.found(settings.filters(request.actor), security_filter_id)

    @told.operation(FILTERS, "Get a security filter", answer=told.data(FILTER_DATA, meta=WARNING))
    def get(self, request: Request, security_filter_id: str) -> Response:
        require(request.actor, FILTERS_READ)
        return self.answer(request, self.row(request, security_filter_id))

    @told.operation(FILTERS, "Update a security filter", body=FilterUpdate, answer=told.data(FILTER_DATA, meta=WARNING))
    def patch(self, request: Request, security_filter_id: str) -> Response:
        require(request.actor, FILTERS_WRITE)
        asked = given(request, FilterUpdate)["data"]["attributes"]
        row = self.row(request, security_filter_id)
        actions.edit_security_filters(
            actor=request.actor, seen={row.pk: seen_version(asked)}, **filter_fields(asked)
        ).one_or_raise()
        return self.answer(request, row)

    @told.operation(FILTERS, "Delete a security filter", status=204)
    def delete(self, request: Request, security_filter_id: str) -> Response:
        require(request.actor, FILTERS_WRITE)
        row = self.row(request, security_filter_id)
        actions.delete_security_filter(actor=request.actor, security_filter=row)
        return Response(status=204)


# --- critical assets --------------------------------------------------------------------------


class AssetDoor(SettingDoor):
    """What the endpoints of critical assets have in common."""

    fields = {ours: theirs for theirs, ours in ASSET_FIELDS.items()}

    def told(self, request: Request, row: CriticalAsset) -> dict[str, object]:
        return asset_data(row, may_edit=request.actor.can(RULES_WRITE))

    def answer(self, request: Request, asset_id: object) -> Response:
        """The critical asset as it is now."""
        return Response({"data": self.told(request, self.row(request, asset_id))})

    def row(self, request: Request, asset_id: object) -> CriticalAsset:
        return settings.found(settings.assets(request.actor), str(asset_id))


class AssetList(AssetDoor):
    """`/api/v2/security_monitoring/configuration/critical_assets`"""

    @told.operation(ASSETS, "Get all critical assets", answer=told.data(told.many(ASSET_DATA)))
    def get(self, request: Request) -> Response:
        require(request.actor, RULES_READ)
        return Response({"data": [self.told(request, row) for row in settings.assets(request.actor)]})

    @told.operation(ASSETS, "Create a critical asset", body=AssetCreate, answer=told.data(ASSET_DATA))
    def post(self, request: Request) -> Response:
        require(request.actor, RULES_WRITE)
        fields = asset_fields(given(request, AssetCreate)["data"]["attributes"])
        return self.answer(request, actions.create_critical_asset(actor=request.actor, **fields).uuid)


class AssetDetail(AssetDoor):
    """`…/critical_assets/{critical_asset_id}`"""

    @told.operation(ASSETS, "Get a critical asset", answer=told.data(ASSET_DATA))
    def get(self, request: Request, critical_asset_id: str) -> Response:
        require(request.actor, RULES_READ)
        return self.answer(request, critical_asset_id)

    @told.operation(ASSETS, "Update a critical asset", body=AssetUpdate, answer=told.data(ASSET_DATA))
    def patch(self, request: Request, critical_asset_id: str) -> Response:
        require(request.actor, RULES_WRITE)
        asked = given(request, AssetUpdate)["data"]["attributes"]
        row = self.row(request, critical_asset_id)
        actions.edit_critical_assets(
            actor=request.actor, seen={row.pk: seen_version(asked)}, **asset_fields(asked)
        ).one_or_raise()
        return self.answer(request, critical_asset_id)

    @told.operation(ASSETS, "Delete a critical asset", status=204)
    def delete(self, request: Request, critical_asset_id: str) -> Response:
        require(request.actor, RULES_WRITE)
        actions.delete_critical_asset(actor=request.actor, asset=self.row(request, critical_asset_id))
        return Response(status=204)


class AssetsOfRule(AssetDoor):
    """`…/critical_assets/rules/{rule_id}`"""

    @told.operation(ASSETS, "Get critical assets affecting a rule", answer=told.data(told.many(ASSET_DATA)))
    def get(self, request: Request, rule_id: str) -> Response:
        require(request.actor, RULES_READ)
        found = settings.affecting(request.actor, rules.rule(request.actor, rule_id))
        return Response({"data": [self.told(request, row) for row in found]})
