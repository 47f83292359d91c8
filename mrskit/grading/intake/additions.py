"""Student additions to a cell of the release, by statement: they are kept as the student's own code or reported."""

from __future__ import annotations

import ast
import builtins
import difflib
import warnings
from dataclasses import dataclass

from mrskit.grading.intake import cells
from mrskit.grading.intake.release import Step

LONGEST = 20_000  # characters of the longest cell that is examined
OF_THE_GRADER = ("workspace", "scheduler")  # parameters that 'mrskit start' and each computer set otherwise
_IMPORTS = (ast.Import, ast.ImportFrom)
_HELPERS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Additions:
    """The code in a cell that is not in the release."""

    before: str = ""  # imports, helpers and constants: code that does not depend on the cell
    after: str = ""  # code that needs what the cell defines
    changed: tuple[str, ...] = ()  # lines of the release that the student changed; they are not used


def additions(source: str, step: Step) -> Additions:
    """
    Return the code that a submitted cell adds to a cell of the release.

    Statements are compared, so comments and line breaks do not matter. A statement is a changed line if it replaces a
    statement of the release's cell or assigns a different value to one of its names. All other statements are kept.
    """
    try:
        return _additions(_parsed(source), _parsed(step.source), source, step)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Additions(changed=("the code is not valid Python",))


def _additions(mine: list[ast.stmt], theirs: list[ast.stmt], source: str, step: Step) -> Additions:
    own, changed = _sorted_out(mine, theirs)
    needed = {name for node in theirs for name in _bound(node)}
    before: list[str] = []
    after: list[str] = []
    for node in own:
        late = not needed.isdisjoint(_used(node))
        (after if late else before).append(ast.unparse(node))
        needed |= _bound(node) if late else set()
    told = [_told(node, source) for node in changed if not (step.parameters and _bound(node) <= {*OF_THE_GRADER})]
    told += [f"line {number} ({line:.60})" for number, line in _magics(source)
             if line not in map(str.strip, step.source.splitlines())]  # fmt: skip
    return Additions("\n".join(before), "\n".join(after), tuple(told))


def _sorted_out(mine: list[ast.stmt], theirs: list[ast.stmt]) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """Return the student's own statements, and the changed statements of the release."""
    taken = {name for node in theirs for name in _bound(node)}
    own: list[ast.stmt] = []
    changed: list[ast.stmt] = []
    old, new = ([ast.dump(node) for node in nodes] for nodes in (theirs, mine))
    for kind, _, _, start, end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for node in mine[start:end] if kind in ("insert", "replace") else ():
            if isinstance(node, _IMPORTS):
                node.names = [alias for alias in node.names if _name(alias) not in taken]
                own += [node] if node.names else []
            elif not taken.isdisjoint(bound := _bound(node)) or (kind == "replace" and not bound):
                changed.append(node)
            else:
                own.append(node)
    return own, changed


def _parsed(source: str) -> list[ast.stmt]:
    """Return the statements of a cell, without its magics."""
    if len(source) > LONGEST or source.lstrip().startswith("%%"):
        raise ValueError("not a Python cell")
    magic = {number for number, _ in _magics(source)}
    lines = ["" if number in magic else line for number, line in enumerate(source.splitlines(), 1)]
    with warnings.catch_warnings(action="ignore"):  # warnings about escapes in texts
        tree = compile("\n".join(lines), "", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return tree.body if isinstance(tree, ast.Module) else []


def _magics(source: str) -> list[tuple[int, str]]:
    """Return number and text of the lines for IPython: magics, shell commands, help requests."""
    lines = ((number, line.strip()) for number, line in enumerate(source.splitlines(), 1))
    return [(number, line) for number, line in lines if line.startswith(("%", "!", "?")) or line.endswith("?")]


def _told(node: ast.stmt, source: str) -> str:
    return f"line {node.lineno} ({cells.normal(source.splitlines()[node.lineno - 1]).strip():.60})"


def _name(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _bound(node: ast.AST) -> set[str]:
    """Return the names to which a statement assigns a value, except names inside functions."""
    if isinstance(node, _HELPERS):
        return {node.name}
    if isinstance(node, _IMPORTS):
        return {_name(alias) for alias in node.names}
    if isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return set()
    found = {node.id} if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del) else set()
    return found.union(*(_bound(child) for child in ast.iter_child_nodes(node)))


def _used(node: ast.stmt) -> set[str]:
    """Return the names that a statement needs when it runs; a function's names count when it is called."""
    parts: list[ast.AST] = [node]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        parts = [*node.decorator_list, *node.args.defaults, *(item for item in node.args.kw_defaults if item)]
    names = {item.id for part in parts for item in ast.walk(part) if isinstance(item, ast.Name)}
    return names - set(dir(builtins))
