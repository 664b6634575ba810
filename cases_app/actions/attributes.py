"""What cases of a type can say besides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from accounts_app.access import Actor, require
from accounts_app.rules import change, check
from accounts_app.rules import locked as locked_row
from cases_app import limits
from cases_app.actions.changing import CHUNK, known
from cases_app.models import Case, CaseType, CustomAttribute
from cases_app.models.managers import SETTINGS
from core_app.errors import Conflict, Invalid
from core_app.ledger import record

FIELDS = frozenset({"name", "description", "kind", "options"})
MOST = 50  # of one type
MOST_OPTIONS = 200


@transaction.atomic
def create_custom_attribute(
    *,
    actor: Actor,
    type: CaseType,
    key: str,
    name: str,
    kind: str,
    is_multi: bool = False,
    description: str = "",
    options: Iterable[str] = (),
) -> CustomAttribute:
    """Let cases of a type say something more. Raises NotAllowed, NotFound, or Invalid naming the field."""
    require(actor, SETTINGS)
    row = locked_row(CaseType.objects.visible_to(actor), type.pk)
    if row.custom_attributes.count() >= MOST:
        raise Invalid(f"A type may have at most {MOST} custom attributes.")
    values = _cleaned({"name": name, "kind": kind, "description": description, "options": options})
    made = CustomAttribute(type=row, key=limits.line(key, "key", 60), is_multi=is_multi, **values)
    check(made)
    made.save()
    record(actor, "cases.attribute_created", made, key=made.key, name=made.name, kind=made.kind, type=row.name)
    return made


@transaction.atomic
def edit_custom_attribute(*, actor: Actor, attribute: CustomAttribute, **fields: Any) -> CustomAttribute:
    """Give it new values (of `FIELDS`).

    Raises NotAllowed, NotFound or Invalid, and Conflict for another kind or fewer options while a case says something.
    """
    require(actor, SETTINGS)
    known(fields, FIELDS)
    row = locked_row(CustomAttribute.objects.visible_to(actor), attribute.pk)
    values = _cleaned(fields)
    narrower = values.get("kind", row.kind) != row.kind or (
        "options" in values and values["options"] and not set(row.options) <= set(values["options"])
    )
    if narrower and _saying(row).exists():
        raise Conflict("There are cases that say something of it: their values might not fit any more.")
    if changed := change(row, **values):
        check(row)
        row.save()
        record(actor, "cases.attribute_edited", row, **changed)
    return row


@transaction.atomic
def delete_custom_attribute(*, actor: Actor, attribute: CustomAttribute) -> None:
    """Take it away, with what cases said of it. Raises NotAllowed or NotFound."""
    require(actor, SETTINGS)
    row = locked_row(CustomAttribute.objects.visible_to(actor).select_related("type"), attribute.pk)
    saying = _saying(row).order_by("pk").select_for_update(of=("self",))
    cases = list(saying.only("pk", "custom_attributes"))
    for case in cases:
        case.custom_attributes.pop(row.key)
    Case.objects.bulk_update(cases, ["custom_attributes"], batch_size=CHUNK)
    record(actor, "cases.attribute_deleted", row, key=row.key, name=row.name, type=row.type.name, cases=len(cases))
    row.delete()


def _saying(attribute: CustomAttribute) -> Any:
    return Case.objects.filter(type=attribute.type_id, custom_attributes__has_key=attribute.key)


def _cleaned(fields: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(fields)
    if "name" in values:
        values["name"] = limits.line(values["name"], "name", 120)
    if "description" in values:
        values["description"] = limits.body(values["description"], "description", limits.MAX_TEXT)
    if "options" in values:
        texts = dict.fromkeys(limits.line(one, "options", limits.MAX_VALUE) for one in values["options"])
        texts.pop("", None)
        if len(texts) > MOST_OPTIONS:
            raise Invalid(f"At most {MOST_OPTIONS} options.", field="options")
        values["options"] = list(texts)
    return values
