"""The attacks by family: {family: {name: function of the world}}."""

from django.db import connection

ATTACKS = {}


def family(name):
    """The decorator of one family; `engine` where the statement exists on one database alone."""
    attacks = ATTACKS.setdefault(name, {})

    def attack(engine=None):
        def register(function):
            if engine in (None, connection.vendor):
                attacks[function.__name__] = function
            return function

        return register

    return attack
