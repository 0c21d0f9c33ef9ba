"""Tables as CSV files that a spreadsheet opens without running anything in them."""

import csv
from contextvars import copy_context
from decimal import Decimal

from django.http import HttpResponse, StreamingHttpResponse

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(text):
    """A cell no spreadsheet takes for a formula."""
    text = str(text)
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_response(name, head, rows):
    """A download of the rows, told apart by spreadsheets as UTF-8."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8", headers=headers)
    writer = csv.writer(response)
    writer.writerow([cell(value) for value in head])
    writer.writerows([cell(value) for value in row] for row in rows)
    return response


def cell(value):
    """Numbers as they are, money with its cents on either engine, words defused, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value if isinstance(value, (int, float)) else harmless(str(value))


class _Echo:
    """Gives back what is written to it."""

    def write(self, text):
        return text


def _within(context, rows):
    rows, end = iter(rows), object()
    while (row := context.run(next, rows, end)) is not end:
        yield row


def csv_stream(name, head, rows):
    """The same for rows by the hundred thousand, sent as they come.

    They come when the request is over, and are made in its context: what it remembers is not read for each row.
    """
    writer, request = csv.writer(_Echo()), copy_context()

    def lines():
        yield "\ufeff" + writer.writerow([cell(value) for value in head])
        for row in _within(request, rows):
            yield writer.writerow([cell(value) for value in row])

    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8", headers=headers)
