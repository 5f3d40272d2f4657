"""Checks and tables of data packages for whoever reads many that are nearly the same."""

import hashlib
import json
from functools import wraps

from helpers.disclosure import levels
from helpers.kept import digest
from helpers.study import validation

KEPT = 400  # tables; those of one package are some twenty


def remember() -> None:
    """Check and read nothing in this process a second time that has the same bytes and schema, and
    look for the groups to hide in no survey twice."""
    from helpers.study.package import Resource

    validation.validate = _of_packages(validation.validate)
    validation._check_cells = remembering(validation._check_cells)
    validation._check_form = _of_resources(validation._check_form)
    validation.check_cells = _of_resources(validation.check_cells)
    Resource.read_text_table = _of_resources(Resource.read_text_table)
    Resource.read = _of_resources(Resource.read)
    levels._hidden = _of_content(levels._hidden)


def _of_content(work):
    """A function of tables and plain values."""
    found: dict = {}

    @wraps(work)
    def remembered(*given):
        mark = digest(*given)
        if mark is None or mark not in found:
            found[mark] = work(*given)
        return found[mark].copy()

    return remembered


def _of_packages(check):
    valid = set()

    @wraps(check)
    def checked(package):
        try:
            mark = package.fingerprint
        except OSError:  # a file that cannot be read is for the check to name
            return check(package)
        if mark not in valid:
            check(package)
            valid.add(mark)

    return checked


def _of_resources(read):
    """A function of a resource and of what is written in it; whatever else it takes follows from
    both, or is plain rules."""
    kept = {}

    @wraps(read)
    def remembered(resource, *more):
        rules = [given for given in more if isinstance(given, dict)]
        try:
            content = hashlib.sha256(resource.path.read_bytes()).hexdigest()
            mark = json.dumps([resource.name, resource.descriptor, rules]) + content
        except (OSError, TypeError):
            return read(resource, *more)
        if mark not in kept:
            found = read(resource, *more)
            if len(kept) >= KEPT:
                kept.clear()
            kept[mark] = found
        # Writing into a copy leaves the kept one alone: pandas copies what is written to.
        return kept[mark] if kept[mark] is None else kept[mark].copy()

    return remembered


def remembering(check):
    """A check of a package's cells that reads no table a second time that it found valid.

    A table is the same when its schema and its bytes are, and those of the tables it refers to.
    """
    valid = set()

    def checked(package, headers):
        entries = {name: validation._merged(package, name, header)
                   for name, header in headers.items()}
        beside = {name: {key["reference"]["resource"] or name
                         for key in entry["schema"]["foreignKeys"]}
                         for name, entry in entries.items()}
        marks = {name: json.dumps(entry) + hashlib.sha256(
            package.resource(name).path.read_bytes()).hexdigest()
            for name, entry in entries.items()}
        keys = {name: (mark, *(marks.get(other) for other in sorted(beside[name])))
                for name, mark in marks.items()}
        waiting, read = [name for name, key in keys.items() if key not in valid], set()
        while waiting:
            read.add(name := waiting.pop())
            waiting += beside[name] - read
        if read:
            check(package, {name: header for name, header in headers.items() if name in read})
        valid.update(keys.values())

    return checked
