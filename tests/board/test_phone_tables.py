"""On a phone a row becomes a card: its first number stands in the corner, each further one below it with its name."""

import re

import pytest
from django.conf import settings

TEMPLATES = settings.BASE_DIR / "templates"
TABLE = re.compile(r'<table class="dt dl[^>]*>.*?</table>', re.S)
ROW = re.compile(r"<tr[ >].*?</tr>", re.S)
NUMBER = re.compile(r'<td class="n(?: [^"]*)?"[^>]*>')
FOUND = [
    (f"{path.relative_to(TEMPLATES)}:{number}", row)
    for path in sorted(TEMPLATES.rglob("*.html"))
    for table in TABLE.findall(path.read_text())
    for number, row in enumerate(ROW.findall(table.partition("</thead>")[2]))
    if len(NUMBER.findall(row)) > 1
]


@pytest.mark.parametrize(("name", "row"), FOUND, ids=[name for name, _row in FOUND])
def test_where_a_row_has_several_numbers_each_of_them_has_a_name(name, row):
    later = NUMBER.findall(row)[1:]
    bare = [
        cell
        for cell in later
        if "data-label=" not in cell and "btn" not in row.partition(cell)[2].partition("</td>")[0]
    ]
    assert bare == []


def test_there_are_such_rows():
    assert len(FOUND) > 5
