"""Clients that write all the time, and remember what the server acknowledged."""

import asyncio
import hashlib
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx

from tests import make
from tests.faults.ledger import ABSENT, UNLABELLED, Ledger

Json = dict[str, Any]

LABELS = ("Soups", "Desserts", "Breakfasts")
PAUSE_S = 0.2
"""Pause between the writes of a client, and before it tries one again."""
ANSWER_S = 15.0
MOST_SAMPLES = 60
"""Most pictures in a client's function, so that a run of hours does not become slower."""

ADD = """mutation ($input: AddSamplesInput!) { addSamples(input: $input) {
  errors { code message } results { sample { id image { sha256 } } error { code message } } } }"""
ANNOTATE = """mutation ($input: AnnotateSamplesInput!) { annotateSamples(input: $input) {
  errors { code message } } }"""
CLEAR = """mutation ($input: ClearAnnotationsInput!) { clearAnnotations(input: $input) {
  errors { code message } } }"""
DELETE = """mutation ($input: DeleteSamplesInput!) { deleteSamples(input: $input) {
  errors { code message } } }"""
CREATE = """mutation ($input: CreateFunctionInput!) { createFunction(input: $input) {
  function { id } errors { code message } } }"""
FUNCTIONS = """query { functions(first: 100) { nodes { id name } } }"""


class NoAnswerError(Exception):
    """The outcome of a request is unknown: it had no response, or one that says to try again."""


class Api:
    """The API over several servers; each request goes to the next one."""

    def __init__(self, urls: Sequence[str], secret: str) -> None:
        self._urls, self._next = list(urls), 0
        self._http = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {secret}", "Apollo-Require-Preflight": "true"},
            timeout=ANSWER_S,
        )

    async def close(self) -> None:
        """Close its connections."""
        await self._http.aclose()

    async def ask(self, query: str, *, file: bytes | None = None, **variables: Any) -> Json:
        """Return the data of a response.

        Raises:
            NoAnswerError: There is no response, or it has an error.
        """
        self._next += 1
        url = self._urls[self._next % len(self._urls)] + "/graphql"
        body = {"query": query, "variables": variables}
        try:
            if file is None:
                answer = await self._http.post(url, json=body)
            else:
                answer = await self._http.post(
                    url,
                    data={
                        "operations": json.dumps(body),
                        "map": json.dumps({"0": ["variables.input.samples.0.image.upload"]}),
                    },
                    files={"0": ("photo.png", file)},
                )
            data = answer.json()
        except (httpx.HTTPError, json.JSONDecodeError) as error:
            raise NoAnswerError(repr(error)) from error
        if answer.status_code != 200 or "errors" in data:
            raise NoAnswerError(f"{answer.status_code} {str(data)[:300]}")
        found: Json = data["data"]
        return found

    async def insist(
        self,
        query: str,
        *,
        file: bytes | None = None,
        given_up: Callable[[], None] = lambda: None,
        **variables: Any,
    ) -> Json:
        """Repeat a request until it is answered; call ``given_up`` after each try that is not."""
        while True:
            try:
                return await self.ask(query, file=file, **variables)
            except NoAnswerError:
                given_up()
                await asyncio.sleep(PAUSE_S)


@dataclass
class Writer:
    """A client that adds, annotates, clears and deletes at random in a function of its own.

    It repeats a write until its outcome is known; doing so is harmless for each kind of write.
    """

    api: Api
    chance: random.Random
    ledger: Ledger
    ids: dict[str, str] = field(default_factory=dict)  # existing samples by SHA-256
    wrong: list[str] = field(default_factory=list)
    seen: object = None  # what was last seen of its function, or why nothing was
    _pictures: int = 0

    @classmethod
    async def start(cls, api: Api, seed: int, name: str) -> "Writer":
        """Create the client's function, or take the one that an earlier try has created."""
        answer = await api.insist(CREATE, input={"name": name, "labels": list(LABELS)})
        made = answer["createFunction"]
        if [error["code"] for error in made["errors"]] == ["TAKEN"]:
            listed = await api.insist(FUNCTIONS)
            [function] = [node for node in listed["functions"]["nodes"] if node["name"] == name]
        else:
            assert not made["errors"], made["errors"]
            function = made["function"]
        return cls(api, random.Random(seed), Ledger(function["id"]), _pictures=seed * 1_000_000)

    async def write_for_ever(self) -> None:
        """Write until cancelled."""
        while True:
            await self.write_once()
            await asyncio.sleep(PAUSE_S)

    async def write_once(self) -> None:
        """Make one write of a random kind, and wait until it is acknowledged."""
        if not self.ids or (len(self.ids) < MOST_SAMPLES and self.chance.random() < 0.4):
            await self.add(self.chance.choice((UNLABELLED, *LABELS)))
            return
        sha256 = self.chance.choice(sorted(self.ids))
        sample = self.ids[sha256]
        match self.chance.choices(("annotate", "clear", "delete"), (5, 1, 1))[0]:
            case "annotate":
                label = self.chance.choice(LABELS)
                annotation = {"sampleId": sample, "label": {"labelName": label}}
                await self._write(
                    sha256, label, ANNOTATE, "annotateSamples", annotations=[annotation]
                )
            case "clear":
                await self._write(sha256, UNLABELLED, CLEAR, "clearAnnotations", sampleIds=[sample])
            case _:
                await self._write(sha256, ABSENT, DELETE, "deleteSamples", ids=[sample])
                del self.ids[sha256]

    async def add(self, label: str) -> None:
        """Upload a new picture, with an annotation if there is a ``label``."""
        self._pictures += 1
        picture = make.picture(self._pictures)
        sha256 = hashlib.sha256(picture).hexdigest()
        sample: Json = {"image": {"upload": None}}
        if label:
            sample["annotation"] = {"labelName": label}
        self.ledger.begin(sha256, label)
        while True:
            answer = await self.api.insist(
                ADD,
                given_up=partial(self.ledger.give_up, sha256, label),
                file=picture,
                input={"functionId": self.ledger.function_id, "samples": [sample]},
            )
            [result] = answer["addSamples"]["results"] or [{"error": answer}]
            if result.get("sample"):
                self.ids[sha256] = result["sample"]["id"]
                self.ledger.acknowledge(sha256, label)
                return
            await asyncio.sleep(PAUSE_S)  # such as a full disk, which is reported per entry

    async def _write(
        self, sha256: str, state: str, query: str, mutation: str, **input: object
    ) -> None:
        self.ledger.begin(sha256, state)
        while True:
            answer = await self.api.insist(
                query, given_up=partial(self.ledger.give_up, sha256, state), input=input
            )
            errors = answer[mutation]["errors"]
            codes = {error["code"] for error in errors}
            if not codes or (codes == {"NOT_FOUND"} and state == ABSENT):  # the second try of two
                self.ledger.acknowledge(sha256, state)
                return
            if "NOT_FOUND" in codes:
                self.wrong.append(f"{mutation} of an acknowledged sample: {errors}")
                self.ledger.acknowledge(sha256, ABSENT)
                self.ids.pop(sha256, None)
                return
            await asyncio.sleep(PAUSE_S)
