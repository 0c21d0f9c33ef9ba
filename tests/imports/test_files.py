import io
import stat
import zipfile
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.migrations.writer import MigrationWriter

from deals import files
from deals.files import FileRefused, as_download, check, private_storage, sniff, storage_name

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
OFFICE = "application/vnd.openxmlformats-officedocument."


def zipped(*names, kind=None):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        if kind:
            archive.writestr(zipfile.ZipInfo("mimetype"), kind)
        for name in names:
            archive.writestr(name, "<x/>" * 50)
    return packed.getvalue()


DOCX = zipped("[Content_Types].xml", "word/document.xml")
ODT = zipped("content.xml", kind="application/vnd.oasis.opendocument.text")

WELCOME = [
    ("offer.pdf", PDF, "application/pdf"),
    ("Offer v1.2", PDF, "application/pdf"),
    ("OFFER.PDF", PDF, "application/pdf"),
    ("board.png", PNG, "image/png"),
    ("board.jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
    ("photo.png", b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
    ("a.gif", b"GIF89a....", "image/gif"),
    ("a.webp", b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
    ("plan.docx", DOCX, f"{OFFICE}wordprocessingml.document"),
    ("sheet.xlsx", zipped("xl/workbook.xml"), f"{OFFICE}spreadsheetml.sheet"),
    ("deck.pptx", zipped("ppt/presentation.xml"), f"{OFFICE}presentationml.presentation"),
    ("plan.odt", ODT, "application/vnd.oasis.opendocument.text"),
    ("mail.msg", OLE + "__properties_version1.0".encode("utf-16-le"), "application/vnd.ms-outlook"),
    ("mail.eml", b"From: anna@buyer.test\r\nSubject: Yes\r\n\r\n<html>", "message/rfc822"),
    ("people.csv", "Name;Größe\n".encode("cp1252"), "text/csv"),
    ("people.csv", "Name,Age\n".encode("utf-16"), "text/csv"),
    ("notes.txt", "they said “yes”".encode(), "text/plain"),
    ("call.vtt", b"WEBVTT\n\n00:01 --> 00:02\nyes", "text/plain"),
    ("李.pdf", PDF, "application/pdf"),
]
MARKUP = [
    b"<html><script>alert(1)</script>",
    b"  <!DOCTYPE html>",
    b"<?xml version='1.0'?><svg onload=x>",
    b"<svg/>",
]
REFUSED = [
    ("run.exe", b"MZ\x90\0" + b"\0" * 60),
    ("offer.pdf", b"MZ\x90\0" + b"\0" * 60),
    ("run", b"\x7fELF\x02\x01" + b"\0" * 60),
    ("run.sh", b"#!/bin/sh\nrm -rf /"),
    ("notes.txt", b"#!/bin/sh\nrm -rf /"),
    ("notes", b"\n\n<ScRipt>1</script>"),
    ("code.js", b"alert(1)"),
    ("code.py", b"print(1)"),
    ("run.bat", b"@echo off"),
    ("app.hta", PDF + b"<script>"),
    ("app.html", PDF),
    ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'>"),
    ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg'>"),
    ("offer.pdf", PNG),
    ("offer.pdf", b"not a pdf"),
    ("board.png", PDF),
    ("all.zip", zipped("a.exe")),
    ("plan.docx", zipped("a.exe")),
    ("plan.docx", zipped("xl/workbook.xml")),
    ("plan.docx", zipped("word/document.xml", "word/vbaProject.bin")),
    ("plan.docm", DOCX),
    ("plan", DOCX),
    ("plan.odt", zipped("content.xml", kind="application/vnd.oasis.opendocument.textx")),
    ("plan.odt", zipped("Basic/script-lc.xml", kind="application/vnd.oasis.opendocument.text")),
    ("old.doc", OLE),
    ("setup.msi", OLE),
    ("mail.msg", OLE),
    ("notes.txt", b"a\0b"),
    ("utf16.txt", "<html>".encode("utf-16")),
    ("bom.txt", b"\xef\xbb\xbf<html>"),
    ("offer.pdf\u202eexe.", b"MZ\x90\0"),
    ("offer\u202efdp.exe", PDF),
]


def upload(name, content):
    made = SimpleUploadedFile("x", content)
    made._name = name  # what a hostile client sent, past Django's own shortening
    return made


@pytest.mark.parametrize("name, content, kind", WELCOME)
def test_a_file_of_a_known_kind_comes_in_and_can_still_be_read(name, content, kind):
    sent = upload(name, content)
    assert check(sent) == kind
    assert sent.read() == content


@pytest.mark.parametrize("name, content", [*REFUSED, *(("page.html", text) for text in MARKUP)])
def test_programs_markup_and_disguises_are_refused(name, content):
    with pytest.raises(FileRefused, match="not accepted"):
        check(upload(name, content))


@pytest.mark.parametrize("text", MARKUP)
@pytest.mark.parametrize("name", ["a.html", "a.svg", "a.txt", "a.pdf", ""])
def test_markup_is_never_more_than_plain_text(name, text):
    assert sniff(text, name) == "text/plain"


def test_an_empty_file_is_refused():
    with pytest.raises(FileRefused, match="empty"):
        check(upload("a.txt", b""))


def test_twenty_megabytes_come_in_and_one_byte_more_does_not(monkeypatch):
    monkeypatch.setattr(files, "MAX_BYTES", 2_000_000)
    assert check(upload("a.pdf", PDF.ljust(2_000_000)))
    with pytest.raises(FileRefused, match="at most 2 MB"):
        check(upload("a.pdf", PDF.ljust(2_000_001)))


def test_the_limit_is_twenty_megabytes():
    assert files.MAX_BYTES == 20_000_000


@pytest.mark.parametrize("name", ["a\0.pdf", "\ud800.pdf", "", None, "\u200b"])
def test_a_name_that_cannot_be_stored_is_refused(name):
    with pytest.raises(FileRefused, match="cannot be stored"):
        check(upload(name, PDF))


def test_a_name_too_long_is_refused_with_limit_and_length():
    with pytest.raises(FileRefused, match="201.*200"):
        check(upload("a" * 197 + ".pdf", PDF))


def test_the_stored_path_is_random_and_keeps_nothing_of_the_name():
    paths = {storage_name(None, "../../etc/passwd.exe") for _ in range(50)}
    assert len(paths) == 50
    for path in paths:
        one, two, token = path.split("/")
        assert len(token) == 32 and int(token, 16) >= 0 and token.startswith(one + two)


def test_a_stored_file_is_private_and_has_no_address(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    storage = private_storage()
    path = Path(storage.path(storage.save(storage_name(None, "a.pdf"), ContentFile(PDF))))
    assert path.is_relative_to(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(parent.stat().st_mode) for parent in path.parents[:3]} == {0o700}
    with pytest.raises(ValueError, match="no address"):
        storage.url(path.name)


def test_a_migration_can_name_where_files_go():
    assert "deals.files.storage_name" in MigrationWriter.serialize(storage_name)[0]
    assert "deals.files.private_storage" in MigrationWriter.serialize(private_storage)[0]


def test_a_download_is_saved_and_never_shown():
    response = as_download(ContentFile(PDF), "Angebot Größe.pdf", "application/pdf")
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment; filename")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert (
        "sandbox" in response["Content-Security-Policy"] and "'none'" in response["Content-Security-Policy"]
    )
    assert int(response["Content-Length"]) == len(PDF)


@pytest.mark.parametrize(
    "name, kind, sent",
    [
        ("a.pdf", "application/pdf", 'filename="a.pdf"'),
        ("Offer v1.2", "application/pdf", 'filename="Offer v1.2.pdf"'),
        ("a.exe", "application/pdf", 'filename="a.exe.pdf"'),
        ("a\u202efdp.exe", "application/pdf", 'filename="afdp.exe.pdf"'),
        ('a"\r\nSet-Cookie: x=y.pdf', "application/pdf", 'filename="a_ Set-Cookie_ x=y.pdf"'),
        ("../../etc/passwd", "text/plain", 'filename="_.._etc_passwd.txt"'),
        ("", "text/plain", 'filename="file.txt"'),
        ("...", "image/png", 'filename="file.png"'),
        ("page.html", "text/html", 'filename="page.html.bin"'),
        ("x" * 500 + ".pdf", "application/pdf", f'filename="{"x" * 196}.pdf"'),
    ],
)
def test_the_name_of_a_download_is_harmless_and_fits_its_kind(name, kind, sent):
    response = as_download(ContentFile(PDF), name, kind)
    assert response["Content-Disposition"] == f"attachment; {sent}"


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/javascript", ""])
def test_a_kind_that_never_came_in_goes_out_as_bytes(kind):
    assert as_download(ContentFile(PDF), "a", kind)["Content-Type"] == "application/octet-stream"
