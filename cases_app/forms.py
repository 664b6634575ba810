"""What the pages of cases accept."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError

from accounts_app.access import Actor
from accounts_app.models import User
from cases_app import custom, limits
from cases_app.models import Case, CaseLink, CaseType, CustomAttribute, Priority, Project, ProjectRule, Status
from core_app.errors import Invalid

MOST_LINES = 20_000  # characters of all attributes together
MAX_FIND = 200
NOBODY = "Nobody"
CUSTOM = "custom:"  # begins the names of the fields of custom attributes


TRIGGER = ProjectRule.Trigger
WHEN = [
    (f"{TRIGGER.CREATED}||", "A case is made"),
    (f"{TRIGGER.STATUS}||", "A status changes"),
    *((f"{TRIGGER.STATUS}|to_status|{one.value}", f"A case moves to {one.label}") for one in Status),
    (f"{TRIGGER.VALUE}|field|priority", "The priority changes"),
    (f"{TRIGGER.VALUE}|field|assignee", "The assignee changes"),
    (f"{TRIGGER.VALUE}||", "Anything else is written into it"),
]


class ProjectField(forms.ModelChoiceField):
    """One of the projects, by its key."""

    def __init__(self, **options: Any) -> None:
        super().__init__(Project.objects.none(), to_field_name="key", **options)

    def to_python(self, value: Any) -> Project | None:
        if isinstance(value, str) and "\0" in value:  # PostgreSQL refuses even to look for it
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super().to_python(value)


class LinesField(forms.CharField):
    """A text of several lines, which nobody has changed by sending it from a browser."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return limits.lines(super().to_python(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.to_python(initial), data)


class SeenForm(forms.Form):
    """The version that somebody looked at when they pressed a button."""

    seen_version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)


class StatusForm(SeenForm):
    to = forms.ChoiceField(choices=Status, label="Status")


class PriorityForm(SeenForm):
    to = forms.ChoiceField(choices=Priority, label="Priority")


class AssigneeForm(SeenForm):
    """Who is to look after it; nobody when empty."""

    assignee = forms.ModelChoiceField(User.objects.none(), to_field_name="uuid", required=False, empty_label=NOBODY)

    def __init__(self, *args: Any, actor: Actor) -> None:
        super().__init__(*args)
        self.fields["assignee"].queryset = people(actor)


class LinkForm(forms.Form):
    """What the case is to another, which its key names."""

    relationship = forms.ChoiceField(
        choices=[(f"{kind}:down", f"It {label}") for kind, label in CaseLink.Relationship.choices]
        + [
            (f"{kind}:up", f"The other {label} it")
            for kind, label in CaseLink.Relationship.choices
            if kind != CaseLink.Relationship.RELATES_TO
        ]
    )
    key = forms.RegexField(
        r"\A\s*[A-Za-z][A-Za-z0-9]{0,9}-[1-9][0-9]{0,8}\s*\Z",
        label="Key",
        error_messages={"invalid": "Write the key of a case, such as SEC-12."},
    )


class ToProjectForm(SeenForm):
    """Which project it goes into."""

    project = ProjectField(empty_label=None)

    def __init__(self, *args: Any, actor: Actor) -> None:
        super().__init__(*args)
        self.fields["project"].queryset = Project.objects.visible_to(actor)


class CommentForm(SeenForm):
    body = LinesField(
        label="Comment",
        max_length=limits.MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
    )


