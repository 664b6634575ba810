"""The form that makes an attribute a facet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms

from accounts_app.access import Actor
from search_app import surfaces
from search_app.declared import why_not
from search_app.models import CustomFacet
from search_app.surfaces import Surface

SAMPLED = 100  # of the newest rows: their attributes are suggested
MOST_PATHS = 300


class FacetForm(forms.ModelForm):
    """What a facet is made of, where it stands and what it is called; `surface` is given, or one of the fields."""

    class Meta:
        model = CustomFacet
        fields = ["path", "label", "group", "kind"]
        help_texts = {
            "path": "The path of the attribute, such as @http.status_code.",
            "label": "What the facet is called in the panel.",
            "group": "Where it stands in the menu of facets. Left empty, it stands under Other.",
            "kind": "Numbers can be compared, too.",
        }
        widgets = {"path": forms.TextInput(attrs={"list": "attribute-paths", "spellcheck": "false"})}

    surface = ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        surface = self.surface or data.get("surface", "")
        if "path" in data and surface and (reason := why_not(surfaces.surface(surface), data["path"])):
            self.add_error("path", reason)
        return data


class FacetOfForm(FacetForm):
    """The same with the surface to choose."""

    class Meta(FacetForm.Meta):
        fields = ["surface", *FacetForm.Meta.fields]

    surface = forms.ChoiceField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "surface" in self.fields:
            self.fields["surface"].choices = [(one.name, one.label) for one in surfaces.surfaces()]


def known_paths(surface: Surface, actor: Actor) -> list[str]:
    """The paths of the attributes that the newest rows have, of those that the actor may see."""
    rows = surface.rows(actor).order_by(f"-{surface.time}", "-pk")
    found = rows.values_list(surface.fields.attributes, flat=True)[:SAMPLED]
    paths = {path for document in found if isinstance(document, dict) for path in _leaves(document, "@")}
    return sorted(path for path in paths if not why_not(surface, path))[:MOST_PATHS]


def _leaves(node: Any, path: str) -> Iterator[str]:
    if isinstance(node, dict):
        for key, child in node.items():
            yield from _leaves(child, f"{path}{key}" if path == "@" else f"{path}.{key}")
    elif isinstance(node, list):
        for child in node:
            yield from _leaves(child, path)
    else:
        yield path
