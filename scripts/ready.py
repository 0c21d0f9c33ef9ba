"""Exit status 0 when the web server in this container is ready for traffic."""

import http.client
import os
import sys

connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=5)
connection.request(
    "GET", "/readyz", headers={"Host": os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0]}
)
sys.exit(connection.getresponse().status != 200)
