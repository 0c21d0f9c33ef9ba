"""What a browser sends to the page of a deal."""

from django.urls import reverse

from .. import factories as f


def html(client, deal, **query):
    response = client.get(reverse("deal", args=[deal.pk]), query)
    assert response.status_code == 200
    return response.content.decode()


def edit(client, deal, what, headers=None, **fields):
    fields.setdefault("rev", f.fresh(deal).rev)
    return client.post(reverse("edit", args=[deal.pk, what]), fields, headers=headers)


def log(client, deal, **fields):
    return client.post(reverse("log", args=[deal.pk]), {"kind": "meeting", **fields})
