"""What each result of a notebook rests on: observed from what was read and what the code names.

Every read is noted with the statement that made it. The code that ran is followed statement by
statement: what a statement reads, and what the names that it uses rest on, passes to the names that
it sets or changes. So a result rests on what the notebook has read up to it, less what demonstrably
did not reach it. Not followed is a function that changes one argument by another while its result
is assigned.
"""

import ast
from contextlib import suppress
from functools import cache

from helpers.study import Study
from helpers.study.session import Place

# They carry data from cell to cell only where they are told to; what they open is noted.
SERVANTS = {"st", "out"}
UNFOLLOWED = {"globals", "locals", "exec", "eval", "get_ipython"}


def behind(study: Study) -> list[str]:
    """What the statement that runs now rests on, in the order of reading; all that was read where
    the code that ran is not known."""
    place = study.running()
    noted = [(there, name) for there, name in study.noted if there]
    used = {*study.was_read}
    if place and len(noted) == len(study.noted):
        with suppress(SyntaxError):
            used = followed(study.cells_run(), noted, place)
    # What rests on nothing that was read was not followed: everything may be behind it.
    return [name for name in study.was_read if name in used] or [*study.was_read]


def followed(cells: list[str], noted: list[tuple[Place, str]], place: Place) -> set[str]:
    """What the statement at a place rests on.

    >>> cells = ["", "a = st.table('x')\\nb = st.table('y')", "c = a + 1", "out.table('t', c)"]
    >>> noted = [((1, 1), "x"), ((1, 2), "y")]
    >>> followed(cells, noted, (3, 1))
    {'x'}
    """
    behind: dict[str, set[str]] = {}
    modules: set[str] = set()
    for number, code in enumerate(cells):
        for lines, names in _statements(code) if code else ():
            modules |= names.modules
            rests = {name for (cell, line), name in noted if cell == number and line in lines}
            rests = rests.union(*(behind.get(name, ()) for name in names.used))
            if names.used & UNFOLLOWED:
                rests = {name for there, name in noted if there < (number, lines.stop)}
            if number == place[0] and place[1] in lines:
                return rests
            for name in names.stored:
                behind[name] = rests if names.anew else behind.get(name, set()) | rests
            for name in names.changed - modules:
                behind[name] = behind.get(name, set()) | rests
    return {name for _, name in noted}


@cache
def _statements(code: str) -> list[tuple[range, "_Names"]]:
    """Lines and names of every statement of a cell; each result asks for all cells before it."""
    return [(range(one.lineno, (one.end_lineno or one.lineno) + 1), _Names(one))
            for one in ast.parse(code).body]


class _Names(ast.NodeVisitor):
    """Names that a statement imports, uses, sets anew or adds to, and may change in place."""

    def __init__(self, statement: ast.stmt):
        self.modules = {(one.asname or one.name).partition(".")[0] for one in statement.names
                        } if isinstance(statement, (ast.Import, ast.ImportFrom)) else set()
        self.anew = isinstance(statement, (ast.Assign, ast.AnnAssign))
        self.used: set[str] = set()
        self.stored: set[str] = set()
        self.changed: set[str] = set()
        self.visit(statement)

    def visit_Name(self, node: ast.Name) -> None:
        """A name is used or set."""
        (self.stored if isinstance(node.ctx, ast.Store) else self.used).add(node.id)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """A function rests on what it names."""
        self.stored.add(node.name)
        self.generic_visit(node)

    def _visit_scope(self, node: ast.AST, own: set[str]) -> None:
        """Names that are set inside mean nothing outside."""
        outer, self.used, self.stored = (self.used, self.stored), set(), set()
        self.generic_visit(node)
        inside = self.used - self.stored - own
        self.used, self.stored = outer[0] | inside, outer[1]

    def visit_ListComp(self, node: ast.AST) -> None:
        """A comprehension."""
        self._visit_scope(node, set())

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """A function without a name."""
        self._visit_scope(node, {one.arg for one in ast.walk(node) if isinstance(one, ast.arg)})

    def visit_Attribute(self, node: ast.Attribute | ast.Subscript) -> None:
        """A part is set, or only looked at."""
        if not isinstance(node.ctx, ast.Load):
            self.changed |= _root(node)
        self.generic_visit(node)

    visit_Subscript = visit_Attribute

    def visit_Call(self, node: ast.Call) -> None:
        """A method may change what it is called on; those of servants do where they remember."""
        told = isinstance(node.func, ast.Attribute) and node.func.attr == "remember"
        self.changed |= {name for name in _root(node.func) if told or name not in SERVANTS}
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        """A call whose result is not kept may be there to change its arguments."""
        if isinstance(node.value, ast.Call) and not _root(node.value.func) & SERVANTS:
            self.changed |= {one.id for one in ast.walk(node.value) if isinstance(one, ast.Name)}
        self.generic_visit(node)


def _root(node: ast.expr) -> set[str]:
    """Name of what a method is called on, or a part of which is set."""
    inner = node
    while isinstance(inner, (ast.Attribute, ast.Subscript)):
        inner = inner.value
    return {inner.id} if isinstance(inner, ast.Name) and inner is not node else set()
