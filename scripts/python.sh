#!/bin/sh
# Prints the Python to use, 3.11 or newer. The system's own comes first where it can make environments, by itself or with
# another one's pip: distributions build it with optimisations that one compiled on the spot mostly lacks.
others="python3 python3.14 python3.13 python3.12 python3.11 python"

has() { # has PYTHON MODULES: it is new enough and has them
    "$1" -c "import sys, $2; sys.exit(sys.version_info < (3, 11))" 2>/dev/null
}

lent() { # whether some other Python has a pip to lend (environment.py takes it)
    for name in $others; do
        "$name" -c "import ensurepip" 2>/dev/null && return 0
    done
    return 1
}

if has /usr/bin/python3 ensurepip || { has /usr/bin/python3 venv && lent; }; then
    echo /usr/bin/python3
    exit 0
fi
for name in $others; do
    if has "$name" sys; then
        echo "$name"
        exit 0
    fi
done
echo "Headgate needs Python 3.11 or newer; none was found on this machine." >&2
echo false
