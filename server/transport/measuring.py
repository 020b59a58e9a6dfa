"""How much a document asks for, measured in one pass that no document can make slow.

Each fragment is measured once, whatever number of times it is spread, so the time is linear in
the document's length; fragments that spread themselves are counted as nothing here and refused
by validation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from graphql import GraphQLError, GraphQLList, GraphQLNonNull, GraphQLSchema
from graphql.language import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)
from graphql.type import GraphQLField, GraphQLNamedType, get_named_type

from server.transport.costs import cost_of, count_entries
from server.transport.errors import limit_error
from server.transport.limits import Limits

MOST = 10**12
"""Where counting stops: beyond every limit, and short to print."""
PAGING = ("first", "last")
ITEMS = ("edges", "nodes")


@dataclass(frozen=True, slots=True)
class Size:
    """What a selection asks for.

    ``cost`` is in fields of the answer. ``item_cost`` comes once more for each object of the
    page when the selection is made on a connection: the lists ``edges`` and ``nodes``. Keeping
    the two apart lets a fragment be measured once, whatever page it is spread in.
    ``introspection`` is the cost of what is asked about the schema, which is not in ``cost``.
    """

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    repeats: int = 0
    cost: int = 0
    item_cost: int = 0
    introspection: int = 0

    def __add__(self, other: "Size") -> "Size":
        return Size(
            max(self.depth, other.depth),
            min(self.aliases + other.aliases, MOST),
            min(self.directives + other.directives, MOST),
            min(self.repeats + other.repeats, MOST),
            min(self.cost + other.cost, MOST),
            min(self.item_cost + other.item_cost, MOST),
            min(self.introspection + other.introspection, MOST),
        )

    def total(self, page: int) -> int:
        """The cost where the page has this many objects."""
        return min(self.cost + page * self.item_cost, MOST)


NOTHING = Size()


class Measure:
    """One pass over one document."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        limits: Limits,
        variables: Mapping[str, object],
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._variables = {**_defaults(document), **variables}
        self._sizes: dict[str, Size] = {}
        self.paging_variables: set[str] = set()
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }

    def operation(self, operation: OperationDefinitionNode) -> Size:
        """Measure an operation.

        Raises:
            RecursionError: It nests too deep for this interpreter's stack.
        """
        root = self._schema.get_root_type(operation.operation)
        directives = len(operation.directives or ()) + sum(
            len(variable.directives or ()) for variable in operation.variable_definitions or ()
        )
        size = self._selections(operation.selection_set, root)
        return Size(directives=directives) + replace(
            size, cost=size.total(self._limits.list_size), item_cost=0
        )

    def _selections(self, node: SelectionSetNode | None, parent: GraphQLNamedType | None) -> Size:
        size = NOTHING
        names: set[str] = set()
        for selection in node.selections if node else ():
            size += Size(directives=len(selection.directives or ()))
            if isinstance(selection, FieldNode):
                name = (selection.alias or selection.name).value
                size += Size(repeats=int(name in names)) + self._field(selection, parent)
                names.add(name)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                named = self._schema.get_type(condition.name.value) if condition else parent
                size += self._selections(selection.selection_set, named)
            elif isinstance(selection, FragmentSpreadNode):
                size += self._fragment(selection.name.value)
        return size

    def _fragment(self, name: str) -> Size:
        size = self._sizes.get(name)
        if size is None:
            self._sizes[name] = NOTHING  # used for a fragment that spreads itself
            fragment = self._fragments.get(name)
            if fragment is None:
                return NOTHING
            size = self._selections(
                fragment.selection_set,
                self._schema.get_type(fragment.type_condition.name.value),
            ) + Size(directives=len(fragment.directives or ()))
            self._sizes[name] = size
        return size

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None) -> Size:
        name = node.name.value
        definition = self._definition(parent, name)
        inner = self._selections(
            node.selection_set, get_named_type(definition.type) if definition else None
        )
        size = replace(
            inner,
            depth=inner.depth + 1,
            aliases=min(inner.aliases + (node.alias is not None), MOST),
        )
        limits = self._limits
        if name in ("__schema", "__type"):
            asked = min(inner.introspection + inner.total(limits.list_size), MOST)
            return replace(size, cost=1, item_cost=0, introspection=asked)
        page = self._page(node, definition) if definition else None
        is_list = definition is not None and _is_list(definition)
        own, entries = self._own(node, definition) if definition else (1, None)
        if page is None and is_list:
            page = entries
        if page is not None and is_list:
            cost = page * inner.total(limits.list_size)
        elif page is not None:
            cost = inner.total(page)
        elif is_list and name in ITEMS:
            item_cost = min(1 + inner.total(limits.list_size), MOST)
            return replace(size, cost=own, item_cost=item_cost)
        elif is_list:
            cost = limits.list_size * inner.total(limits.list_size)
        else:
            cost = inner.total(limits.list_size)
        return replace(size, cost=min(own + cost, MOST), item_cost=0)

    def _own(self, node: FieldNode, definition: GraphQLField) -> tuple[int, int | None]:
        """What a field itself costs, and the entries of the list that it works on, if of one."""
        cost = cost_of(definition)
        if cost is None:
            return 1, None
        if not cost.entries:
            return cost.points, None
        argument, *path = cost.entries.split(".")
        given = next((each for each in node.arguments or () if each.name.value == argument), None)
        value = given and given.value
        count = count_entries(value, path, self._variables, self.paging_variables)
        return cost.points + (cost.per_entry or 0) * count, count

    def _definition(self, parent: GraphQLNamedType | None, name: str) -> GraphQLField | None:
        if parent is None or not hasattr(parent, "fields"):
            return None
        return self._schema.get_field(parent, name)  # type: ignore[arg-type]

    def _page(self, node: FieldNode, definition: GraphQLField) -> int | None:
        """The size of the page that a field asks for; None where the field is not paged."""
        if not any(name in definition.args for name in PAGING):
            return None
        given: list[int] = []
        for argument in node.arguments or ():
            if argument.name.value not in PAGING:
                continue
            value: object = None
            if isinstance(argument.value, IntValueNode):
                value = int(argument.value.value[:12])
            elif isinstance(argument.value, VariableNode):
                variable = argument.value.name.value
                self.paging_variables.add(variable)
                value = self._variables.get(variable)
            if isinstance(value, int):
                given.append(min(max(value, 0), MOST))
        return max(given, default=self._limits.page_size)


