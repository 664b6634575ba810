"""Rows that a facet index follows: whatever writes them gives them their change number here, and nowhere else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.db.models import F

from core_app.prepared import PreparedUpdate, Slot
from search_app.changes import next_number, record_deleted, record_values
from search_app.held import INDEX, given, given_parts
from search_app.surfaces import Surface
from search_app.surfaces import surface as surface_of_name

CHUNK = 1000  # rows a statement
# Each triage click asks for one of these: see core_app/prepared.py.
_GIVE = PreparedUpdate(lambda model: model._base_manager.filter(pk__among=Slot("keys")))


class IndexedQuerySet(models.QuerySet[Any]):
    """Writes that the index hears of."""

    def update(self, **values: Any) -> int:
        """Give all of these rows the same values.

        Where these say by themselves what the index has to hold, it is told them, and what it does not hold it is not
        told. Else every row gets a number, and the index reads it anew.
        """
        held = self._held(values)
        with transaction.atomic(using=self.db, savepoint=False):
            if held is None:
                return self._stamp(**values)
            if not held:
                return super().update(**values)
            changed = 0
            for some in _locked(self):
                changed += self.model._base_manager.using(self.db).filter(pk__among=some).update(**values)
                self._tell(some, held)
            return changed

    def give(self, keys: Sequence[int], *, raised: Sequence[str] = (), **values: Any) -> int:
        """The same for rows that the caller has locked already, by their keys, all of them at once.

        `raised` are numbers that go up by one.
        """
        everything = {**values, **{name: F(name) + 1 for name in raised}}
        held = self._held(everything)
        with transaction.atomic(savepoint=False):
            if held is None:
                return self.filter(pk__among=keys)._stamp(**everything)
            changed = _GIVE.run(self.model, to=values, raised=raised, keys=keys)
            self._tell(keys, held)
            return changed

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        objs = list(objs)
        with transaction.atomic(using=self.db, savepoint=False):
            number = next_number(self.model.SURFACE)
            for obj in objs:
                obj.change_seq = number
            return super().bulk_create(objs, *args, **kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete these rows, and leave a tombstone of each.

        What comes to match between the look and the deed is left: it would go without a tombstone.
        """
        with transaction.atomic(using=self.db, savepoint=False):
            pks = sorted(self.values_list("pk", flat=True))
            record_deleted(self.model.SURFACE, pks)
            return _summed(
                models.QuerySet.delete(self.filter(pk__among=pks[start : start + CHUNK]))
                for start in range(0, len(pks), CHUNK)
            )

    def touch(self) -> int:
        """Say that something that belongs to these rows has changed."""
        with transaction.atomic(using=self.db, savepoint=False):
            return self._stamp()

    def _held(self, values: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """What of these values the index holds, by held column; None if it has to look at the rows."""
        surface = surface_of(self.model)
        # Of attributes nobody knows beforehand which are facets: another process may have declared one just now.
        unknown = surface.rows(INDEX).query.where or not surface.fields.numbered.isdisjoint(values)
        return None if unknown else given(surface.holds, self.model, values)

    def _tell(self, keys: Sequence[int], held: Mapping[str, Any]) -> None:
        if held:
            record_values(self.model.SURFACE, keys, held)

    def _stamp(self, **values: Any) -> int:
        return super().update(**{"change_seq": next_number(self.model.SURFACE)} | values)


def _locked(rows: models.QuerySet[Any]) -> Iterator[list[int]]:
    """The keys of these rows, a chunk at a time, locked.

    Of two changes of one row the later takes its number after the earlier has committed, because it waits here.
    """
    keys = rows.order_by().values("pk")
    wanted = rows.model._base_manager.using(rows.db).filter(pk__in=keys).order_by("pk").select_for_update()
    found = list(wanted.values_list("pk", flat=True))
    return (found[start : start + CHUNK] for start in range(0, len(found), CHUNK))


def surface_of(model: type[models.Model]) -> Surface:
    """The surface that the rows of an indexed model are searched on."""
    return surface_of_name(model.SURFACE)  # type: ignore[attr-defined]


class Indexed(models.Model):
    """A row of a surface that has an index. `SURFACE` is its name."""

    SURFACE: ClassVar[str]

    change_seq = models.BigIntegerField(default=0, editable=False, db_index=True)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic(savepoint=False):
            self.change_seq = next_number(self.SURFACE)
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "change_seq"}
            super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic(savepoint=False):
            pk = self.pk
            gone = super().delete(*args, **kwargs)
            record_deleted(self.SURFACE, [pk])
            return gone


