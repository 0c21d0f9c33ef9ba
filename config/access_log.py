from gunicorn.glogging import Logger

from config.redaction import redacted


class AccessLog(Logger):
    """gunicorn's log of requests, without the secrets of buyers' links."""

    def atoms(self, *args):
        atoms = super().atoms(*args)
        return {name: redacted(value) if isinstance(value, str) else value for name, value in atoms.items()}
