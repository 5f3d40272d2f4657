"""jsonschema without a second of start-up."""

import sys
from functools import cache


@cache
def validator_class():
    """Return jsonschema's validator for the draft that our schemas are written in.

    When it is imported, jsonschema builds the grammar of internationalised addresses, which takes a
    second of every process and which no schema here uses. The package that holds the grammar is
    hidden from it meanwhile; jsonschema is made to do without.
    """
    grammar = "rfc3987_syntax"
    hidden = grammar not in sys.modules
    if hidden:
        sys.modules[grammar] = None
    try:
        from jsonschema import Draft202012Validator
    finally:
        if hidden:
            del sys.modules[grammar]
    return Draft202012Validator
