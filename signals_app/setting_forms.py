"""What the pages of security filters, critical assets and notification rules accept."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from django import forms

from accounts_app.access import Actor
from core_app.errors import Invalid
from signals_app.actions.settings import (
    LONGEST,
    MOST,
    MOST_QUIET,
    SEVERITIES,
    check_exclusions,
    check_notification,
    check_texts,
)
from signals_app.forms import EditForm
from signals_app.models import CriticalAsset, NotificationRule, SecurityFilter, Severity
from signals_app.models.suppressions import LONGEST_QUERY
from signals_app.suppressing import TYPES, check_query, check_rule_query

EVENTS = "In the language of the explorer: env:prod or @network.client.ip:192.0.2.7."
RULES = "Which rules: name, id, type, severity, tactic, technique and tags; type:* for all."


class SettingForm(EditForm):
    """A form whose queries are read before they are kept, so that a fault is told beside its box."""

    rule_queries: tuple[str, ...] = ()
    queries: tuple[str, ...] = ("query",)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        for name in (*self.rule_queries, *self.queries):
            # A box of one line would run the lines of such a query together.
            if "\n" in getattr(self.instance, name):
                self.fields[name].widget = forms.Textarea(attrs={"rows": 3, "class": "form-control"})

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for names, check in ((self.rule_queries, check_rule_query), (self.queries, check_query)):
            for name in names:
                if name in data:
                    data[name] = data[name].replace("\r\n", "\n")  # browsers send the former
                try:
                    check(data.get(name) or "", name)
                except Invalid as problem:
                    self.add_error(name, problem.message)
        return data


class SecurityFilterForm(SettingForm):
    """Which detections are looked at. Exclusions are typed one a line, `name = query`."""

    excluded = forms.CharField(
        label="But not",
        required=False,
        max_length=MOST * (LONGEST + LONGEST_QUERY + len(" = \n")),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Exclusions, one a line: Staging = env:staging. What meets one of them is not included.",
    )

    class Meta:
        model = SecurityFilter
        fields = ["name", "query", "excluded", "is_enabled"]
        help_texts = {"query": f"What is included. {EVENTS} * for everything."}

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.fields["excluded"].initial = "\n".join(map(_line, self.instance.exclusions))
        for name in ("name", "query"):
            self.fields[name].disabled = self.instance.is_builtin

    def clean_excluded(self) -> list[dict[str, str]]:
        """The exclusions. A line without a name is called by its query; one that was there is what it was."""
        there = defaultdict(list)
        for one in self.instance.exclusions:
            there[_line(one)].append(one)
        found = []
        for line in filter(None, map(str.strip, self.cleaned_data["excluded"].splitlines())):
            if there[line]:
                found.append(there[line].pop(0))
                continue
            name, query = self._typed(line)
            try:
                check_query(query, "excluded")
            except Invalid as problem:
                raise forms.ValidationError(f"{name}: {problem.message}") from None
            found.append({"name": name, "query": query})
        return _as_kept(check_exclusions, found)

    def _typed(self, line: str) -> tuple[str, str]:
        """Name and query of a line that is new. A name that is there already may have a ` = ` in it."""
        there = {" ".join(one["name"].split()): one["name"] for one in self.instance.exclusions}
        known = [name for name in there if " = " in f"{name} " and f"{line} = ".startswith(f"{name} = ")]
        if known:
            shown = max(known, key=len)
            return there[shown], line[len(shown) :].strip().removeprefix("=").strip()
        name, sign, query = line.partition(" = ")
        return (name.strip(), query.strip()) if sign else (line[:LONGEST], line)

    @property
    def changes(self) -> dict[str, Any]:
        found = super().changes
        return {"exclusions": found.pop("excluded"), **found}


class CriticalAssetForm(SettingForm):
    """Where a detection matters more, or less."""

    rule_queries = ("rule_query",)
    tags = forms.CharField(
        required=False,
        max_length=MOST * 2 * LONGEST,
        help_text="Which tags its signals get, separated by commas. One with a comma stands in double quotes.",
    )

    class Meta:
        model = CriticalAsset
        fields = ["query", "rule_query", "severity", "description", "tags", "is_enabled"]
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}
        help_texts = {"query": f"Which detections. {EVENTS}", "rule_query": RULES}

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.initial["tags"] = ", ".join(map(_quoted, self.instance.tags))

    def clean_tags(self) -> list[str]:
        if "tags" not in self.changed_data:
            return self.instance.tags
        lines = csv.reader(self.cleaned_data["tags"].splitlines(), skipinitialspace=True)
        return _as_kept(check_texts, [tag.strip() for line in lines for tag in line if tag.strip()], "tags")


class NotificationRuleForm(SettingForm):
    """Who is told of which signals."""

    severities = forms.MultipleChoiceField(
        choices=[(severity.slug, severity.label) for severity in reversed(Severity) if severity.slug in SEVERITIES],
        required=False,
        widget=forms.SelectMultiple(attrs={"size": len(Severity)}),
        help_text="None chosen: of any severity.",
    )
    rule_types = forms.MultipleChoiceField(
        label="Types of rules",
        choices=[(slug, words) for words, slug in TYPES.items()],
        required=False,
        widget=forms.SelectMultiple(attrs={"size": len(TYPES)}),
        help_text="None chosen: of any type.",
    )
    targets = forms.CharField(
        label="Who is told",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One a line: @ and an e-mail address of somebody here, or the handle of a team.",
    )
    quiet = forms.IntegerField(
        label="At most once in (minutes)",
        min_value=0,
        max_value=MOST_QUIET // 60,
        initial=0,
        help_text="0: as often as it happens. Else what comes meanwhile is told together, as a number.",
    )

    class Meta:
        model = NotificationRule
        fields = ["name", "query", "severities", "rule_types", "targets", "quiet", "is_enabled"]
        help_texts = {"query": f"{EVENTS} Empty for all."}

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.initial["targets"] = "\n".join(self.instance.targets)
        self.initial["quiet"] = self.instance.quiet // 60
        # The API has words that are offered to nobody here. A rule that has them keeps them until they are taken out:
        # without the last of them it would be about everything.
        for name in ("severities", "rule_types"):
            offered = [word for word, _ in self.fields[name].choices]
            extra = [word for word in getattr(self.instance, name) if word not in offered]
            self.fields[name].choices += [(word, word.replace("_", " ").capitalize()) for word in extra]

    def clean_severities(self) -> list[str]:
        return self._in_order("severities")

    def clean_rule_types(self) -> list[str]:
        return self._in_order("rule_types")

    def _in_order(self, name: str) -> list[str]:
        """The words chosen; in the order of the rule if they are the same, which is no change."""
        found, kept = self.cleaned_data[name], getattr(self.instance, name)
        return kept if {*found} == {*kept} else found

    def clean_targets(self) -> list[str]:
        there = self.instance.targets  # the handle of a chat may have spaces
        lines = map(str.strip, self.cleaned_data["targets"].splitlines())
        words = [word for line in lines for word in ([line] if line in there else line.split())]
        found = [text if text.startswith("@") else f"@{text}" for text in words]
        return _as_kept(lambda: check_notification({"targets": found})["targets"])

    def clean_quiet(self) -> int:
        minutes = self.cleaned_data["quiet"]
        # The API counts seconds: those that make no minute stay while the minutes do.
        return self.instance.quiet if minutes == self.instance.quiet // 60 else minutes * 60


def _line(exclusion: Mapping[str, str]) -> str:
    """An exclusion as one line, whatever the API has put into it."""
    return " ".join(f"{exclusion['name']} = {exclusion['query']}".split())


def _quoted(tag: str) -> str:
    """A tag as it stands among others, between commas."""
    return '"{}"'.format(tag.replace('"', '""')) if {",", '"'} & {*tag} else tag


def _as_kept(check: Callable[..., list[Any]], *given: Any) -> list[Any]:
    """What the action would keep, with its refusal beside the box."""
    try:
        return check(*given)
    except Invalid as problem:
        raise forms.ValidationError(problem.message) from None