class CaseForm(forms.ModelForm):
    """What a case says. Tags are typed with commas between them, attributes one a line, `team = payments`."""

    description = LinesField(
        required=False, max_length=limits.MAX_TEXT, widget=forms.Textarea(attrs={"rows": 8}), help_text="Markdown."
    )
    tags = forms.CharField(required=False, max_length=5000, help_text="Separated by commas.")
    attributes = LinesField(
        required=False,
        max_length=MOST_LINES,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "team = payments"}),
        help_text="One a line, as team = payments. A name may stand on several lines.",
    )
    seen_version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    class Meta:
        model = Case
        fields = ["title", "description", "type", "due_date"]
        widgets = {"due_date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type"].queryset = CaseType.objects.visible_to(actor)
        self.fields["type"].empty_label = None
        self.custom = list(self.instance.type.custom_attributes.all()) if self.instance.pk else []
        for attribute in self.custom:
            self.fields[f"{CUSTOM}{attribute.key}"] = _custom_field(attribute)
        if self.instance.pk:
            self.initial = {**_lines_of(self.instance, self.custom), **self.initial}
        for field in self.fields.values():
            field.widget.attrs["class"] = bootstrap_class(field.widget)

    def clean_tags(self) -> list[str]:
        return checked(limits.tags, self.cleaned_data["tags"].split(","))

    def clean_attributes(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for line in self.cleaned_data["attributes"].splitlines():
            name, equals, text = line.partition("=")
            if line.strip() and not equals:
                raise ValidationError("“%(line)s” has no = in it.", params={"line": line[:60]})
            if line.strip():
                found.setdefault(name.strip(), []).append(text.strip())
        return checked(limits.attributes, found)

    def clean_title(self) -> str:
        return checked(limits.title, self.cleaned_data["title"])

    def clean(self) -> dict[str, Any]:
        """Custom attributes as they are kept; what one cannot be is told at its field."""
        found = super().clean()
        for attribute in self.custom:
            name = f"{CUSTOM}{attribute.key}"
            if name in found:
                try:
                    found[name] = custom.typed(attribute, found[name])
                except Invalid as problem:
                    self.add_error(name, problem.message)
        return found

    def _post_clean(self) -> None:
        """Nothing: the instance is only looked at, the action gives it its values and checks them."""

    @property
    def values(self) -> dict[str, Any]:
        """What was written, by field, for the action."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("seen_version", "token")}

    @property
    def given(self) -> dict[str, Any]:
        """What the person changed, for the action; custom attributes are of the type that the case had."""
        found = given(self)
        besides = {name.removeprefix(CUSTOM): found.pop(name) for name in list(found) if name.startswith(CUSTOM)}
        return found | ({"custom_attributes": besides} if besides and "type" not in found else {})


class NewCaseForm(CaseForm):
    """A case that is to be made. `token` tells a form that is sent twice from two forms."""

    project = ProjectField(empty_label=None)
    priority = forms.ChoiceField(choices=Priority, initial=Priority.NOT_DEFINED)
    assignee = forms.ModelChoiceField(User.objects.none(), to_field_name="uuid", required=False, empty_label=NOBODY)
    token = forms.UUIDField(widget=forms.HiddenInput)

    field_order = ["project", "title", "description", "priority", "assignee", "type", "due_date", "tags", "attributes"]

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.fields["project"].queryset = Project.objects.visible_to(actor)
        self.fields["assignee"].queryset = people(actor)
        self.initial.setdefault("token", uuid4())
        self.initial.setdefault("type", next((kind for kind in self.fields["type"].queryset if kind.is_default), None))


class FromSignalsForm(forms.Form):
    """A case that is to be made from signals: the number of them that stood on the dialog, and what it is to say."""

    project = ProjectField(empty_label=None)
    title = forms.CharField(max_length=limits.MAX_TITLE)
    description = LinesField(required=False, max_length=limits.MAX_TEXT)
    assignee = forms.ModelChoiceField(User.objects.none(), to_field_name="uuid", required=False, empty_label=NOBODY)
    token = forms.UUIDField()
    expected = forms.IntegerField(min_value=1)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].queryset = Project.objects.visible_to(actor)
        self.fields["assignee"].queryset = people(actor)

    def clean_title(self) -> str:
        return checked(limits.title, self.cleaned_data["title"])


class AddSignalsForm(forms.Form):
    """Which case signals are to be put into, and how many there were on the dialog."""

    case = forms.ModelChoiceField(
        Case.objects.none(), to_field_name="uuid", error_messages={"required": "Choose a case."}
    )
    expected = forms.IntegerField(min_value=1)

    def __init__(self, *args: Any, actor: Actor) -> None:
        super().__init__(*args)
        self.fields["case"].queryset = Case.objects.visible_to(actor).select_related("project")


class FindForm(forms.Form):
    """Words that a case is looked for by."""

    find = forms.CharField(required=False, max_length=MAX_FIND)


class MoveForm(forms.Form):
    """Which case of the board goes where: `SEC-12:3:CLOSED`, the version being the one that was seen."""

    move = forms.RegexField(r"\A[A-Z][A-Z0-9]{0,9}-[1-9][0-9]{0,8}:[0-9]{1,9}:[A-Z_]{1,20}\Z")


class BoardForm(forms.Form):
    """What the board is narrowed to."""

    project = ProjectField(required=False, empty_label="All projects")
    query = forms.CharField(required=False)

    def __init__(self, *args: Any, actor: Actor) -> None:
        super().__init__(*args)
        self.fields["project"].queryset = Project.objects.visible_to(actor)


class ArchiveSignalsForm(forms.Form):
    """The offer to archive a closed case's signals, and what stood on it: see `queries.waiting`."""

    token = forms.UUIDField()
    seen = forms.CharField(max_length=100)


class ProjectForm(forms.ModelForm):
    """What can be changed of a project."""

    description = LinesField(required=False, max_length=limits.MAX_TEXT, widget=forms.Textarea(attrs={"rows": 3}))
    seen_version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    class Meta:
        model = Project
        fields = ["name", "description", "triages_signals"]
        labels = {"triages_signals": "Creating a case sets its signals under review and assigns them to its creator"}
        help_texts = {"triages_signals": "Signals that are archived, or that somebody looks after, stay as they are."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen_version"] = self.instance.version
        for field in self.fields.values():
            field.widget.attrs["class"] = bootstrap_class(field.widget)

    @property
    def values(self) -> dict[str, Any]:
        """What was written, by field, for the action."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen_version"}

    @property
    def given(self) -> dict[str, Any]:
        """What the person changed, for the action."""
        return given(self)


class RuleForm(forms.Form):
    """Who is told of what happens to cases of a project."""

    to = forms.CharField(
        label="Tell", max_length=2000, help_text="E-mail addresses of people here, with commas between them."
    )
    when = forms.MultipleChoiceField(
        label="When", choices=WHEN, widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"})
    )
    query = forms.CharField(
        label="Only of cases that meet",
        max_length=4000,
        required=False,
        help_text="In the language of the explorer, such as priority:(P1 OR P2). All cases of the project without it.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("to", "query"):
            self.fields[name].widget.attrs["class"] = "form-control"

    @property
    def values(self) -> dict[str, Any]:
        """What was written, for the action."""
        emails = [email.strip() for email in self.cleaned_data["to"].split(",") if email.strip()]
        triggers = [kind.split("|") for kind in self.cleaned_data["when"]]
        return {
            "recipients": [{"type": "EMAIL", "data": {"email": email}} for email in emails],
            "triggers": [{"type": kind, "data": {name: value} if name else {}} for kind, name, value in triggers],
            "query": self.cleaned_data["query"],
        }


class NewProjectForm(ProjectForm):
    """A project that is to be made, with the key that it keeps."""

    field_order = ["name", "key", "description", "triages_signals"]

    class Meta(ProjectForm.Meta):
        fields = ["name", "key", "description", "triages_signals"]
        help_texts = {
            **ProjectForm.Meta.help_texts,
            "key": "One to ten capital letters and digits, a letter first. It begins the name of each case, as SEC-12, "
            "and can never be changed.",
        }

    def clean_key(self) -> str:
        return self.cleaned_data["key"].upper()


def people(actor: Actor) -> Any:
    """Those whom something can be given to, as far as the actor may see them."""
    return User.objects.visible_to(actor).filter(is_active=True)


def given(form: forms.ModelForm) -> dict[str, Any]:
    """What somebody typed into the form of a row, by field: what they left alone is not theirs to write."""
    return {name: form.cleaned_data[name] for name in form.changed_data if name != "seen_version"}


def _custom_field(attribute: CustomAttribute) -> forms.Field:
    """What one custom attribute is typed into: a line each where there may be several."""
    words = {"label": attribute.name, "help_text": attribute.description, "required": False}
    if attribute.is_multi:
        words["help_text"] = f"{attribute.description} One a line.".strip()
        return LinesField(max_length=MOST_LINES, widget=forms.Textarea(attrs={"rows": 3}), **words)
    if attribute.kind == CustomAttribute.Kind.SELECT and attribute.options:
        return forms.ChoiceField(choices=[("", "–"), *((text, text) for text in attribute.options)], **words)
    return forms.CharField(max_length=limits.MAX_VALUE, **words)


def _lines_of(case: Case, kinds: list[CustomAttribute]) -> dict[str, Any]:
    """What the form shows of a case in its own way."""
    attributes = [f"{name} = {text}" for name, texts in case.attributes.items() for text in texts]
    tags = ", ".join(tag.text for tag in case.tags.all())
    besides = {f"{CUSTOM}{one.key}": custom.written(one, case.custom_attributes.get(one.key)) for one in kinds}
    return {"seen_version": case.version, "tags": tags, "attributes": "\n".join(attributes), **besides}


def checked(limit: Any, value: Any) -> Any:
    """The value as this floor's limits make it; what breaks one is told at the field."""
    try:
        return limit(value)
    except Invalid as problem:
        raise ValidationError(problem.message) from problem


def bootstrap_class(widget: forms.Widget) -> str:
    """The class that Bootstrap wants on such a control."""
    if isinstance(widget, forms.CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"
