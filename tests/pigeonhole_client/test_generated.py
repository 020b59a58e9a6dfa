"""The generated code matches the schema and the operations."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

CLIENT = Path(__file__).parents[2] / "client"


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", CLIENT / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_code_is_up_to_date_with_the_schema_and_the_operations(generate: ModuleType) -> None:
    noted = json.loads((CLIENT / "generated.json").read_text(encoding="utf-8"))

    assert noted == generate.digests(), "Run `make client`."


def test_only_changes_of_what_operations_use_of_the_schema_count(generate: ModuleType) -> None:
    schema = "type Query { a(b: B): Int! c: Int } enum B { X } enum C { Y }"
    document = "query Q($b: B) { a(b: $b) }"
    used = generate.reached(schema, document)

    assert generate.reached(schema.replace("c: Int", "d: C"), document) == used
    assert generate.reached(schema.replace("{ X }", "{ X Z }"), document) != used
    assert generate.reached(schema.replace("Int!", "Int"), document) != used
    with pytest.raises(ValueError, match="Cannot query field 'a'"):
        generate.reached("type Query { c: Int }", document)
