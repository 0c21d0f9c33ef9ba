#!/bin/sh
# The web server of a container: readies database and static files, then serves on port 8000.
set -eu
python manage.py migrate --noinput
python manage.py collectstatic --noinput --verbosity 0
exec gunicorn --bind 0.0.0.0:8000 --workers "${WEB_WORKERS:-3}" --threads 4 --timeout 60 \
    --worker-tmp-dir /dev/shm --no-control-socket --access-logfile - --logger-class config.access_log.AccessLog \
    config.wsgi
