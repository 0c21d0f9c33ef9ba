"""gunicorn reads this wherever it is started from here."""

from config import unread

unread.use()
