"""A deployment that runs only registered documents."""

import json
from pathlib import Path

import pytest

from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.settings import Settings, SettingsError
from server.api.registered import registered
from tests.client import Client

NAME = "query Name($id: ID!) { function(id: $id) { name } }"
OTHER = "query Other($id: ID!) { function(id: $id) { id } }"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    file = tmp_path / "documents.json"
    file.write_text(json.dumps({"Name": NAME}))
    return settings.model_copy(update={"registered_documents": file})


async def test_a_key_may_send_registered_documents_and_an_administrator_any_document(
    client: Client,
) -> None:
    function = await client.create_function(name="Dishes")
    _, secret = await keys.create(name="reader", scopes=[ApiKeyScope.READ])
    reader, variables = client.by(secret), {"id": function["id"]}

    assert await reader.ask(NAME, **variables) == {"function": {"name": "Dishes"}}
    assert (await reader.answer(OTHER, **variables))["errors"] == [
        {
            "message": "This server answers registered documents only.",
            "extensions": {"code": "DOCUMENT_NOT_REGISTERED"},
        }
    ]
    assert await client.ask(OTHER, **variables) == {"function": {"id": function["id"]}}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("[]", "must be a JSON object of texts of documents."),
        ('{"Name": 1}', "must be a JSON object of texts of documents."),
        ("{", "cannot be read: Expecting property name"),
        (None, "cannot be read: [Errno 2]"),
    ],
)
def test_an_invalid_file_of_documents_is_reported(
    tmp_path: Path, content: str | None, problem: str
) -> None:
    file = tmp_path / "documents.json"
    if content is not None:
        file.write_text(content)

    with pytest.raises(SettingsError) as raised:
        registered(file)

    assert str(raised.value).startswith(f"PIGEONHOLE_REGISTERED_DOCUMENTS: {file} {problem}")
