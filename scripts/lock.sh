#!/bin/sh
# Locks the dependencies with hashes and without naming where they came from.
set -eu
cd "$(dirname "$0")/../requirements"
../.venv/bin/python -m pip install --quiet "pip-tools>=7.4"
for name in base dev postgresql redis; do
    ../.venv/bin/python -m piptools compile --quiet --generate-hashes --no-emit-index-url \
        --no-emit-find-links --strip-extras --allow-unsafe --no-header --output-file "$name.txt" "$name.in"
done
