"""Where a webhook may go: said at save, asked again at send, and what was asked is what is called. Bad input 50."""

import socket

import pytest
from django.urls import reverse
from django.utils import timezone

from outbox import addresses, posting, signing, webhooks
from outbox.models import Delivery, Endpoint

from .. import factories as f
from ..receivers import certificate, receiving

pytestmark = pytest.mark.django_db
NOW = timezone.now()

# Refused by what is written, whatever a resolver may say.
UNFIT = [
    "", "hooks.example.com", "//hooks.example.com/", "https://", "https:///path", "https:hooks.example.com",
    "file:///etc/passwd", "gopher://hooks.example.com/", "ftp://hooks.example.com/", "javascript:alert(1)",
    "https://user:secret@hooks.example.com/", "https://user@hooks.example.com/", "https://@hooks.example.com/",
    "https://hooks.example.com@127.0.0.1/", "https://hooks.example.com#@127.0.0.1/", "https://hooks.example.com/#a",
    "https://hooks.example.com\\@127.0.0.1/", "https://hooks.example.com/ a", "https://hooks.example.com/\r\nX: y",
    "https://hooks.example.com/\tx", "https://hooks.example.com:22/", "https://hooks.example.com:25/",
    "https://hooks.example.com:6379/", "https://hooks.example.com:80/", "http://hooks.example.com:443/",
    "https://hooks.example.com:0/", "https://hooks.example.com:99999/", "https://hooks.example.com:x/",
    "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/", "https://0177.0.0.1/", "https://127.1/",
    "https://127.0.1/", "https://134744072/", "https://8.8.2056/", "https://08.8.8.8/", "https://1.2.3.4.5/",
    "https://１２７.0.0.1/", "https://①②⑦.0.0.1/", "https://127。0。0。1/", "https://höoks.example.com/",
    "https://[fe80::1%25eth0]/", "https://[fe80::1%eth0]/", "https://[::1/", "https://[]/", "https://%6c%6fcalhost/",
    "https://hooks..example.com/", "https://-hooks.example.com/", "https://hooks.example.1/", "https://" + "a" * 500,
]  # fmt: skip
# Well written, and inside.
INSIDE = [
    "127.0.0.1", "127.8.9.1", "10.0.0.5", "172.16.0.1", "172.31.255.254", "192.168.1.1", "169.254.169.254",
    "169.254.170.2", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1", "198.18.0.1",
    "198.51.100.7", "203.0.113.9", "0.0.0.0", "0.1.2.3", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:8.8.8.8]", "[::127.0.0.1]", "[fe80::1]",
    "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[fec0::1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::1]",
    "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[2001:db8::1]", "[3fff::1]", "[100::1]",
    "localhost", "localhost.", "LOCALHOST", "hooks.localhost", "db.internal", "printer.local",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "[2606:4700::1]"]


