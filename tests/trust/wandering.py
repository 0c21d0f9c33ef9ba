"""Somebody who opens whatever pages link to, and sends their forms with good and odd values alike."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from .. import factories as f

STARTS = [
    "/today/",
    "/pipeline/",
    "/deals/",
    "/process/",
    "/dashboard/",
    "/audit/",
    "/admin/",
    "/companies/",
    "/find/?q=a",
]
# Who goes there is somebody else afterwards, or nobody.
LEFT_ALONE = ("/accounts/", "/admin/logout/", "/admin/team/user/", "/static/")
WORDS = [
    "They want two plants first", "Vellgrove Dairies", "Ümläut ☃ \u202eabc", "=1+1", "<b>x</b>", "a" * 300, "", "x",
    "0", "7", "-5", "12,345.67", "€1.234,56", "0.01", "1e9", "9" * 25, "²", "2027-02-30", "1900-01-01", "next friday",
    "lena@buyer.example", "a@a.a", "https://example.com/x", "javascript:alert(1)",
]  # fmt: skip
DAYS = [-400, -30, -3, 0, 1, 7, 40, 400]


@dataclass
class Form:
    action: str
    is_post: bool
    # (type, name, value, values of a choice)
    fields: list = field(default_factory=list)
    buttons: list = field(default_factory=list)


class Page(HTMLParser):
    """`links` and `forms` of a page."""

    def __init__(self, text):
        super().__init__()
        self.links, self.forms, self.options = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.links += [given[name] for name in ("href", "hx-get", "data-changes") if given.get(name)]
        if tag == "form":
            method = given.get("method") or ("post" if "hx-post" in given else "get")
            self.forms.append(Form(given.get("action") or given.get("hx-post") or "", method == "post"))
        elif tag == "option" and self.options is not None:
            self.options.append(given.get("value") or "")
        elif self.forms and given.get("name"):
            self._field(tag, given)

    def _field(self, tag, given):
        form, value = self.forms[-1], given.get("value") or ""
        if tag == "button" or given.get("type") == "submit":
            form.buttons.append((given["name"], value, given.get("formaction")))
        elif tag in ("input", "textarea", "select"):
            self.options = [] if tag == "select" else None
            form.fields.append((given.get("type") or tag, given["name"], value, self.options))


class Wanderer:
    """Goes where it has been least. `broken` are the answers that no page of ours may give."""

    def __init__(self, client, random, starts=STARTS):
        self.client, self.random = client, random
        self.known, self.seen, self.broken, self.sent = list(starts), Counter(), [], 0

    def step(self):
        some = self.random.sample(self.known, min(8, len(self.known)))
        url = min(some, key=lambda each: self.seen[kind_of(each)])
        self.seen[kind_of(url)] += 1
        page = Page(self.ask("get", url))
        self.remember(url, page.links)
        for form in self.random.sample(page.forms, min(2, len(page.forms))):
            self.send(url, form)

    def send(self, url, form):
        data = self.filled(form)
        action = form.action or url
        if form.buttons:
            name, value, elsewhere = self.random.choice(form.buttons)
            data[name], action = value, elsewhere or action
        if not urljoin(url, action).startswith(LEFT_ALONE):
            self.sent += 1
            self.ask("post" if form.is_post else "get", urljoin(url, action), data)

    def ask(self, method, url, data=None):
        """The text of an answer, if it is a page."""
        htmx = {"HX-Request": "true"} if self.random.random() < 0.3 else {}
        try:
            answer = getattr(self.client, method)(url, data, headers={"Accept": "text/html", **htmx})
            body = answer.getvalue()
        except Exception as error:
            self.broken.append((method, url, data, repr(error)))
            return ""
        if answer.status_code >= 500:
            self.broken.append((method, url, data, answer.status_code))
        self.remember(url, [answer.headers.get("Location") or ""])
        return body.decode() if "html" in answer.get("Content-Type", "") else ""

    def remember(self, url, links):
        found = {urljoin(url, link).partition("#")[0] for link in links if link}
        self.known += sorted(one for one in found if one.startswith("/") and not one.startswith(LEFT_ALONE))

    def filled(self, form):
        data, random = {}, self.random
        for kind, name, value, options in form.fields:
            if kind == "hidden":
                data[name] = value
            elif kind in ("checkbox", "radio"):
                if random.random() < 0.5:
                    data[name] = value or "on"
            elif kind == "select":
                data[name] = random.choice(options or [""])
            elif kind == "file":
                data[name] = f.upload()
            elif kind == "date":
                data[name] = (f.today() + timedelta(days=random.choice(DAYS))).isoformat()
            else:
                data[name] = value if random.random() < 0.4 else random.choice(WORDS)
        return data


def kind_of(url):
    """One word for all addresses that differ by numbers alone."""
    parts = urlsplit(url)
    return "".join("N" if letter.isdecimal() else letter for letter in parts.path + "?" + parts.query)
