"""Wrong answers made from a right one by a single change, as slips of the pen make them."""

import ast
import copy
from collections.abc import Iterator

SWAPPED = {ast.Add: [ast.Sub], ast.Sub: [ast.Add], ast.Mult: [ast.Div, ast.Add],
           ast.Div: [ast.Mult], ast.LtE: [ast.Lt, ast.GtE], ast.Lt: [ast.LtE, ast.Gt],
           ast.GtE: [ast.Gt, ast.LtE], ast.Gt: [ast.GtE, ast.Lt], ast.Eq: [ast.NotEq]}
METHODS = {"sum": ["mean", "max", "count"], "mean": ["sum", "median", "max"],
           "var": ["std", "sum"], "max": ["min", "sum"], "min": ["max"], "ceil": ["floor"],
           "log": ["log2", "log10", "exp"], "idxmax": ["idxmin", "max"],
           "nlargest": ["nsmallest"], "hypot": ["prod"], "prod": ["sum"]}
WRAPPED = ("round({}, 2)", "100 * ({})")


def mutants(source: str) -> Iterator[str]:
    """Code of the same functions, each with one change."""
    tree = ast.parse(source)
    found = dict.fromkeys([ast.unparse(tree)])
    for place, node in enumerate(ast.walk(tree)):
        for change in _changes(node):
            changed = copy.deepcopy(tree)
            change(list(ast.walk(changed))[place])
            found.setdefault(ast.unparse(changed))
    yield from list(found)[1:]


def _changes(node: ast.AST) -> list:
    found = []
    if isinstance(node, ast.BinOp):
        found += [lambda new, kind=kind: setattr(new, "op", kind())
                  for kind in SWAPPED.get(type(node.op), [])]
        found += [lambda new, side=side: _become(new, getattr(new, side))
                  for side in ("left", "right")]
    elif isinstance(node, ast.Compare):
        found += [lambda new, kind=kind: setattr(new, "ops", [kind()])
                  for kind in SWAPPED.get(type(node.ops[0]), [])]
    elif isinstance(node, ast.Call):
        name = node.func
        if isinstance(name, ast.Attribute):
            found += [lambda new, to=to: setattr(new.func, "attr", to)
                      for to in METHODS.get(name.attr, [])]
            found += [lambda new: _become(new, new.func.value)]
        if node.args and not isinstance(node.args[0], ast.Lambda):
            found += [lambda new: _become(new, new.args[0])]
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        found += [lambda new, step=step: setattr(new, "value", new.value + step)
                  for step in (1, -1)]
    elif isinstance(node, ast.Return):
        found += [lambda new, how=how: setattr(
            new, "value", ast.parse(how.format(ast.unparse(new.value)), mode="eval").body)
            for how in WRAPPED]
    return found


def _become(node: ast.AST, other: ast.AST) -> None:
    node.__class__, node.__dict__ = other.__class__, other.__dict__
