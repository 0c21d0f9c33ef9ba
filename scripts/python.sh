#!/bin/sh
# Prints the first Python of 3.11 or newer on this machine.
for name in python3 python3.14 python3.13 python3.12 python3.11 python; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo "$name"
        exit 0
    fi
done
echo "Headgate needs Python 3.11 or newer; none was found on this machine." >&2
echo false
