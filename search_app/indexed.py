"""Rows that a facet index follows: whatever writes them gives them their change number here, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.db import models, transaction

from search_app.changes import next_number, record_deleted


class IndexedQuerySet(models.QuerySet[Any]):
    """Writes that the index hears of."""

    def update(self, **values: Any) -> int:
        with transaction.atomic(using=self.db, savepoint=False):
            return super().update(**{"change_seq": next_number(self.model.SURFACE)} | values)

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        objs = list(objs)
        with transaction.atomic(using=self.db, savepoint=False):
            number = next_number(self.model.SURFACE)
            for obj in objs:
                obj.change_seq = number
            return super().bulk_create(objs, *args, **kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        with transaction.atomic(using=self.db, savepoint=False):
            pks = list(self.values_list("pk", flat=True))
            gone = super().delete()
            record_deleted(self.model.SURFACE, pks)
            return gone

    def touch(self) -> int:
        """Say that something that belongs to these rows has changed."""
        return self.update()


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
            self._touch(self.values_list(self.model.WHOLE, flat=True))
            return super().update(**values)

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        objs = list(objs)
        with transaction.atomic(using=self.db, savepoint=False):
            made = super().bulk_create(objs, *args, **kwargs)
            self._touch({getattr(obj, f"{self.model.WHOLE}_id") for obj in objs})
            return made

    def delete(self) -> tuple[int, dict[str, int]]:
        with transaction.atomic(using=self.db, savepoint=False):
            self._touch(self.values_list(self.model.WHOLE, flat=True))
            return super().delete()

    def _touch(self, keys: Iterable[int]) -> None:
        whole = self.model._meta.get_field(self.model.WHOLE).related_model
        keys = sorted(set(keys))
        for start in range(0, len(keys), 1000):
            whole._default_manager.filter(pk__in=keys[start : start + 1000]).touch()


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
