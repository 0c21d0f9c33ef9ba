"""What the stages were called under a version: history keeps the names that counted then."""

from collections import OrderedDict

_SIZE = 256
_known = OrderedDict()


def names_of(version):
    """{stage id: name}. Reads the version's snapshot once."""
    if version.token not in _known:
        _known[version.token] = {stage["id"]: stage["name"] for stage in version.snapshot.get("stages", [])}
    _known.move_to_end(version.token)
    while len(_known) > _SIZE:
        _known.popitem(last=False)
    return _known[version.token]


def name_under(version, stage):
    """The stage's name then; the one it has now where that version did not know it."""
    return names_of(version).get(stage.pk, str(stage)) if stage else ""
