"""Provenance: the facts of a build, its research object, and the commit that it stands at."""

from helpers.run.provenance.facts import (
    NAME,
    check_used,
    collect,
    of_document,
    of_stage,
    read,
    record,
)

__all__ = ["NAME", "check_used", "collect", "of_document", "of_stage", "read", "record"]