class PartQuerySet(models.QuerySet[Any]):
    """Writes of child rows: the rows they belong to have changed."""

    def update(self, **values: Any) -> int:
        with transaction.atomic(using=self.db, savepoint=False):
            return sum(models.QuerySet.update(some, **values) for some in self._touched())

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        objs = list(objs)
        with transaction.atomic(using=self.db, savepoint=False):
            made = super().bulk_create(objs, *args, **kwargs)
            self._touch({getattr(obj, f"{self.model.WHOLE}_id") for obj in objs})
            return made

    def delete(self) -> tuple[int, dict[str, int]]:
        with transaction.atomic(using=self.db, savepoint=False):
            return _summed(models.QuerySet.delete(some) for some in self._touched())

    def give(self, keys: Iterable[int], parts: Sequence[Mapping[str, Any]]) -> None:
        """Replace whatever child rows these rows have by the same new ones for each, given as field values."""
        link = self.model.WHOLE
        whole = self.model._meta.get_field(link).related_model
        surface = surface_of(whole)
        held = given_parts(surface.holds, self.model, parts)
        with transaction.atomic(using=self.db, savepoint=False):
            for some in _locked(whole._default_manager.using(self.db).filter(pk__among=keys)):
                self.model._base_manager.using(self.db).filter(**{f"{link}__among": some}).delete()
                new = [self.model(**{f"{link}_id": key}, **part) for key in some for part in parts]
                super().bulk_create(new, batch_size=CHUNK)
                if held is None:
                    self._touch(some)
                elif held:
                    record_values(surface.name, some, held)

    def _touched(self) -> Iterator[Self]:
        """These child rows, those of a chunk of wholes at a time, once the wholes are touched and so locked.

        Never more than those: while we waited for the locks another transaction may have committed child rows that
        match, of wholes that we have not touched.
        """
        keys = sorted(set(self.values_list(self.model.WHOLE, flat=True)))
        for start in range(0, len(keys), CHUNK):
            some = keys[start : start + CHUNK]
            self._touch(some)
            yield self.filter(**{f"{self.model.WHOLE}__among": some})

    def _touch(self, keys: Iterable[int]) -> None:
        whole = self.model._meta.get_field(self.model.WHOLE).related_model
        keys = sorted(set(keys))
        for start in range(0, len(keys), CHUNK):
            whole._default_manager.filter(pk__among=keys[start : start + CHUNK]).touch()


def _summed(deletions: Iterable[tuple[int, dict[str, int]]]) -> tuple[int, dict[str, int]]:
    """What several deletions have come to, as Django tells of one."""
    counted: Counter[str] = Counter()
    for _, by_model in deletions:
        counted.update(by_model)
    return counted.total(), dict(counted)


class PartOfIndexed(models.Model):
    """A child row of an indexed one. `WHOLE` names its foreign key."""

    WHOLE: ClassVar[str]

    objects: ClassVar[models.Manager[Self]] = PartQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic(savepoint=False):
            super().save(*args, **kwargs)
            self._touch()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic(savepoint=False):
            self._touch()
            return super().delete(*args, **kwargs)

    def _touch(self) -> None:
        type(self).objects.all()._touch([getattr(self, f"{self.WHOLE}_id")])
