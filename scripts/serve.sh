#!/bin/sh
# The web server of a container: readies database and static files, then serves on port 8000.
set -eu
if [ -n "${MIGRATIONS_DATABASE_URL:-}" ]; then
    DATABASE_URL="$MIGRATIONS_DATABASE_URL" python manage.py migrate --noinput
    DATABASE_URL="$MIGRATIONS_DATABASE_URL" python manage.py database_roles
    unset MIGRATIONS_DATABASE_URL
else
    python manage.py migrate --noinput
fi
python manage.py collectstatic --noinput --verbosity 0
exec gunicorn --bind 0.0.0.0:8000 --workers "${WEB_WORKERS:-3}" --threads 4 --timeout 60 \
    --worker-tmp-dir /dev/shm --no-control-socket --access-logfile - --logger-class config.access_log.AccessLog \
    --access-logformat '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s" %(M)s' \
    config.wsgi
