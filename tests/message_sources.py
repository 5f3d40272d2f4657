"""Every sentence that the helpers say to a person, read from their source: what is raised, printed
or said.

    python tests/message_sources.py missing     # the entries that errors.po lacks, by file
    python tests/message_sources.py all         # every sentence, and where it is said

A sentence becomes a template: the text of an f-string with a name in braces for each value
(``{column}``). A value that is itself a text of the helpers (a hint, a reason, what a small
function returns) becomes a template of its own.
"""

import ast
import re
import sys
from dataclasses import dataclass
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HELPERS = ROOT / "src" / "helpers"
SPEAKERS = {"print", "say"}
COLLECTORS = {"said", "why", "not_here"}
# Called with a text that they show themselves: name and place of the argument.
HANDED_ON = {
    "exclusive": 1, "Variation": 1, "Content": 0, "Made": 0, "_call": 1, "_pip": 2, "_check": 1,
    "spoken": 0
}
# Functions that compose what others say: every text in them counts.
COMPOSERS = {
    "build/bench.py": ("measure", "line"), "build/bench_explorer.py": ("measure",),
    "build/bench_force_field.py": ("measure",), "build/bench_geography.py": ("measure",),
    "build/bench_multiverse.py": ("measure",), "build/bench_survey.py": ("measure",),
    "build/bootstrap.py": ("_fits",), "build/mutations.py": ("run", "_noticed"),
    "build/reproducibility.py": ("_compared", "_locale"), "build/tasks.py": ("reasons", "_reason",
                                                                             "_short"),
    "build/verdict.py": ("summary",), "build/verify.py": ("sentence",),
    "study/boundaries/fit.py": ("_by_code",), "study/imports/answers.py": ("numbers",),
    "study/imports/convert.py": ("_items_found", "_areas", "_business_types", "_respondents",
                                 "_left_out"),
    "study/imports/readers.py": ("_decode", "_split", "_rows",
                                 "_read_workbook"), "study/validation.py": ("_allowed",),
}
# Names whose keys are said.
KEYS = {"study/imports/personal.py": ("NAMES",), "build/mutations.py": ("IN_SOURCES", "IN_OUTPUTS")}
# What one process of the build tells another, and a tool of those who work on the build.
NOT_SAID = ("build/probe.py", "build/measuring.py", "build/faults.py")
# Values that are data, whatever their name may stand for elsewhere in the file.
DATA = {"place", "pattern", "path", "code", "file", "label", "folder", "value", "name"}
# What the system itself says about a file.
SYSTEM = ("No such file or directory", "Permission denied", "Is a directory", "Not a directory",
          "File exists", "Read-only file system", "Operation not permitted",
          "No space left on device", "File name too long")
# What argparse says about a call.
ARGPARSE = ("usage: {call}", "positional arguments:", "options:", "show this help message and exit",
            "unrecognized arguments: {arguments}",
            "the following arguments are required: {arguments}",
            "argument {argument}: invalid choice: {value} (choose from {choices})",
            "argument {argument}: expected one argument",
            "argument {argument}: expected {number} arguments",
            "argument {argument}: invalid {kind} value: {value}")
# What libraries say about a file that cannot be read.
LIBRARIES = ("mapping values are not allowed here", "could not find expected ':'",
             "expected <block end>, but found {found}",
             "expected the node content, but found {found}", "expected ',' or ']', but got {found}",
             "expected ',' or '}}', but got {found}",
             "found character {found} that cannot start any token",
             "found unexpected end of stream",
             "could not determine a constructor for the tag {tag}", "unexpected end of data",
             "File is not a zip file", "Expecting value", "Expecting ',' delimiter",
             "Expecting ':' delimiter", "Expecting property name enclosed in double quotes",
             "Extra data", "Unterminated string starting at",
             "Illegal trailing comma before end of object",
             "Illegal trailing comma before end of array")
# Between two texts that are said together.
CONJUNCTIONS = ("and", "or")
PARAMETERS = HELPERS / "study" / "parameters.yml"
WORDS = re.compile(r"[^\W\d_]{2,}")
CONVERTED = 114
DEEPEST = 12


@dataclass(frozen=True)
class Value:
    """A place in a sentence that is filled when the program runs."""

    name: str