@pytest.fixture
def resolver(monkeypatch):
    """What a name stands for, one list of addresses per question, the last one for ever. The resolver is not ours."""
    answers, real = {}, socket.getaddrinfo

    def ask(host, port, *args, **kwargs):
        if host not in answers:
            return real(host, port, *args, **kwargs)
        found = answers[host]
        now = found.pop(0) if len(found) > 1 else found[0]
        if not now:
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        return [info for one in now for info in real(one, port, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", ask)
    return answers


def endpoint_at(url):
    return Endpoint.objects.create(name="Warehouse", url=url, secret=signing.new_secret())


def put(url):
    endpoint = endpoint_at(url)
    return webhooks.put(endpoint, key="one", event="deal.silent", payload={}, now=NOW)


@pytest.mark.parametrize("url", UNFIT)
def test_what_is_not_a_plain_public_address_is_refused_by_what_is_written(url, monkeypatch):
    def nobody_asks(*_args, **_kwargs):
        raise AssertionError("was looked up")

    monkeypatch.setattr(socket, "getaddrinfo", nobody_asks)
    with pytest.raises(addresses.Refused):
        addresses.checked(url)


@pytest.mark.parametrize("host", INSIDE)
def test_what_leads_inside_is_refused(host):
    with pytest.raises(addresses.Refused):
        addresses.checked(f"https://{host}/")


@pytest.mark.parametrize("host", PUBLIC)
def test_what_is_on_the_internet_is_taken(host):
    target, found = addresses.checked(f"https://{host}/hooks?a=b")
    assert (target.port, target.path, target.header) == (443, "/hooks?a=b", host)
    assert found[0][1][0] == host.strip("[]")


def test_every_address_of_a_name_has_to_be_public(resolver):
    resolver["hooks.example.com"] = [["8.8.8.8", "10.0.0.5"]]
    with pytest.raises(addresses.Refused):
        addresses.checked("https://hooks.example.com/")
    resolver["hooks.example.com"] = [["8.8.8.8", "2606:4700::1"]]
    assert len(addresses.checked("https://hooks.example.com/")[1]) == 2


def test_what_a_name_stood_for_when_it_was_saved_does_not_count_when_it_is_used(settings, resolver):
    """The name is looked up again, and leads inside by then."""
    with receiving(settings) as server:
        settings.WEBHOOK_ALLOW_PRIVATE = []
        resolver["hooks.example.com"] = [["8.8.8.8"], ["127.0.0.1"]]
        addresses.checked("http://hooks.example.com/")
        delivery = put("http://hooks.example.com/")
        assert webhooks.send_webhooks(NOW).failed == 1
    row = Delivery.objects.get(pk=delivery.pk)
    assert server.took == [] and "private network" in row.error and row.status is None


def test_a_name_that_changes_between_question_and_call_is_asked_once(settings, resolver):
    """What was checked is what is connected to: there is no second question for it to answer otherwise."""
    with receiving(settings) as checked, receiving(settings) as other:
        settings.WEBHOOK_ALLOW_PRIVATE = [f"hooks.example.com:{checked.server_port}"]
        asked = []
        resolver["hooks.example.com"] = Changing(asked)
        url = f"http://hooks.example.com:{checked.server_port}/"
        assert posting.post(url, {}, b"{}") == 204
    assert len(asked) == 1 and len(checked.took) == 1 and other.took == []


class Changing(list):
    """127.0.0.1 when it is asked first, elsewhere from then on."""

    def __init__(self, asked):
        super().__init__(["first", "then"])
        self.asked = asked

    def pop(self, _place):
        self.asked.append(1)
        return ["127.0.0.1"] if len(self.asked) == 1 else ["127.0.0.99"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/", "http://[::ffff:127.0.0.1]:{port}/",
                                 "http://localhost:{port}/", "http://2130706433:{port}/"])  # fmt: skip
def test_an_address_that_was_put_into_the_table_by_hand_is_refused_when_it_is_used(settings, url):
    with receiving(settings) as server:
        named, settings.WEBHOOK_ALLOW_PRIVATE = settings.WEBHOOK_ALLOW_PRIVATE, []
        put(url.format(port=server.server_port))
        assert webhooks.send_webhooks(NOW).failed == 1 and server.took == []
        settings.WEBHOOK_ALLOW_PRIVATE = named
        webhooks.put(endpoint_named(server.url), key="two", event="deal.silent", payload={}, now=NOW)
        assert webhooks.send_webhooks(NOW).sent == 1


def endpoint_named(url):
    return Endpoint.objects.create(name="Ours", url=url, secret=signing.new_secret())


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "[fd00:ec2::254]", "0.0.0.0", "[::ffff:127.0.0.1]", "224.0.0.1"]
)
def test_naming_a_host_opens_private_networks_and_nothing_else(settings, host):
    settings.WEBHOOK_ALLOW_PRIVATE = [host]
    with pytest.raises(addresses.Refused):
        addresses.checked(f"https://{host}/")


def test_naming_a_host_opens_no_other_port(settings):
    settings.WEBHOOK_ALLOW_PRIVATE = ["10.0.0.5", "10.0.0.6:9000"]
    assert addresses.checked("https://10.0.0.5/")[0].is_named
    assert addresses.checked("https://10.0.0.6:9000/")[0].header == "10.0.0.6:9000"
    for url in ("https://10.0.0.5:9000/", "https://10.0.0.6/", "https://10.0.0.6:6379/"):
        with pytest.raises(addresses.Refused):
            addresses.checked(url)


def test_in_production_plain_http_is_refused_even_to_a_receiver_of_ours(settings):
    settings.WEBHOOK_ALLOW_PRIVATE = ["10.0.0.5"]
    addresses.checked("http://10.0.0.5/")
    settings.MODE = "production"
    with pytest.raises(addresses.Refused, match="https"):
        addresses.checked("http://10.0.0.5/")


def test_a_name_nobody_knows_is_no_address(resolver):
    resolver["hooks.example.com"] = [[]]
    with pytest.raises(OSError):
        addresses.checked("https://hooks.example.com/")


# Behind TLS


def behind_tls(settings, resolver, server, name="hooks.example.com"):
    resolver[name] = [["127.0.0.1"]]
    settings.WEBHOOK_ALLOW_PRIVATE = [f"{name}:{server.server_port}"]
    return put(f"https://{name}:{server.server_port}/")


@pytest.fixture
def tls(tmp_path):
    return certificate(tmp_path)


def test_a_receiver_shows_a_certificate_of_its_name_that_this_machine_trusts(
    settings, resolver, monkeypatch, tls
):
    authority, pem = tls
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    with receiving(settings, pem=pem) as server:
        behind_tls(settings, resolver, server)
        assert webhooks.send_webhooks(NOW).sent == 1
    assert server.took[0][1]["Host"] == f"hooks.example.com:{server.server_port}"


