"""What a browser would send for a form it was shown: names and values, straight from the HTML."""

from html.parser import HTMLParser


class _Forms(HTMLParser):
    def __init__(self, ending):
        super().__init__()
        self.ending, self.inside, self.data, self.select, self.area = ending, False, {}, None, None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.inside = attrs.get("id", "").endswith(self.ending)
        if self.inside and "disabled" not in attrs:
            getattr(self, f"_{tag}", lambda attrs: None)(attrs)

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False
        if tag == "select":
            self.select = None
        if tag == "textarea":
            self.area = None

    def handle_data(self, data):
        if self.area:
            self.data[self.area] += data.removeprefix("\n") if not self.data[self.area] else data

    def _input(self, attrs):
        kind, name = attrs.get("type", "text"), attrs.get("name")
        ticks = kind in ("checkbox", "radio")
        if name and kind not in ("submit", "button", "file") and (not ticks or "checked" in attrs):
            self._put(name, attrs.get("value") or ("on" if ticks else ""), several=kind == "checkbox")

    def _textarea(self, attrs):
        self.area = attrs["name"]
        self.data[self.area] = ""

    def _select(self, attrs):
        self.select = attrs["name"]

    def _option(self, attrs):
        if self.select and ("selected" in attrs or self.select not in self.data):
            self.data[self.select] = attrs.get("value", "")

    def _put(self, name, value, several):
        known = self.data.get(name)
        if several and known is not None:
            value = [*(known if isinstance(known, list) else [known]), value]
        self.data[name] = value


def form_of(response, ending):
    """{name: value or list} of the form whose id ends so."""
    reader = _Forms(ending)
    reader.feed(response.content.decode())
    assert reader.data, "no such form on the page"
    return reader.data
