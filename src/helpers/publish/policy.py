"""Scripts of a page: its own alone, and nothing from elsewhere; what they read stands in it."""

import hashlib
import json

SOURCES = ("default-src 'none'; base-uri 'none'; form-action 'self' file:; "
           "img-src 'self' file: data:; style-src 'self' file: 'unsafe-inline'; script-src {}")


def nonce(*content: str) -> str:
    """Mark of a page's own inline script, made of all that it holds: what stands in the data cannot
    know it.

    >>> nonce("a") == nonce("a"), nonce("a") == nonce("b"), len(nonce("a"))
    (True, False, 32)
    """
    return hashlib.sha256("\0".join(content).encode()).hexdigest()[:32]


def policy(*marks: str, beside: bool = False, frames: bool = False) -> str:
    """Policy of a page with inline scripts of these marks; whether scripts lie beside it, and
    whether it may show pages that do in frames.

    >>> policy()[-17:], policy("0a", beside=True)[-34:]
    ("script-src 'none'", "script-src 'self' file: 'nonce-0a'")
    """
    scripts = ["'self'", "file:"] * beside + [f"'nonce-{mark}'" for mark in marks]
    said = SOURCES.format(" ".join(scripts) or "'none'")
    return f"{said}; frame-src 'self' file:" if frames else said


def as_script(content: object) -> str:
    """Content as JSON in a page: what the data call things cannot end the script that holds it.

    >>> as_script({"name": "</script>"})
    '{"name":"\\\\u003c/script>"}'
    """
    # Inside a script element only a "<" could end it, or begin a comment.
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
