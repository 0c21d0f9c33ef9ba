"""What everything the API tells is made of."""

from decimal import Decimal

from pydantic import BaseModel


class Ref(BaseModel):
    """Somebody or something with a name."""

    id: int
    name: str

    @classmethod
    def of(cls, thing):
        return thing and cls(id=thing.pk, name=str(thing))


def money(value):
    """Text, so that no cent is lost on the way."""
    return None if value is None else f"{Decimal(value):.2f}"