def test_a_certificate_nobody_here_trusts_is_refused_before_anything_is_said(settings, resolver, tls):
    with receiving(settings, pem=tls[1]) as server:
        delivery = behind_tls(settings, resolver, server)
        assert webhooks.send_webhooks(NOW).failed == 1 and server.took == []
    assert "certificate verify failed" in Delivery.objects.get(pk=delivery.pk).error


def test_a_certificate_of_another_name_is_refused(settings, resolver, monkeypatch, tls):
    authority, pem = tls
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    with receiving(settings, pem=pem) as server:
        delivery = behind_tls(settings, resolver, server, "other.example.com")
        assert webhooks.send_webhooks(NOW).failed == 1 and server.took == []
    assert "other.example.com" in Delivery.objects.get(pk=delivery.pk).error


# The administration


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "https://user:pw@8.8.8.8/", "http:/8.8.8.8", "https://0x7f.1/",
                                 "https://8.8.8.8:6379/", "https://[::ffff:127.0.0.1]/",
                                 "https://8.8.8.8/\x00"])  # fmt: skip
def test_a_form_with_such_an_address_comes_back_with_the_reason_beside_it(client, url):
    client.force_login(f.make_admin())
    answer = client.post(reverse("admin:outbox_endpoint_add"), {"name": "Warehouse", "url": url})
    assert answer.status_code in ((422, 400) if "\x00" in url else (422,)) and not Endpoint.objects.exists()
    kept = endpoint_at("https://8.8.8.8/")
    answer = client.post(
        reverse("admin:outbox_endpoint_change", args=[kept.pk]), {"name": "Warehouse", "url": url}
    )
    assert answer.status_code in (422, 400) and Endpoint.objects.get().url == "https://8.8.8.8/"


def test_a_secret_is_made_and_shown_once(client):
    client.force_login(f.make_admin())
    answer = client.post(
        reverse("admin:outbox_endpoint_add"), {"name": "Ware<b>", "url": "https://8.8.8.8/"}, follow=True
    )
    endpoint = Endpoint.objects.get()
    assert endpoint.secret in answer.content.decode() and "Ware&lt;b&gt;" in answer.content.decode()
    shown_at = [
        reverse("admin:outbox_endpoint_changelist"),
        reverse("admin:outbox_endpoint_change", args=[endpoint.pk]),
        reverse("admin:outbox_endpoint_history", args=[endpoint.pk]),
    ]
    for url in shown_at:
        answer = client.get(url)
        assert answer.status_code == 200 and endpoint.secret not in answer.content.decode()


def test_one_brings_a_secret_of_ones_own(client):
    client.force_login(f.make_admin())
    form = {"name": "Warehouse", "url": "https://8.8.8.8/", "secret": "open sesame"}
    answer = client.post(reverse("admin:outbox_endpoint_add"), form)
    assert answer.status_code == 422 and "24 to 64 bytes" in answer.content.decode()
    own = signing.new_secret()
    client.post(reverse("admin:outbox_endpoint_add"), form | {"secret": own})
    assert Endpoint.objects.get().secret == own


def test_a_new_secret_is_made_from_the_list(client):
    client.force_login(f.make_admin())
    endpoint = endpoint_at("https://8.8.8.8/")
    form = {"action": "new_secret", "_selected_action": endpoint.pk}
    answer = client.post(reverse("admin:outbox_endpoint_changelist"), form, follow=True)
    now = Endpoint.objects.get()
    assert now.secret != endpoint.secret == now.former_secret and now.secret in answer.content.decode()
    assert endpoint.secret not in answer.content.decode()


def test_a_test_message_is_queued_with_a_click_and_its_fate_is_shown(client, settings):
    client.force_login(f.make_admin())
    with receiving(settings) as server:
        endpoint = endpoint_at(server.url)
        form = {"name": "Warehouse", "url": server.url, "is_active": "on", "_test": "1"}
        answer = client.post(reverse("admin:outbox_endpoint_change", args=[endpoint.pk]), form, follow=True)
        assert answer.status_code == 200 and "headgate.test" in answer.content.decode()
        assert webhooks.send_webhooks(timezone.now()).sent == 1
    assert b'"type":"headgate.test"' in server.took[0][2]
    assert "Sent" in client.get(answer.request["PATH_INFO"]).content.decode()


@pytest.mark.parametrize("make", [f.make_user, f.make_manager])
def test_nobody_but_admins_sees_or_sets_up_webhooks(client, make):
    endpoint = endpoint_at("https://8.8.8.8/")
    client.force_login(make())
    for name, args in [("endpoint_changelist", []), ("endpoint_add", []), ("endpoint_change", [endpoint.pk]),
                       ("delivery_changelist", [])]:  # fmt: skip
        url = reverse(f"admin:outbox_{name}", args=args)
        assert client.get(url).status_code in (302, 403)
        assert client.post(url, {"name": "Mine", "url": "https://8.8.4.4/"}).status_code in (302, 403)
    assert list(Endpoint.objects.values_list("url", flat=True)) == ["https://8.8.8.8/"]
