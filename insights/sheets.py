"""Tables as CSV files that a spreadsheet opens without running anything in them."""

import csv
from decimal import Decimal

from django.http import HttpResponse

from deals.importing.report import harmless


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
