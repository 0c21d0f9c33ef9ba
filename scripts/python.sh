#!/bin/sh
# Prints the Python to use, 3.11 or newer. The system's own comes first where it can make environments: distributions
# build it with optimisations that one compiled on the spot mostly lacks, and the tests take a sixth longer without.
if /usr/bin/python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo /usr/bin/python3
    exit 0
fi
for name in python3 python3.14 python3.13 python3.12 python3.11 python; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo "$name"
        exit 0
    fi
done
echo "Headgate needs Python 3.11 or newer; none was found on this machine." >&2
echo false
