"""What an incident says in the fields of its organisation, and who holds which role in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts_app.models import User
from incidents_app.models import DeclaredField, Impact, Incident, RoleHolder, State, UserDefinedField, UserDefinedRole
from incidents_app.moments import moment_in

# In which state what is collected there has to be asked for. The original has one more after the last.
REACHED = {
    State.ACTIVE: ("active",),
    State.STABLE: ("active", "stable"),
    State.RESOLVED: ("active", "stable", "resolved", "completed"),
}


@dataclass(frozen=True)
class Property:
    """One field of an incident as people read it; a moment is a moment."""

    label: str
    value: str | datetime

    @property
    def is_moment(self) -> bool:
        return isinstance(self.value, datetime)


def properties_of(incident: Incident) -> tuple[dict[str, list[Property]], list[str]]:
    """What an incident says, by category (empty for none), and what is still to be filled in.

    Declared fields come in their order, with what nobody has said yet; others follow by name.
    """
    declared = {field.name: field for field in incident.type.userdefinedfields.all()}
    found: dict[str, list[Property]] = {category: [] for category in ("", *UserDefinedField.Category.values)}
    for name, field in declared.items():
        if not field.is_column:
            found[field.category].append(Property(field.display_name, _words(field, incident.fields.get(name))))
    for name, said in sorted(incident.fields.items()):
        if name not in declared:
            found[""].append(Property(name[:1].upper() + name[1:], _plain(said)))
    missing = [field.display_name for field in declared.values() if _is_asked(field, incident.state)]
    said = {field.display_name for field in declared.values() if _said(incident, field)}
    return found, [label for label in missing if label not in said]


def of_impacts(incident: Incident, impacts: Iterable[Impact]) -> list[tuple[Impact, list[Property]]]:
    """Impacts of an incident, each with what its fields say."""
    declared = {field.name: field for field in incident.type.impactfields.all()}
    found = []
    for impact in impacts:
        said = [
            Property(declared[name].display_name, _words(declared[name], one))
            if name in declared
            else Property(name[:1].upper() + name[1:], _plain(one))
            for name, one in sorted(impact.fields.items())
        ]
        found.append((impact, [one for one in said if one.value]))
    return found


def _is_asked(field: UserDefinedField, state: str) -> bool:
    return field.required or field.collected in REACHED[State(state)]


def _said(incident: Incident, field: UserDefinedField) -> Any:
    if field.is_column:
        value = getattr(incident, field.name)
        return value if value != "unknown" else ""
    return (incident.fields.get(field.name) or {}).get("value")


def _words(field: DeclaredField, said: Mapping[str, Any] | None) -> str | datetime:
    value = (said or {}).get("value")
    if field.kind == field.Kind.DATETIME and isinstance(value, str):
        try:
            return moment_in(value)
        except ValueError:  # written before the field was declared
            return value
    values = value if isinstance(value, list) else [value] if value else []
    return ", ".join(field.choices.get(one, str(one)) for one in values)


def _plain(said: Any) -> str:
    value = said.get("value") if isinstance(said, dict) else said
    return ", ".join(value) if isinstance(value, list) else str(value or "")


def roles_in(incident: Incident) -> list[tuple[UserDefinedRole, list[User]]]:
    """The roles of an incident's type, each with the responders who hold it."""
    links = RoleHolder.objects.filter(responder__incident=incident).select_related("responder__user")
    held: dict[int, list[User]] = {}
    for link in links:
        held.setdefault(link.role_id, []).append(link.responder.user)
    return [(role, held.get(role.pk, [])) for role in incident.type.userdefinedroles.all()]
