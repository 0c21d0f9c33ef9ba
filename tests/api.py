"""A program with a token, as tests use it."""

import json

from django.test import Client

from api import tokens
from api.models import Scope

from .fingerprint import fingerprint

EVERYTHING = [scope.value for scope in Scope]


class Program:
    """Speaks JSON to /api/v1 with a token of `user`."""

    def __init__(self, user, scopes=EVERYTHING, **options):
        self.token, self.secret = tokens.make(user, "nightly", scopes)
        self.user, self.client = user, Client(**options)

    def ask(self, method, path, body=None, **headers):
        headers = {"authorization": f"Bearer {self.secret}", **headers}
        extra = {} if body is None else {"content_type": "application/json"}
        data = body if body is None or isinstance(body, (str, bytes)) else json.dumps(body)
        return getattr(self.client, method)(f"/api/v1{path}", data, headers=headers, **extra)

    def get(self, path, **query):
        return self.client.get(f"/api/v1{path}", query, headers={"authorization": f"Bearer {self.secret}"})

    def post(self, path, body, **headers):
        return self.ask("post", path, body, **headers)

    def patch(self, path, body, **headers):
        return self.ask("patch", path, body, **headers)

    def send_file(self, path, upload, **headers):
        headers = {"authorization": f"Bearer {self.secret}", **headers}
        return self.client.post(f"/api/v1{path}", {"file": upload}, headers=headers)

    def refused(self, method, path, body, status, **headers):
        """Ask, expect the refusal, and that nothing at all was changed. Returns what it says."""
        before = fingerprint()
        response = self.ask(method, path, body, **headers)
        assert response.status_code == status, (response.status_code, response.content)
        assert fingerprint() == before
        said = response.json()
        assert set(said) == {"error", "request_id"} and said["error"]["code"] and said["error"]["message"]
        return said["error"]
