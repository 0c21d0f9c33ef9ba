"""State fields that only a django-fsm transition may change, per instance.

FSMKeyField(protected=True) guards the wrong attribute and hands out an id where a stage is expected; this one
keeps fsm's transitions, conditions and signals, and Django's own descriptors for everything else.
"""

from contextlib import contextmanager

from django.db.models.fields.related_descriptors import (
    ForeignKeyDeferredAttribute,
    ForwardManyToOneDescriptor,
)
from django_fsm import FSMField, FSMFieldDescriptor, FSMKeyField

_UNLOCKED = "_state_unlocked"


@contextmanager
def unlocked(instance):
    """Let this one object take the database's state, as refresh_from_db does."""
    instance.__dict__[_UNLOCKED] = True
    try:
        yield
    finally:
        instance.__dict__.pop(_UNLOCKED, None)


def _refuse_change(field, instance, value):
    if _UNLOCKED in instance.__dict__ or field.attname not in instance.__dict__:
        return
    if instance.__dict__[field.attname] != value:
        raise AttributeError(f"{field.name} changes only through a move")


class GuardedStatus(FSMFieldDescriptor):
    def __set__(self, instance, value):
        _refuse_change(self.field, instance, value)
        self.field.set_state(instance, value)


class StatusField(FSMField):
    """A text state, changed by transitions alone."""

    descriptor_class = GuardedStatus


class GuardedStageId(ForeignKeyDeferredAttribute):
    def __set__(self, instance, value):
        _refuse_change(self.field, instance, value)
        super().__set__(instance, value)


class GuardedStage(ForwardManyToOneDescriptor):
    def __set__(self, instance, value):
        _refuse_change(self.field, instance, value.pk if value is not None else None)
        super().__set__(instance, value)


class StageField(FSMKeyField):
    """A foreign key as state: rows that admins own, changed by transitions alone."""

    descriptor_class = GuardedStageId
    forward_related_accessor_class = GuardedStage

    def contribute_to_class(self, cls, name, private_only=False, **kwargs):
        super().contribute_to_class(cls, name, private_only=private_only, **kwargs)
        setattr(cls, self.name, self.forward_related_accessor_class(self))

    def get_state(self, instance):
        return getattr(instance, self.attname)

    def set_state(self, instance, state):
        if instance.__dict__.get(self.attname) != state and self.is_cached(instance):
            self.delete_cached_value(instance)
        instance.__dict__[self.attname] = state
