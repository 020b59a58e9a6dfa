"""Write ``pigeonhole_client/api`` from the schema and ``operations``, by ariadne-codegen.

Run by ``make client``. ariadne-codegen needs a graphql-core that the server cannot have, so it
has an environment of its own, ``client/.venv``. What was generated from what is noted in
``generated.json``, which a test compares without that environment.
"""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    get_named_type,
    parse,
    print_type,
    validate,
    visit,
)
from graphql.language import FieldNode

HERE = Path(__file__).parent
SCHEMA = HERE.parent / "schema.graphql"
API = HERE / "pigeonhole_client" / "api"
NOTED = HERE / "generated.json"
DESCRIPTION = re.compile(r'""".*?"""\s*', re.DOTALL)
INIT = '"""The API of the server: written by ariadne-codegen, see `client/generate.py`."""\n'


def main() -> None:
    """Generate the code, and note what it is made from."""
    python = HERE / ".venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(HERE / ".venv")], check=True)
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([python, *install, "-r", str(HERE / "generate.txt")], check=True)
    for path in API.glob("*.py"):
        path.unlink()
    subprocess.run([python, "-m", "ariadne_codegen"], cwd=HERE, check=True, capture_output=True)
    (API / "__init__.py").write_text(INIT, encoding="utf-8")
    NOTED.write_text(json.dumps(digests(), indent=2) + "\n", encoding="utf-8")


def digests() -> dict[str, str]:
    """Return digests of what the code is made from, and of the code as it is now."""
    settings = (HERE / "pyproject.toml").read_text(encoding="utf-8")
    tools = (HERE / "generate.txt").read_text(encoding="utf-8")
    return {
        "schema": _digest(reached(SCHEMA.read_text(encoding="utf-8"), operations())),
        "operations": _digest(operations()),
        "settings": _digest(settings[settings.index("[tool.ariadne-codegen]") :] + tools),
        "code": _digest("".join(path.read_text("utf-8") for path in sorted(API.glob("*.py")))),
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def operations() -> str:
    """Return all operations."""
    paths = sorted((HERE / "operations").glob("*.graphql"))
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def reached(schema_text: str, document_text: str) -> str:
    """Return those parts of a schema that operations use, so that others and words may change.

    Raises:
        ValueError: The operations do not fit the schema.
    """
    schema, document = build_schema(schema_text), parse(document_text)
    if errors := validate(schema, document):
        raise ValueError("\n".join(str(error) for error in errors))
    found: dict[str, str] = {}
    info = TypeInfo(schema)
    visit(document, TypeInfoVisitor(info, _Reached(schema, info, found)))
    return "\n".join(found[name] for name in sorted(found))


class _Reached(Visitor):
    """Collects the fields that operations select, and the types of their values and variables."""

    def __init__(self, schema: GraphQLSchema, info: TypeInfo, found: dict[str, str]) -> None:
        super().__init__()
        self._schema, self._info, self._found = schema, info, found

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent, field = self._info.get_parent_type(), self._info.get_field_def()
        if parent is None or field is None:
            return
        self._found[f"{parent.name}.{node.name.value}"] = (
            f"{parent.name}.{node.name.value}: {field.type}"
        )
        self._add(get_named_type(field.type))
        for argument in field.args.values():
            self._add(get_named_type(argument.type))

    def _add(self, type_: GraphQLNamedType) -> None:
        """Add an enum or an input, with all that it is made of."""
        if type_.name in self._found or not isinstance(
            type_, GraphQLEnumType | GraphQLInputObjectType
        ):
            return
        self._found[type_.name] = DESCRIPTION.sub("", print_type(type_))
        if isinstance(type_, GraphQLInputObjectType):
            for field in type_.fields.values():
                self._add(get_named_type(field.type))


if __name__ == "__main__":
    main()