def _defaults(document: DocumentNode) -> dict[str, object]:
    """What variables default to; the greatest whole number, where operations differ."""
    defaults: dict[str, object] = {}
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            for variable in operation.variable_definitions or ():
                if isinstance(variable.default_value, IntValueNode):
                    name = variable.variable.name.value
                    value = int(variable.default_value.value[:12])
                    known = defaults.get(name)
                    defaults[name] = max(known, value) if isinstance(known, int) else value
                elif variable.default_value is not None:
                    defaults[variable.variable.name.value] = variable.default_value
    return defaults


def _is_list(definition: GraphQLField) -> bool:
    kind = definition.type
    if isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    return isinstance(kind, GraphQLList)


def refuse_size(size: Size, limits: Limits) -> list[GraphQLError]:
    """The limits that an operation passes, each as an error."""
    errors = []
    for name, most, found, what in (
        ("depth", limits.depth, size.depth, "nests fields {} deep"),
        ("aliases", limits.aliases, size.aliases, "has {} aliases"),
        ("directives", limits.directives, size.directives, "has {} directives"),
        ("repeats", limits.repeats, size.repeats, "repeats {} fields"),
        ("cost", limits.cost, size.cost, "has an estimated cost of {}"),
        (
            "introspection_cost",
            limits.introspection_cost,
            size.introspection,
            "asks about the schema at an estimated cost of {}",
        ),
    ):
        if found > most:
            told = "more than " + str(MOST) if found >= MOST else str(found)
            message = f"The document {what.format(told)}; at most {most} is allowed."
            errors.append(limit_error(name, most, found, message))
    return errors
