"""Annotations as syntax trees: what they ask for, and whose public names may stand there."""

from __future__ import annotations

import ast
import functools

# A word in an annotation, and the sub-package whose public names may stand there.
NAMESPACES = {
    "Objective": "objectives",
    "Divergence": "objectives.divergences",
    "Regularizer": "regularizers",
    "Extractor": "extractors",
    "Metric": "metrics",
    "Dataset": "data",
    "Prior": "priors",
    "keras.Model": "networks",
    "keras.Layer": "networks",
    "layers.Layer": "networks",
}


@functools.cache
def parse(annotation: str | None) -> ast.expr | None:
    return None if annotation is None else ast.parse(annotation, mode="eval").body


def alternatives_of(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp):
        return [*alternatives_of(node.left), *alternatives_of(node.right)]
    return [node]


def arguments_of(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def last_name(node: ast.expr) -> str:
    return ast.unparse(node).rpartition(".")[2]


def namespace_of(node: ast.expr) -> str | None:
    text = ast.unparse(node)
    return next((namespace for word, namespace in NAMESPACES.items() if word in text), None)


def leaf_namespaces(node: ast.expr | None) -> set[str]:
    leaves = [n for n in ast.walk(node) if isinstance(n, ast.Name | ast.Attribute)] if node else []
    return {namespace for leaf in leaves if (namespace := namespace_of(leaf))}


def form_of(node: ast.expr | None) -> str:
    """What an annotation asks for, as text for the user."""
    if node is None:
        return "a value"
    if isinstance(node, ast.Name | ast.Attribute) and (namespace := namespace_of(node)):
        return component_form(namespace)
    if isinstance(node, ast.BinOp):
        return " or ".join(form_of(alternative) for alternative in alternatives_of(node))
    if isinstance(node, ast.Subscript) and last_name(node.value) == "Literal":
        return "one of " + ", ".join(str(ast.literal_eval(word)) for word in arguments_of(node.slice))
    namespaces = " and ".join(sorted(leaf_namespaces(node)))
    return ast.unparse(node) + (f" (of {namespaces})" if namespaces else "")


def component_form(namespace: str) -> str:
    return f"a name from {namespace}, or a mapping {{type: name, ...}}"