def templates() -> dict[str, str]:
    """Return every template, with the place in the source that says it."""
    modules = {path: Module(path) for path in sorted(HELPERS.rglob("*.py"))
               if not path.relative_to(HELPERS).as_posix().startswith(NOT_SAID)}
    found = Found(modules)
    for module in modules.values():
        found.read(module)
    others = {
        "Makefile": help_texts(), "the system": SYSTEM, "argparse": ARGPARSE,
        "libraries": LIBRARIES, "conjunctions": CONJUNCTIONS, "parameters.yml": units()
    }
    return found.templates | {text: where for where, texts in others.items() for text in texts}


def units() -> list[str]:
    """Return the units of parameters, which stand behind what is allowed."""
    return sorted(set(re.findall(r"unit: ([^,}]*)", PARAMETERS.read_text(encoding="utf-8"))))


def help_texts() -> list[str]:
    """Return what stands beside the targets in the Makefile."""
    return re.findall(r"(?m)^(?:\w+:.*?## |### )(.*)$",
                      (ROOT / "Makefile").read_text(encoding="utf-8"))


class Module:
    """One source file: its functions, and the texts that its names stand for."""

    def __init__(self, path: Path):
        self.path = path
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.scope_of, self.functions, self.calls, self.returned, self.assigned, self.imported = {}, {}, {}, {}, {}, {}
        self._walk(self.tree, self.tree)

    def _walk(self, node, scope) -> None:
        for child in ast.iter_child_nodes(node):
            self.scope_of[child] = scope
            self._note(child, scope)
            self._walk(child, child if isinstance(child, ast.FunctionDef) else scope)

    def _note(self, node, scope) -> None:
        if isinstance(node, ast.FunctionDef):
            self.functions.setdefault(node.name, []).append(node)
        elif isinstance(node, ast.Call):
            self.calls.setdefault(_called(node), []).append(node)
        elif isinstance(node, (ast.Return, ast.Yield)) and node.value is not None:
            self.returned.setdefault(scope, []).append(node.value)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("helpers"):
            self.imported |= {alias.asname or alias.name: node.module for alias in node.names}
        for name, value in _assignments(node):
            self.assigned.setdefault((scope, name), []).append(value)


def _assignments(node):
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _pairs(target, node.value)
    elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.NamedExpr)) and node.value is not None:
        yield from _pairs(node.target, node.value)
    elif isinstance(node, (ast.For, ast.comprehension)):
        yield from _pairs(node.target, node.iter, item=True)


def _pairs(target, value, item=False):
    """Give each name of a target what is assigned to it; of a loop, everything that the list
    holds."""
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, (ast.Tuple, ast.List)):
        if item and isinstance(value, ast.Call) and _called(value) == "items":
            yield from _pairs(target.elts[1], value.func.value)
        elif item and isinstance(value, (ast.Tuple, ast.List)):
            for element in value.elts:
                yield from _pairs(target, element)
        elif isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts):
            for one, other in zip(target.elts, value.elts):
                yield from _pairs(one, other)
        elif isinstance(value, ast.IfExp):
            yield from _pairs(target, value.body)
            yield from _pairs(target, value.orelse)


def _called(call: ast.Call) -> str:
    function = call.func
    return getattr(function, "id", getattr(function, "attr", ""))


