"""The board as somebody opens it."""

import pytest


@pytest.fixture
def board(client, rep):
    """board("?who=mine") -> the markup; logged in as the rep unless told otherwise."""

    def opened(path="/pipeline/", user=rep, **headers):
        client.force_login(user)
        answer = client.get(path if path.startswith("/") else f"/pipeline/{path}", headers=headers)
        assert answer.status_code == 200
        return answer.content.decode()

    return opened
