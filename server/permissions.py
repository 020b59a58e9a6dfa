"""What each field needs, said in the schema, and held to before an operation runs.

Types carry what their fields need, and a field that differs carries its own. An operation that
asks for one field too many is refused as a whole: its needs are found out once for each document
and then compared with the caller's scopes, so that a small query pays a look-up for it. That only
tells what kind of thing a caller may ask for; which objects exist for it stands in `server.access`.
"""

import strawberry
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
)
from graphql.language import DocumentNode, OperationDefinitionNode
from strawberry.schema_directive import Location

from pigeonhole.errors import ForbiddenError, UnauthenticatedError
from pigeonhole.models import ApiKeyScope, FunctionVisibility
from pigeonhole.viewers import Viewer
from server.transport.documents import Document

LOCATIONS = [Location.OBJECT, Location.INTERFACE, Location.FIELD_DEFINITION]

Composite = GraphQLObjectType | GraphQLInterfaceType


@strawberry.schema_directive(
    locations=LOCATIONS,
    description="Only for keys with one of these scopes; on a type, all its fields unless they "
    "say otherwise. ADMIN has every scope, and WRITE has READ. A function of the visibility that "
    "is named needs no key for this.",
)
class Requires:
    any_of: list[ApiKeyScope] = strawberry.directive_field(name="anyOf")
    unless_visibility: FunctionVisibility | None = strawberry.directive_field(
        name="unlessVisibility", default=strawberry.UNSET
    )


@strawberry.schema_directive(
    locations=LOCATIONS,
    description="For everyone who was given the object, with a key or without; on a type, all its "
    "fields unless they say otherwise.",
)
class Anyone:
    pass


Permission = Requires | Anyone

ANYONE = (Anyone(),)
INVOKE = (
    Requires(any_of=[ApiKeyScope.INVOKE], unless_visibility=FunctionVisibility.PUBLIC),
)  # the resolver looks at the function
INVOKE_OR_READ = (Requires(any_of=[ApiKeyScope.INVOKE, ApiKeyScope.READ]),)
READ = (Requires(any_of=[ApiKeyScope.READ]),)
WRITE = (Requires(any_of=[ApiKeyScope.WRITE]),)
ADMIN = (Requires(any_of=[ApiKeyScope.ADMIN]),)

Need = tuple[frozenset[ApiKeyScope], str]
"""Scopes of which one is needed, and the first field that needs it."""


def permission(type: Composite, field: str) -> Permission | None:
    """What a field of the schema needs; None where nobody has said."""
    for carrier in (type.fields[field], type):
        definition = carrier.extensions.get("strawberry-definition")
        for directive in getattr(definition, "directives", None) or ():
            if isinstance(directive, Requires | Anyone):
                return directive
    return None


def needs(schema: GraphQLSchema, document: DocumentNode, name: str | None) -> tuple[Need, ...]:
    """What an operation of a valid document needs, each once."""
    fragments = {
        found.name.value: found
        for found in document.definitions
        if isinstance(found, FragmentDefinitionNode)
    }
    found: dict[frozenset[ApiKeyScope], str] = {}
    seen: set[str] = set()

    def look(type: Composite, selected: SelectionSetNode | None) -> None:
        for selection in selected.selections if selected else ():
            if isinstance(selection, FragmentSpreadNode):
                fragment = fragments[selection.name.value]
                if fragment.name.value not in seen:  # its own type says all: once is enough
                    seen.add(fragment.name.value)
                    look(_named(fragment.type_condition.name.value), fragment.selection_set)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                look(_named(condition.name.value) if condition else type, selection.selection_set)
            elif isinstance(selection, FieldNode) and not selection.name.value.startswith("__"):
                field = selection.name.value
                permitted = permission(type, field)
                if not isinstance(permitted, Anyone):
                    scopes = permitted.any_of if permitted else ()
                    if not (permitted and permitted.unless_visibility):
                        found.setdefault(frozenset(scopes), f"{type.name}.{field}")
                of = get_named_type(type.fields[field].type)
                if isinstance(of, Composite):
                    look(of, selection.selection_set)

    def _named(name: str) -> Composite:
        type = schema.type_map[name]
        assert isinstance(type, Composite)
        return type

    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode) and name in (
            None,
            operation.name and operation.name.value,
        ):
            root = schema.get_root_type(operation.operation)
            assert root is not None
            look(root, operation.selection_set)
    return tuple((scopes, field) for scopes, field in found.items())


def needs_of(document: Document, name: str | None) -> tuple[Need, ...]:
    """The same, found out once for each operation of a document that is kept."""
    note = needs, name
    if note not in document.notes:
        document.notes[note] = needs(document.schema, document.node, name)
    found: tuple[Need, ...] = document.notes[note]
    return found


def check(viewer: Viewer, needed: tuple[Need, ...]) -> None:
    """See whether a caller has what an operation needs.

    Raises:
        UnauthenticatedError: It has no key.
        ForbiddenError: It has one without the scope.
    """
    for scopes, field in needed:
        if not scopes & viewer.scopes:
            words = " or ".join(scope.name for scope in ApiKeyScope if scope in scopes)
            if viewer.key is None:
                raise UnauthenticatedError(
                    f"{field} is for keys with the scope {words}: send one as "
                    "`Authorization: Bearer ...`."
                )
            raise ForbiddenError(f"{field} is for keys with the scope {words}; this one lacks it.")
