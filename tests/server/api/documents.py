"""Random documents: everything that the schema allows, mostly about existing objects."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import schemathesis.graphql
from graphql import (
    DocumentNode,
    GraphQLInputObjectType,
    GraphQLSchema,
    NameNode,
    Node,
    NullValueNode,
    ObjectFieldNode,
    ObjectValueNode,
)
from graphql.language import ListValueNode, Visitor, visit
from graphql.type import get_named_type
from graphql.utilities import TypeInfo, TypeInfoVisitor
from hypothesis import strategies as st
from schemathesis.graphql import nodes

from tests import make

Objects = Mapping[str, Sequence[str]]
"""IDs of existing objects, by kind."""

OFTEN = 0.85
"""Share of the random values that are replaced by valid ones."""
OF_NAME = {
    "functionId": "function",
    "functionIds": "function",
    "labelId": "label",
    "labelIds": "label",
    "shownLabelId": "label",
    "moveToLabelId": "label",
    "annotatedLabelId": "label",
    "predictedLabelId": "label",
    "predictedLabelIds": "label",
    "sampleId": "sample",
    "sampleIds": "sample",
    "invocationId": "invocation",
}
"""The kind of object that an ID names, by the argument or input field that takes it."""
OF_PLACE = {
    "Function": "function",
    "UpdateFunctionInput": "function",
    "DeleteFunctionInput": "spare function",
    "UpdateLabelInput": "label",
    "DeleteLabelInput": "spare label",
    "DeleteSamplesInput": "spare sample",
    "CancelTrainingInput": "run",
    "ActivateModelInput": "model",
    "RevokeApiKeyInput": "spare key",
}
"""The kind that `id` or `ids` names, by its input or the type that it finds; otherwise any kind."""
PICTURE = make.data_uri(make.picture(1))

TEXTS = st.text(max_size=20) | st.sampled_from(["", " ", "\0", "a" * 300, "e\u0301", "\u202e"])
IDS = st.builds(
    lambda prefix, digits: f"{prefix}_{digits:032x}",
    st.sampled_from(["fn", "lb", "sm", "an", "tr", "md", "iv", "ak", "ae", "", "xx"]),
    st.integers(0, 2**128 - 1),
)
URLS = st.sampled_from(
    ["http://127.0.0.1/1.png", "https://[::1]/", "http://[", "file:///etc/passwd", "http://", "//x"]
)


def describe_scalars() -> None:
    """Register how values of the schema's scalars are generated."""
    leaves = (
        TEXTS.map(nodes.String)
        | st.integers().map(nodes.Int)
        | st.floats(allow_nan=False, allow_infinity=False).map(nodes.Float)
        | st.booleans().map(nodes.Boolean)
        | st.just(nodes.Null)
    )
    instants = st.datetimes().map(lambda instant: f"{instant.isoformat()}Z")
    for name, strategy in {
        "ID": (IDS | TEXTS).map(nodes.String) | st.integers().map(nodes.Int),
        "DateTime": (instants | TEXTS).map(nodes.String),
        "URL": (URLS | TEXTS).map(nodes.String),
        "JSON": st.recursive(leaves, _containers, max_leaves=6),
        "Upload": TEXTS.map(nodes.String) | st.just(nodes.Null),
    }.items():
        schemathesis.graphql.scalar(name, strategy)


def _containers(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    objects = st.dictionaries(st.sampled_from("abc"), values, max_size=3)
    return st.lists(values, max_size=3).map(nodes.List) | objects.map(
        lambda fields: nodes.Object(
            [ObjectFieldNode(name=NameNode(value=name), value=fields[name]) for name in fields]
        )
    )


def put_right(
    schema: GraphQLSchema, document: DocumentNode, objects: Objects, random: Random
) -> DocumentNode:
    """Put in existing objects, valid pages and one option of each choice, but not always.

    A document of random values is refused at its first argument; with valid ones most documents get
    far enough to run each resolver.
    """
    info = TypeInfo(schema)
    found: DocumentNode = visit(document, TypeInfoVisitor(info, _PutsRight(info, objects, random)))
    return found


class _PutsRight(Visitor):
    def __init__(self, info: TypeInfo, objects: Objects, random: Random) -> None:
        super().__init__()
        self._info = info
        self._objects = objects
        self._random = random

    def leave_argument(self, node: Any, *_: Any) -> Any:
        return self._value(node, self._info.get_type())

    def leave_object_field(self, node: Any, *_: Any) -> Any:
        return self._value(node, self._info.get_parent_input_type())

    def leave_object_value(self, node: ObjectValueNode, *_: Any) -> Node | None:
        type = get_named_type(self._info.get_input_type())
        given = [field for field in node.fields if not isinstance(field.value, NullValueNode)]
        if isinstance(type, GraphQLInputObjectType) and type.is_one_of and given and self._often():
            return nodes.Object([self._random.choice(given)])
        return None

    def _value(self, node: Any, of: Any) -> Any:
        if not self._often():
            return None
        name, place = node.name.value, get_named_type(of).name if of else ""
        value: Any = None
        what = OF_NAME.get(name) or (OF_PLACE.get(place, "") if name in ("id", "ids") else None)
        if name == "first":
            value = nodes.Int(self._random.randint(1, 5))
        elif name in ("last", "after", "before"):
            value = nodes.Null
        elif name == "topK":
            value = nodes.Int(self._random.randint(1, 3))
        elif name == "dataUri":
            value = nodes.String(PICTURE)
        elif what is not None:
            value = nodes.String(self._id(what))
            if isinstance(node.value, ListValueNode):
                value = nodes.List([nodes.String(self._id(what)) for _ in node.value.values])
        if value is None:
            return None
        return type(node)(name=node.name, value=value)

    def _id(self, what: str) -> str:
        ids = self._objects[what] if what else [id for ids in self._objects.values() for id in ids]
        return self._random.choice(ids)

    def _often(self) -> bool:
        return self._random.random() < OFTEN
