"""Form fields in Bootstrap's clothes."""

from __future__ import annotations

from django import forms, template
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def control(field: forms.BoundField) -> SafeString:
    """The field's widget with the class that Bootstrap has for its kind: `{{ field|control }}`."""
    match field.field.widget:
        case forms.CheckboxInput():
            name = "form-check-input"
        case forms.Select():
            name = "form-select"
        case _:
            name = "form-control"
    return field.as_widget(attrs={"class": f"{name} is-invalid" if field.errors else name})
