"""What the database looks up or counts for each row: texts by number, days after a day."""

import json

from django.db.models import CharField, DateField, F, Func


class Looked(Func):
    """The text of {number: text} that a column names; NULL where there is none."""

    output_field = CharField()

    def __init__(self, column, texts):
        super().__init__(F(column))
        self.texts = json.dumps({str(number): str(text) for number, text in texts.items()})

    def as_sqlite(self, compiler, connection, **context):
        sql, parameters = compiler.compile(self.get_source_expressions()[0])
        return f"json_extract(%s, '$.\"' || {sql} || '\"')", [self.texts, *parameters]

    def as_postgresql(self, compiler, connection, **context):
        sql, parameters = compiler.compile(self.get_source_expressions()[0])
        return f"(%s::jsonb ->> {sql}::text)", [self.texts, *parameters]


class DaysAfter(Func):
    """The date so many days after a date."""

    output_field = DateField()

    def __init__(self, day, number):
        super().__init__(day)
        self.number = number

    def as_sqlite(self, compiler, connection, **context):
        sql, parameters = compiler.compile(self.get_source_expressions()[0])
        return f"date({sql}, %s)", [*parameters, f"+{self.number} days"]

    def as_postgresql(self, compiler, connection, **context):
        sql, parameters = compiler.compile(self.get_source_expressions()[0])
        return f"({sql} + %s)", [*parameters, self.number]
