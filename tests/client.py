"""A GraphQL client for tests."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from tests import make

Json = dict[str, Any]


class Client:
    """Calls the API over HTTP; an unexpected top-level error fails the test."""

    def __init__(self, http: httpx.AsyncClient, secret: str | None = None) -> None:
        self.http = http
        self.headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}

    def by(self, secret: str | None) -> "Client":
        """Return a client of the same API with another key, or with none."""
        return Client(self.http, secret)

    async def ask(self, query: str, **variables: Any) -> Json:
        """Return the data of a response, which must have no errors."""
        answer = await self.answer(query, **variables)
        assert "errors" not in answer, answer["errors"]
        data: Json = answer["data"]
        return data

    async def answer(self, query: str, **variables: Any) -> Json:
        """Return the whole response."""
        response = await self.http.post(
            "/graphql", headers=self.headers, json={"query": query, "variables": variables}
        )
        answer: Json = response.json()
        return answer

    async def upload(
        self,
        query: str,
        files: Sequence[tuple[str, bytes]],
        paths: Sequence[str],
        variables: Mapping[str, Any],
    ) -> Json:
        """Send files by the multipart request specification; return the data of the response."""
        response = await self.http.post(
            "/graphql",
            headers={"Apollo-Require-Preflight": "true", **self.headers},
            data={
                "operations": json.dumps({"query": query, "variables": variables}),
                "map": json.dumps({str(i): [path] for i, path in enumerate(paths)}),
            },
            files={str(i): file for i, file in enumerate(files)},
        )
        answer = response.json()
        assert "errors" not in answer, answer["errors"]
        data: Json = answer["data"]
        return data

    async def create_function(self, **input: Any) -> Json:
        """Create a function; return it with its labels."""
        data = await self.ask(
            """mutation ($input: CreateFunctionInput!) { createFunction(input: $input) {
                 function { id name state labels(first: 100) { nodes { id name } } }
                 errors { code message path } } }""",
            input={"name": "Recipes", **input},
        )
        assert data["createFunction"]["errors"] == []
        function: Json = data["createFunction"]["function"]
        return function

    async def add_samples(
        self,
        function_id: str,
        pictures: Sequence[bytes],
        labels: Sequence[str | None] | None = None,
        **input: Any,
    ) -> Json:
        """Upload pictures, with or without labels; return the payload."""
        labels = labels or [None] * len(pictures)
        samples = [
            {"image": {"upload": None}, **({"annotation": {"labelName": name}} if name else {})}
            for name in labels
        ]
        data = await self.upload(
            """mutation ($input: AddSamplesInput!) { addSamples(input: $input) {
                 createdCount errors { code message path }
                 results { duplicate sample { id image { sha256 } }
                   error { code message path } } } }""",
            [(f"{index}.png", picture) for index, picture in enumerate(pictures)],
            [f"variables.input.samples.{index}.image.upload" for index in range(len(pictures))],
            {"input": {"functionId": function_id, "samples": samples, **input}},
        )
        payload: Json = data["addSamples"]
        return payload


def inline(picture: bytes) -> Json:
    """Return an image input that holds the image itself, as a data URI."""
    return {"dataUri": make.data_uri(picture)}


def sample_ids(payload: Json) -> list[str]:
    """Return the IDs of added samples, from the payload of `add_samples`."""
    return [result["sample"]["id"] for result in payload["results"]]
