"""Two roles on PostgreSQL: the owner of the tables, who migrates, and the app, who can neither lift the guard nor
touch what is never to change. Statements alone; the command database_roles runs them."""

from psycopg import sql

from . import rules as r

MIGRATIONS = "django_migrations"
_ALL = ["SELECT", "INSERT", "UPDATE", "DELETE"]
# Of these the app may add and read rows, nothing else.
APPEND_ONLY = [r.LEDGER, "deals_gaterefusal", "deals_anchor", r.VERSION]
_NEVER_DELETED = {r.DEAL: None, r.ANSWER: r.JUDGED_COLUMNS + r.REPLACED_COLUMNS + r.NAMED_COLUMNS}
_NEVER_DELETED |= {table: ["valid_until"] for table in r.DEFINITIONS if table != r.VERSION}


def rights(table):
    """What the app may do with a table, each as SQL. Columns are named where only they ever change."""
    if table == MIGRATIONS:
        return ["SELECT"]
    if table in APPEND_ONLY or table in r.KEPT:
        return ["SELECT", "INSERT"]
    if table in _NEVER_DELETED:
        columns = _NEVER_DELETED[table]
        return ["SELECT", "INSERT", f"UPDATE ({', '.join(columns)})" if columns else "UPDATE"]
    return _ALL


def create(role, password):
    """A login that may nothing yet."""
    command = "CREATE ROLE {} LOGIN PASSWORD {} NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOBYPASSRLS"
    return sql.SQL(command).format(sql.Identifier(role), sql.Literal(password))


def hand_over(tables, functions, owner):
    """Give the tables, with their sequences, and the guard's functions to the owner."""
    for table in tables:
        yield _of("ALTER TABLE {} OWNER TO {}", table, owner)
    for function in functions:
        yield _of("ALTER FUNCTION {}() OWNER TO {}", function, owner)


def shut(database, schema, owner):
    """What everybody might do by default. A table of one's own, temporary or not, could stand before one of ours
    in the sight of the guard's functions."""
    yield _of("REVOKE CREATE, TEMPORARY ON DATABASE {} FROM PUBLIC", database)
    yield _of("REVOKE CREATE ON SCHEMA {} FROM PUBLIC", schema)
    yield _of("GRANT USAGE, CREATE ON SCHEMA {} TO {}", schema, owner)


def grant(database, schema, tables, owner, app):
    """Exactly the app's rights, whatever it had before; tables to come are ordinary until this runs again."""
    yield _of("GRANT CONNECT ON DATABASE {} TO {}", database, app)
    yield _of("REVOKE ALL ON SCHEMA {} FROM {}", schema, app)
    yield _of("GRANT USAGE ON SCHEMA {} TO {}", schema, app)
    for table in tables:
        yield _of("REVOKE ALL ON TABLE {} FROM {}", table, app)
        for right in rights(table):
            yield _of(f"GRANT {right} ON TABLE {{}} TO {{}}", table, app)
    yield _of("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {} TO {}", schema, app)
    coming = "ALTER DEFAULT PRIVILEGES FOR ROLE {} IN SCHEMA {} GRANT "
    yield _of(coming + "SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}", owner, schema, app)
    yield _of(coming + "USAGE, SELECT ON SEQUENCES TO {}", owner, schema, app)


def _of(command, *names):
    return sql.SQL(command).format(*map(sql.Identifier, names))


TABLES = """SELECT c.relname, pg_get_userbyid(c.relowner) FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1"""
FUNCTIONS = """SELECT p.proname, pg_get_userbyid(p.proowner) FROM pg_proc p
    WHERE p.pronamespace = current_schema()::regnamespace AND p.proname LIKE 'hg\\_%' ORDER BY 1"""

# Why the role that is logged in could get past the guard.
CAN_LIFT = f"""
    SELECT 'is a superuser' FROM pg_roles WHERE rolname = current_user AND rolsuper
    UNION ALL SELECT 'owns ' || c.relname FROM pg_class c WHERE c.relname IN ('{r.LEDGER}', '{r.DEAL}')
        AND c.relnamespace = current_schema()::regnamespace AND pg_has_role(c.relowner, 'MEMBER')
    UNION ALL SELECT 'may ' || lower(p) || ' rows of {r.LEDGER}' FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) p
        WHERE has_table_privilege('{r.LEDGER}', p)
    UNION ALL SELECT 'may make temporary tables' WHERE has_database_privilege(current_database(), 'TEMPORARY')
    UNION ALL SELECT 'may make tables' WHERE has_schema_privilege(current_schema(), 'CREATE')
"""
