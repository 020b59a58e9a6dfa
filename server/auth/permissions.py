"""Scopes that fields need, declared in the schema and checked before an operation runs.

A type declares what its fields need; a field can override this. An operation with one forbidden
field is refused as a whole. Its needs are computed once for each document and then compared with
the caller's scopes, so that a small query only costs a look-up. This decides which fields a caller
may use; `server.auth.visibility` decides which objects exist for it.
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

from pigeonhole.access.viewers import Viewer
from pigeonhole.errors import ForbiddenError, UnauthenticatedError
from pigeonhole.kinds import ApiKeyScope, FunctionVisibility
from server.transport.documents import Document

LOCATIONS = [Location.OBJECT, Location.INTERFACE, Location.FIELD_DEFINITION]

Composite = GraphQLObjectType | GraphQLInterfaceType


@strawberry.schema_directive(
    locations=LOCATIONS,
    description="Requires an API key with one of these scopes. On a type, it applies to all "
    "fields that carry no directive of their own. ADMIN includes all scopes and "
    "WRITE includes READ. No key is needed for a function with the visibility "
    "`unlessVisibility`.",
)
class Requires:
    any_of: list[ApiKeyScope] = strawberry.directive_field(name="anyOf")
    unless_visibility: FunctionVisibility | None = strawberry.directive_field(
        name="unlessVisibility", default=strawberry.UNSET
    )


@strawberry.schema_directive(
    locations=LOCATIONS,
    description="Allows callers without an API key, provided that they have been given the "
    "object. On a type, it applies to all fields that carry no directive of their "
    "own.",
)
class Anyone:
    pass


Permission = Requires | Anyone

ANYONE = (Anyone(),)
INVOKE = (
    Requires(any_of=[ApiKeyScope.INVOKE], unless_visibility=FunctionVisibility.PUBLIC),
)  # the resolver checks the function's visibility
INVOKE_OR_READ = (Requires(any_of=[ApiKeyScope.INVOKE, ApiKeyScope.READ]),)
READ = (Requires(any_of=[ApiKeyScope.READ]),)
WRITE = (Requires(any_of=[ApiKeyScope.WRITE]),)
ADMIN = (Requires(any_of=[ApiKeyScope.ADMIN]),)

Need = tuple[frozenset[ApiKeyScope], str]
"""Scopes of which one is needed, and the first field that needs one."""


def permission(type: Composite, field: str) -> Permission | None:
    """Return what a field of the schema needs; None if nothing is declared."""
    for carrier in (type.fields[field], type):
        definition = carrier.extensions.get("strawberry-definition")
        for directive in getattr(definition, "directives", None) or ():
            if isinstance(directive, Requires | Anyone):
                return directive
    return None


def needs(schema: GraphQLSchema, document: DocumentNode, name: str | None) -> tuple[Need, ...]:
    """Return the needs of an operation of a valid document, without repetitions."""
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
                if fragment.name.value not in seen:  # one visit is enough: it has its own type
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
    """Return the same as `needs`, computed once for each operation of a cached document."""
    note = needs, name
    if note not in document.notes:
        document.notes[note] = needs(document.schema, document.node, name)
    found: tuple[Need, ...] = document.notes[note]
    return found


def check(viewer: Viewer, needed: tuple[Need, ...]) -> None:
    """Check that a caller has the scopes that an operation needs.

    Raises:
        UnauthenticatedError: The caller has no key.
        ForbiddenError: The caller's key lacks a scope.
    """
    for scopes, field in needed:
        if not scopes & viewer.scopes:
            words = " or ".join(scope.name for scope in ApiKeyScope if scope in scopes)
            if viewer.key is None:
                raise UnauthenticatedError(
                    f"{field} requires an API key with the scope {words}. Send it as "
                    "`Authorization: Bearer ...`."
                )
            raise ForbiddenError(f"{field} requires an API key with the scope {words}.")
