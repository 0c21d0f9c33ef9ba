"""What is said to a request that gunicorn cannot read, before Django is asked: in our words and with our headers."""

from gunicorn import util

WORDS = {
    414: "This address is too long. Open the page without what follows the question mark.",
    431: "Your browser sends more than can be read, mostly cookies. Delete those of this site and sign in again.",
}
USUAL = {True: "We could not read that request. Nothing was changed.", False: "Something broke on our side."}
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{status} · Headgate</title></head>
<body><h1>{status}</h1><p>{words}</p><p><a href="/">To the first page</a></p></body></html>
"""
HEADERS = """Connection: close
Content-Type: text/html; charset=utf-8
Cache-Control: no-store
Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; base-uri 'none'
X-Content-Type-Options: nosniff
Referrer-Policy: same-origin
"""


def write_error(sock, status, reason, message):
    """Instead of gunicorn's, whose `message` repeats what was sent; its log has it."""
    body = PAGE.format(status=status, words=WORDS.get(status, USUAL[status < 500])).encode()
    head = f"HTTP/1.1 {status} {reason}\n{HEADERS}Content-Length: {len(body)}\n\n"
    util.write_nonblock(sock, head.replace("\n", "\r\n").encode() + body)


def use():
    util.write_error = write_error
