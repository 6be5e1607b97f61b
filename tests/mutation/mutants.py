"""Makes mutants of a module: one small change each, by its syntax tree."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

COMPARE: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.BitOr: ast.BitAnd,
}
CALLS = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}


@dataclass(frozen=True)
class Mutant:
    module: str  # tasks.rules.limits
    line: int
    where: str  # the enclosing function
    change: str  # "a < b → a <= b"
    path: Path
    node: int
    variant: int

    @property
    def key(self) -> str:
        return f"{self.module.rpartition('.')[2]}.{self.where}: {self.change}"

    @property
    def source(self) -> str:
        """The whole module with this one change."""
        tree = ast.parse(self.path.read_text(encoding="utf-8"))
        _, victim = next(islice(_nodes(tree), self.node, None))
        variant = next(islice(_variants(victim), self.variant, None))
        _become(tree, victim, variant)
        return ast.unparse(ast.fix_missing_locations(tree))


def mutants_of(module: str, path: Path) -> Iterator[Mutant]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for number, (where, node) in enumerate(_nodes(tree)):
        for n, variant in enumerate(_variants(node)):
            change = f"{_short(ast.unparse(node))} → {_short(ast.unparse(ast.fix_missing_locations(variant)))}"
            yield Mutant(module, getattr(node, "lineno", 0), where, change, path, number, n)


def _nodes(tree: ast.AST, where: str = "module") -> Iterator[tuple[str, ast.AST]]:
    """Every node that can be mutated, with the function it stands in; annotations and docs left out."""
    for name, value in ast.iter_fields(tree):
        if name in ("annotation", "returns", "decorator_list", "bases"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or _is_doc(child):
                continue
            inside = child.name if isinstance(child, ast.FunctionDef | ast.ClassDef) else where
            yield inside, child
            yield from _nodes(child, inside)


def _is_doc(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _variants(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Compare):
        for n, op in enumerate(node.ops):
            for other in COMPARE[type(op)]:
                changed = copy.deepcopy(node)
                changed.ops[n] = other()
                yield changed
        for n, operand in enumerate([node.left, *node.comparators]):
            if isinstance(operand, ast.Constant) and isinstance(operand.value, str):
                changed = copy.deepcopy(node)
                text = ast.Constant("other")
                if n == 0:
                    changed.left = text
                else:
                    changed.comparators[n - 1] = text
                yield changed
    elif isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        yield ast.BinOp(node.left, ARITHMETIC[type(node.op)](), node.right)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        for n in range(len(node.values)):
            rest = [v for m, v in enumerate(node.values) if m != n]
            yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield ast.Constant(not node.value)
        elif isinstance(node.value, int):
            yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.If | ast.IfExp):
        for value in (True, False):
            changed_if = copy.deepcopy(node)
            changed_if.test = ast.Constant(value)
            yield changed_if
    elif isinstance(node, ast.comprehension) and node.ifs:
        without = copy.deepcopy(node)
        without.ifs = []
        yield without
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
        changed_call = copy.deepcopy(node)
        changed_call.func = ast.Name(CALLS[node.func.id], ast.Load())
        if node.func.id == "sorted":
            changed_call.keywords = []
        yield changed_call
    elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Attribute) and node.attr in ("on_or_after",):
        yield ast.Attribute(node.value, "before", node.ctx)


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _become(tree: ast.AST, victim: ast.AST, variant: ast.AST) -> None:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is victim:
                setattr(parent, name, variant)
                return
            if isinstance(value, list):
                for n, child in enumerate(value):
                    if child is victim:
                        value[n] = variant
                        return
    raise AssertionError("the node is not in its own tree")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 90 else line[:87] + "..."