class Found:
    """The templates found so far."""

    def __init__(self, modules: dict[Path, Module]):
        self.modules = modules
        self.templates: dict[str, str] = {}
        self.shapes = set()
        self.followed = set()

    def read(self, module: Module) -> None:
        """Read what one file raises, prints, says and collects."""
        for node in module.scope_of:
            for told in _told(node):
                for parts in self.texts(told, module):
                    self._keep(parts, module, told)

        place = module.path.relative_to(HELPERS).as_posix()
        for name in KEYS.get(place, ()):
            for key in module.assigned[module.tree, name][0].keys:
                self._keep((key.value,), module, key)
        for name in COMPOSERS.get(place, ()):
            for function in module.functions.get(name, ()):
                self._compose(function, module)

    def _compose(self, node: ast.AST, module: Module) -> None:
        for child in ast.iter_child_nodes(node):
            found = self.texts(child, module) if isinstance(child, (ast.JoinedStr, ast.Constant,
                                                                    ast.BinOp)) else []
            for parts in found if not isinstance(node, ast.Expr) else []:
                self._keep(parts, module, child)
            if not found:
                self._compose(child, module)

    def _keep(self, parts: tuple, module: Module, node: ast.AST) -> None:
        for line in _lines(parts):
            text, form = _template(line), shape(_template(line))
            if " " in form.replace("{} {}", "{}") and form not in self.shapes:
                self.shapes.add(form)
                self.templates.setdefault(text, f"{module.path.relative_to(HELPERS)}:{node.lineno}")

    def texts(self, node: ast.expr, module: Module, depth: int = 0) -> list[tuple]:
        """Return the texts that an expression can be, each in strings and values; none where it is
        no text."""
        if depth > DEEPEST:
            return []
        inner = depth + 1
        if isinstance(node, ast.Constant):
            if not isinstance(node.value, str):
                return []
            return [_braces(node.value) if "{}" in node.value else (node.value,)]
        if isinstance(node, ast.JoinedStr):
            return [
                sum(parts, ())
                for parts in product(*(self._piece(piece, module, inner) for piece in node.values))
            ]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            sides = [self.texts(side, module, inner) for side in (node.left, node.right)]
            if any(sides):
                sides = [
                    texts or [(Value(_name_of(side)),)]
                    for texts, side in zip(sides, (node.left, node.right))
                ]
            return [left + right for left, right in product(*sides)]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            return self._of_percent(node, module, inner)
        if isinstance(node, ast.IfExp):
            return self.texts(node.body, module, inner) + self.texts(node.orelse, module, inner)
        if isinstance(node, ast.BoolOp):
            return [text for value in node.values for text in self.texts(value, module, inner)]
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return [text for value in node.elts for text in self.texts(value, module, inner)]
        if isinstance(node, ast.Dict):
            return [text for value in node.values for text in self.texts(value, module, inner)]
        if isinstance(node, (ast.ListComp, ast.GeneratorExp)):
            return self.texts(node.elt, module, inner)
        if isinstance(node, ast.DictComp):
            return self.texts(node.value, module, inner)
        if isinstance(node, (ast.Starred, ast.NamedExpr)):
            return self.texts(node.value, module, inner)
        if isinstance(node, ast.Subscript):
            return self.texts(node.value, module, inner)
        if isinstance(node, ast.Name) and node.id == "__doc__":
            return [(ast.get_docstring(module.tree).splitlines()[0],)]
        if isinstance(node, ast.Call):
            return self._of_call(node, module, inner)
        if isinstance(node, ast.Name):
            return self._of_name(node, module, inner)
        return []

    def _piece(self, piece: ast.expr, module: Module, depth: int) -> list[tuple]:
        """Return what a piece of an f-string can be: choices are written out, other texts stand for
        themselves."""
        if isinstance(piece, ast.Constant):
            return [(piece.value,)]
        value = piece.value
        if piece.conversion == CONVERTED:
            return [(Value(_name_of(value)),)]
        if isinstance(value, (ast.IfExp, ast.BoolOp)):
            choices = [value.body, value.orelse] if isinstance(value, ast.IfExp) else value.values
            return [text for choice in choices
                    for text in self._piece(ast.FormattedValue(choice, -1, None), module, depth)]
        if isinstance(value, (ast.Constant, ast.JoinedStr)):
            return self.texts(value, module, depth)
        data = isinstance(value, ast.Name) and value.id in DATA
        for parts in [] if data else self.texts(value, module, depth):
            literal = _literal(parts)
            if len(WORDS.findall(literal)) > 1 or " " in literal.strip() and WORDS.search(literal):
                self._keep(parts, module, value if hasattr(value, "lineno") else piece)
        return [(Value(_name_of(value)),)]

    def _of_percent(self, node: ast.BinOp, module: Module, depth: int) -> list[tuple]:
        if not isinstance(node.left, ast.Constant) or not isinstance(node.left.value, str):
            return []
        for value in node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]:
            self._piece(ast.FormattedValue(value, -1, None), module, depth)
        return [_percent(node.left.value, node.right)]

    def _of_call(self, call: ast.Call, module: Module, depth: int) -> list[tuple]:
        name = _called(call)
        if isinstance(call.func, ast.Attribute):
            if name == "join":
                for parts in [] if self._is_mapping(call.args[0], module) else self.texts(
                        call.args[0], module, depth):
                    if len(WORDS.findall(_literal(parts))) > 1:
                        self._keep(parts, module, call)
                return [(Value(_name_of(call.args[0])),)]
            if name == "format":
                return [_braces(parts[0]) if len(parts) == 1 else parts
                        for parts in self.texts(call.func.value, module, depth)]
            if name in ("strip", "splitlines"):
                return self.texts(call.func.value, module, depth)
            if name == "get":
                return [
                    text for part in (call.func.value, *call.args[1:])
                    for text in self.texts(part, module, depth)
                ]
        if name in ("str", "one_line", "sorted", "tuple", "list", "next") and call.args:
            return [text for argument in call.args for text in self.texts(argument, module, depth)]
        if name == "map":
            return self._returned(ast.unparse(call.args[0]), module, depth)
        return self._returned(ast.unparse(call.func), module, depth)

    def _returned(self, called: str, module: Module, depth: int) -> list[tuple]:
        owner, _, name = called.rpartition(".")
        home = module
        if owner in ("", "self") and name not in module.functions and name in module.imported:
            home = self._module(module.imported[name], name)
        elif owner in module.imported:
            home = self._module(f"{module.imported[owner]}.{owner}", name)
        if home is None or owner not in ("", "self") and home is module:
            return []
        return [
            text for function in home.functions.get(name, ())
            for value in home.returned.get(function, ()) for text in self.texts(value, home, depth)
        ]

    def _is_mapping(self, node: ast.expr, module: Module) -> bool:
        """Whether an expression is the name of a dictionary: joined, it gives its keys, which are
        no texts."""
        return isinstance(node, ast.Name) and any(
            isinstance(value, ast.Dict)
            for value in module.assigned.get((module.tree, node.id), ()))

    def _module(self, dotted: str, function: str) -> Module | None:
        """Return the module of a dotted name, or the one in that package which has the function."""
        place = HELPERS.joinpath(*dotted.split(".")[1:])
        return next((module for path, module in self.modules.items() if function in module.functions
                     and (path.with_suffix("") == place or path.is_relative_to(place))), None)

    def _of_name(self, node: ast.Name, module: Module, depth: int) -> list[tuple]:
        scope = module.scope_of.get(node, module.tree)
        while True:
            values = module.assigned.get((scope, node.id))
            if values:
                return [text for value in values for text in self.texts(value, module, depth)]
            if isinstance(scope, ast.FunctionDef) and node.id in (names :=
                                                                  [a.arg for a in scope.args.args]):
                return self._handed_in(scope, names, node.id, module, depth)
            if scope is module.tree:
                break
            scope = module.scope_of[scope]
        if node.id in module.imported:
            place = HELPERS.joinpath(*module.imported[node.id].split(".")[1:])
            homes = [
                other for path, other in self.modules.items()
                if place in (path.with_suffix(""), path.parent)
            ]
            return [
                text for other in homes for value in other.assigned.get((other.tree, node.id), ())
                for text in self.texts(value, other, depth)
            ]
        return []

    def _handed_in(self, function, names: list[str], name: str, module: Module,
                   depth: int) -> list[tuple]:
        place = names.index(name) - (names[0] == "self")
        key = (module.path, function.lineno, name)
        if key in self.followed:
            return []
        self.followed.add(key)
        handed = []
        own = ".".join(("helpers", *module.path.relative_to(HELPERS).with_suffix("").parts))
        for other in self.modules.values():
            if other is module or own in other.imported.values():
                for call in other.calls.get(function.name, ()):
                    given = {keyword.arg: keyword.value for keyword in call.keywords}
                    values = [given[name]] if name in given else call.args[place:place + 1]
                    handed += [(value, other) for value in values]
        found = [text for value, other in handed for text in self.texts(value, other, depth)]
        self.followed.discard(key)
        return found


