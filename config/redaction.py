"""What a log must not hold: the secret of a buyer's link, which stands in its address."""

import logging
import re

_LINK = re.compile(r"(/confirm/)[^/\s?#\"']+")


def redacted(text):
    return _LINK.sub(r"\1...", text)


class HideLinks(logging.Filter):
    """Takes the secret out of every line, whoever wrote it."""

    def filter(self, record):
        message = record.getMessage()
        if "/confirm/" in message:
            record.msg, record.args = redacted(message), ()
        return True
