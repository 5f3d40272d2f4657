"""What a file holds, whatever its name says: what cannot be read as its name says is refused."""

from pathlib import Path

from helpers.errors import InputError
from helpers.messages import Message

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PASSWORD = "EncryptedPackage".encode("utf-16-le")
LARGEST = 1 << 30
WORKBOOK = Message("a workbook of Excel or LibreOffice")
OLD_WORKBOOK = Message("a workbook of Excel 97-2003")
SPSS, STATA = Message("a file of SPSS"), Message("a file of Stata")
SAS = Message("a transport file of SAS")
PORTABLE = Message("a portable file of SPSS")
PDF, PAGE, TEXT = Message("a PDF"), Message("a web page"), Message("text")
# Endings under which something can be read.
ENDINGS = {WORKBOOK: (".xlsx", ".xlsm", ".ods"), OLD_WORKBOOK: (".xls",), SPSS: (".sav", ".zsav"),
           STATA: (".dta",), PORTABLE: (".por",), SAS: (".xpt",), TEXT: (".csv", ".txt", ".tsv")}
BEGINNINGS = ((ZIP, WORKBOOK), (OLE, OLD_WORKBOOK), ((b"$FL2", b"$FL3"), SPSS),
              (b"HEADER RECORD*******", SAS), (b"<stata_dta>", STATA), (b"%PDF", PDF))


def refuse_other(path: Path, kind: str) -> None:
    """Stop at a file that is empty, too large, protected, or not what its name says."""
    size = path.stat().st_size
    if not size:
        raise InputError("{path}: the file is empty; export it again", path=path.name)
    if size > LARGEST:
        raise InputError("{path}: the file has {size:.0f} MB; files up to {limit:.0f} MB are "
                         "read: export only the columns that are needed", path=path.name,
                         size=size / 1e6, limit=LARGEST / 1e6)
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(OLE) and PASSWORD in path.read_bytes():
        raise InputError("{path}: is protected by a password; open it and save it without one",
                         path=path.name)
    found = _found(start)
    endings = ENDINGS.get(found, ()) if found else ()
    if found and kind not in endings:
        remedy = (Message("rename it so that it ends in {ending}", ending=endings[0]) if endings
                  else Message("open it in a spreadsheet program and save it as .xlsx"))
        raise InputError("{path}: this is not what its name says but {found}; {remedy}",
                         path=path.name, found=found, remedy=remedy)


def _found(start: bytes) -> Message | None:
    """What the first bytes say, or None where they say nothing."""
    for beginning, kind in BEGINNINGS:
        if start.startswith(beginning):
            return kind
    if b"SPSSPORT" in start[:600].replace(b"\r", b"").replace(b"\n", b""):
        return PORTABLE
    head = start.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith((b"<!doctype html", b"<html", b"<table", b"<?xml", b"<head", b"<meta")):
        return PAGE
    return None if any(byte < 9 or 13 < byte < 32 for byte in start) else TEXT