def _told(node: ast.AST):
    """Yield the expressions that a statement tells a person."""
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        yield from node.exc.args
        yield from (keyword.value for keyword in node.exc.keywords if keyword.arg == "problem")
    elif isinstance(node, ast.Call):
        name = _called(node)
        if name in SPEAKERS or name == "exit":
            yield from node.args[:1]
        elif name in HANDED_ON and len(node.args) > HANDED_ON[name]:
            yield node.args[HANDED_ON[name]]
        elif name in ("append", "extend") and _name_of(node.func.value) in COLLECTORS:
            yield from node.args
        shown = {
            *COLLECTORS,
            *(("help", "description") if name in ("add_argument", "ArgumentParser") else ())
        }
        yield from (keyword.value for keyword in node.keywords if keyword.arg in shown)
    else:
        for target, value in _assignments(node):
            if target in COLLECTORS:
                yield value
        if isinstance(node, (ast.Assign, ast.AugAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(
                    isinstance(target, ast.Attribute) and target.attr in COLLECTORS
                    for target in targets):
                yield node.value


def _lines(parts: tuple):
    line = []
    for part in parts:
        if isinstance(part, Value):
            line.append(part)
            continue
        first, *others = part.split("\n")
        line.append(first)
        for other in others:
            yield tuple(line)
            line = [other]
    yield tuple(line)


def _literal(parts: tuple) -> str:
    return "".join(part if isinstance(part, str) else "\0" for part in parts)


def _template(parts: tuple) -> str:
    """Write one line as a template; the empty text where it has no word."""
    if not WORDS.search(_literal(parts)):
        return ""
    names, shown = {}, []
    for part in parts:
        if isinstance(part, str):
            shown.append(part.replace("{", "{{").replace("}", "}}"))
        else:
            names[part.name] = names.get(part.name, 0) + 1
            shown.append("{%s%s}" % (part.name, names[part.name] if names[part.name] > 1 else ""))
    return "".join(shown).strip()


def _percent(text: str, values: ast.expr) -> tuple:
    given = values.elts if isinstance(values, ast.Tuple) else [values]
    parts = []
    for number, piece in enumerate(re.split(r"%[sd]", text)):
        parts += [Value(_name_of(given[number - 1]) if number <= len(given) else f"value{number}")
                  ] if number else []
        parts.append(piece)
    return tuple(parts)


def _braces(text: str) -> tuple:
    if not isinstance(text, str):
        return (text,)
    parts = []
    for number, piece in enumerate(re.split(r"\{(\w*)[^}]*\}", text)):
        parts.append(Value(piece or "value") if number % 2 else piece)
    return tuple(parts)


def _name_of(node: ast.expr) -> str:
    """Return a word for a value: the last name in its expression that says what it is."""
    if isinstance(node, ast.Name):
        return node.id.strip("_").lower()
    if isinstance(node, ast.Attribute):
        return _name_of(node.value) if node.attr in ("name", "path", "label", "iloc",
                                                     "index") else node.attr.lower()
    if isinstance(node, ast.Subscript):
        key = node.slice
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            return key.value if key.value.isidentifier() else _name_of(node.value)
        return _name_of(node.value)
    if isinstance(node, ast.Call):
        if node.args and _called(node) in ("join", "map", "sorted", "listed", "shown", "len", "min",
                                           "sum", "str", "Path", "set", "shortened", "sample",
                                           "list", "tuple"):
            last = node.args[-1] if _called(node) == "map" else node.args[0]
            return ("number_of_" if _called(node) == "len" else "") + _name_of(last)
        if isinstance(node.func, ast.Attribute) and not node.args:
            return _name_of(node.func.value)
        return _called(node).strip("_").lower() or "value"
    if isinstance(node, (ast.GeneratorExp, ast.ListComp)):
        return _name_of(node.generators[0].iter)
    if isinstance(node, ast.BinOp):
        return _name_of(node.left) if not isinstance(node.left, ast.Constant) else _name_of(
            node.right)
    if isinstance(node, ast.IfExp):
        return _name_of(node.body)
    if isinstance(node, (ast.Starred, ast.NamedExpr)):
        return _name_of(node.value)
    return "value"


def shape(template: str) -> str:
    """Return a template without the names of its values: they follow the names of variables."""
    return re.sub(r"\{\w+\}", "{}", template)


def entry(template: str) -> str:
    """Return a template as an entry of a catalogue that waits for its text."""
    quoted = template.replace("\\", "\\\\").replace('"', '\\"')
    return f'msgid "{quoted}"\nmsgstr ""\n'


def main(wanted: str) -> None:
    """Print every sentence, or the entries that are missing."""
    sys.path.insert(0, str(HELPERS.parent))
    from helpers import messages

    known = {
        shape(template)
        for template in messages.entries(f"{messages.LOCALE}/id/LC_MESSAGES/errors.po")
    }
    for template, where in templates().items():
        if wanted == "all":
            print(f"{where}\t{template}")
        elif shape(template) not in known:
            print(f"#: {where}\n{entry(template)}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "missing")
