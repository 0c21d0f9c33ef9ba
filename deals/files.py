"""Files of a deal: what may come in, where it is kept, how it goes out. Nothing here trusts a name or a browser."""

import secrets
from pathlib import PurePath

from django.core.files.storage import FileSystemStorage
from django.http import FileResponse
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext as _

from .input.normalise import clean, has_unstorable

MAX_BYTES = 20_000_000
MAX_NAME = 200
HEAD = 4096
TEXT = "text/plain"
UNKNOWN = "application/octet-stream"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."

# The types that may come in, with the endings that fit each; the first is given to a name without one.
ALLOWED = {
    "application/pdf": ["pdf"],
    "image/png": ["png"],
    "image/jpeg": ["jpg", "jpeg"],
    "image/gif": ["gif"],
    "image/webp": ["webp"],
    f"{_OFFICE}wordprocessingml.document": ["docx"],
    f"{_OFFICE}spreadsheetml.sheet": ["xlsx"],
    f"{_OFFICE}presentationml.presentation": ["pptx"],
    f"{_OPEN}text": ["odt"],
    f"{_OPEN}spreadsheet": ["ods"],
    f"{_OPEN}presentation": ["odp"],
    "application/vnd.ms-outlook": ["msg"],
    "message/rfc822": ["eml"],
    "text/csv": ["csv"],
    TEXT: ["txt", "md", "vtt", "srt"],
}
_BY_ENDING = {ending: kind for kind, endings in ALLOWED.items() for ending in endings}
_MAGIC = [
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
]
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = tuple(b"<!doctype <html <head <body <svg <script <iframe <?xml <?php <!-- #!".split())
# A container is what its name says only if this is inside.
_INSIDE = {
    "docx": b"word/document.xml",
    "xlsx": b"xl/workbook.xml",
    "pptx": b"ppt/presentation.xml",
    "msg": "__properties_version1.0".encode("utf-16-le"),
}
_MACROS = (b"vbaProject.bin", b"Basic/script-lc.xml")


class FileRefused(ValueError):
    """The file does not come in; the text says why and what would."""


def _ending(name):
    """Without the dot, lower case; "Offer v1.2" and "Call of 3. May" have none."""
    ending = PurePath(name).suffix.lstrip(".").lower()
    return "" if ending.isdigit() or " " in ending else ending


def _opendocument(head):
    """OpenDocument writes its type, uncompressed, as the first entry."""
    if head[30:38] != b"mimetype":
        return UNKNOWN
    kinds = [kind for kind in ALLOWED if head[38:].startswith(kind.encode() + b"PK")]
    return kinds[0] if kinds else UNKNOWN


def _container(head, ending):
    if head.startswith(_OLE):
        return _BY_ENDING["msg"] if ending == "msg" else UNKNOWN
    return _BY_ENDING[ending] if ending in ("docx", "xlsx", "pptx") else _opendocument(head)


def _is_text(head):
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not any(byte < 32 and byte not in b"\t\n\r\f" for byte in head)


def sniff(head, name):
    """The content type by the first bytes; the name only tells apart what looks alike. Markup is plain text."""
    ending = _ending(name)
    if head.startswith((_ZIP, _OLE)):
        return _container(head, ending)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    found = [kind for magic, kind in _MAGIC if head.startswith(magic)]
    if found or not _is_text(head):
        return found[0] if found else UNKNOWN
    return _BY_ENDING[ending] if ending in ("eml", "csv") else TEXT


def _looks_like_markup(head):
    for encoding in ("utf-16-le", "utf-16-be"):
        if head.startswith("\ufeff".encode(encoding)):
            head = head.decode(encoding, "ignore").encode()
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_MARKUP)


def _fits(kind, ending):
    """Pictures may be named as another kind of picture: phones and chat programs do so."""
    named = _BY_ENDING.get(ending, "")
    return not ending or named == kind or (named.startswith("image/") and kind.startswith("image/"))


def _holds_what_it_says(upload, ending):
    """Entry names stand uncompressed in a container, so nothing is unpacked here."""
    body = upload.read()
    upload.seek(0)
    return _INSIDE.get(ending, b"") in body and not any(macros in body for macros in _MACROS)


def _check_name(name):
    if not name or has_unstorable(name) or not clean(name):
        raise FileRefused(
            _("The file's name contains a character that cannot be stored. Rename it and try again.")
        )
    if len(name) > MAX_NAME:
        raise FileRefused(
            _("The file's name has %(given)d characters; at most %(limit)d are possible.")
            % {"given": len(name), "limit": MAX_NAME}
        )


def _check_size(size):
    if not size:
        raise FileRefused(_("The file is empty."))
    if size > MAX_BYTES:
        raise FileRefused(
            _("The file has %(given).1f MB; at most %(limit)d MB are possible.")
            % {"given": size / 1_000_000, "limit": MAX_BYTES // 1_000_000}
        )


def _not_accepted():
    return FileRefused(
        _(
            "This kind of file is not accepted, or it is not what its name says. Possible are PDF, pictures"
            " (PNG, JPG, GIF, WebP), Word, Excel, PowerPoint and OpenDocument without macros, e-mail (EML, MSG),"
            " CSV and plain text."
        )
    )


def check(upload):
    """The content type to store with an upload that may come in; FileRefused for any other."""
    _check_name(upload.name)
    _check_size(upload.size)
    upload.seek(0)
    head = upload.read(HEAD)
    upload.seek(0)
    name = clean(upload.name)
    kind, ending = sniff(head, name), _ending(name)
    if kind not in ALLOWED or not _fits(kind, ending):
        raise _not_accepted()
    if kind.startswith(("text/", "message/")) and _looks_like_markup(head):
        raise _not_accepted()
    if head.startswith((_ZIP, _OLE)) and not _holds_what_it_says(upload, ending):
        raise _not_accepted()
    return kind


def storage_name(instance, filename):
    """A path nobody can guess, that keeps nothing of what the file was called."""
    token = secrets.token_hex(16)
    return f"{token[:2]}/{token[2:4]}/{token}"


@deconstructible
class PrivateStorage(FileSystemStorage):
    """Under MEDIA_ROOT, readable by this account alone, without any address."""

    def __init__(self):
        super().__init__(file_permissions_mode=0o600, directory_permissions_mode=0o700)

    def url(self, name):
        raise ValueError("private files have no address; a view with a permission check sends them")


def private_storage():
    """For FileField(storage=...): a callable keeps the place out of migrations."""
    return PrivateStorage()


def _safe_name(name, kind):
    name = "".join("_" if char in '/\\:*?"<>|' else char for char in clean(name)).strip(" .")
    if not _fits(kind, _ending(name)) or not _ending(name):
        name = f"{name or 'file'}.{ALLOWED.get(kind, ['bin'])[0]}"
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: MAX_NAME - len(ending) - 1]}{dot}{ending}"


def as_download(file, name, content_type=UNKNOWN):
    """A response that a browser saves and never shows; `content_type` is the one check() found."""
    kind = content_type if content_type in ALLOWED else UNKNOWN
    response = FileResponse(
        file.open("rb"), as_attachment=True, filename=_safe_name(name, kind), content_type=kind
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
