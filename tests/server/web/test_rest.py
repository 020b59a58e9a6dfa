"""Invocation by one POST: every way to send a picture, every refusal, and the OpenAPI document."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from openapi_spec_validator import validate

from pigeonhole import tables
from pigeonhole.kinds import FunctionVisibility
from pigeonhole.settings import Settings
from server.web.openapi import DOCUMENT
from tests import make
from tests.client import Client
from tests.conftest import RunJobs
from tests.pigeonhole.hosts import Host, serving
from tests.server.web.rest import PICTURE, URI, post, problem


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    async with serving() as host:
        host.gives("/1.png", PICTURE, content_type="image/png")
        yield host


@pytest.fixture
def settings(settings: Settings, host: Host) -> Settings:
    return settings.model_copy(
        update={
            "fetch_allowed_hosts": "127.0.0.1",
            "fetch_ports": str(host.port),
            "max_image_bytes": 100_000,
        }
    )


async def test_a_function_is_invoked_by_file_bytes_url_or_data_uri(
    client: Client, run_jobs: RunJobs, host: Host
) -> None:
    function = await client.create_function(labels=["cat", "dog", "eel"])
    pictures = [make.picture(seed) for seed in range(9)]
    await client.add_samples(function["id"], pictures, ["cat", "dog", "eel"] * 3)
    await run_jobs()
    id = function["id"]
    raw = {"Content-Type": "image/png"}

    responses = [
        await post(client, id, files={"image": ("new.png", PICTURE)}),
        await post(client, id, files={"anything": ("new.png", PICTURE)}, data={"note": "x"}),
        await post(client, id, content=PICTURE, headers=raw),
        await post(
            client, id, content=PICTURE, headers={"Content-Type": "application/octet-stream"}
        ),
        await post(client, id, json={"url": host.url("/1.png", "127.0.0.1")}),
        await post(client, id, json={"image": URI}),
    ]
    short = await post(client, id, "?topK=2", content=PICTURE, headers=raw)
    answers = [response.json() for response in responses]

    assert [response.status_code for response in responses] == [200] * 6
    for answer in answers:
        assert await tables.Invocation.exists(id=UUID(hex=answer.pop("invocationId")[3:]))
    assert all(answer == answers[0] for answer in answers)
    ranking = answers[0].pop("ranking")
    assert sorted(entry["label"] for entry in ranking) == ["cat", "dog", "eel"]
    assert sum(entry["confidence"] for entry in ranking) == pytest.approx(1)
    assert answers[0].pop("decision") in ("ACCEPT", "REVIEW", "NONE_OF_THESE")
    assert answers[0] == {"function": id, "modelVersion": 1, **ranking[0]}
    assert short.json()["ranking"] == ranking[:2]
    assert short.headers["cache-control"] == "no-store"
    assert await tables.Invocation.all().count() == 7


@pytest.mark.parametrize(
    ("query", "request_", "status", "code", "detail"),
    [
        ("?topK=0", {}, 400, "INVALID", "`topK` must be between 1 and 100."),
        ("?topK=101", {}, 400, "INVALID", "`topK` must be between 1 and 100."),
        ("?topK=x", {}, 400, "INVALID", "`topK` must be between 1 and 100."),
        ("?topK=٣", {}, 400, "INVALID", "`topK` must be between 1 and 100."),
        (
            "",
            {"content": b"a=b", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            "A body must be multipart/form-data, application/json, image/* or "
            "application/octet-stream, not application/x-www-form-urlencoded; with curl: "
            "-F image=@FILE",
        ),
        (
            "",
            {"content": b"x", "headers": {"Content-Type": "image/png", "Content-Encoding": "gzip"}},
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            "A body must not be compressed.",
        ),
        (
            "",
            {"json": []},
            400,
            "BAD_REQUEST",
            'The body must be {"url": "..."} or {"image": "data:..."}.',
        ),
        (
            "",
            {"json": {"url": "http://a.test/", "image": URI}},
            400,
            "BAD_REQUEST",
            'The body must be {"url": "..."} or {"image": "data:..."}.',
        ),
        (
            "",
            {"json": {"url": 1}},
            400,
            "BAD_REQUEST",
            'The body must be {"url": "..."} or {"image": "data:..."}.',
        ),
        (
            "",
            {"content": b"\xff", "headers": {"Content-Type": "application/json"}},
            400,
            "BAD_REQUEST",
            "The request is not valid JSON: 'utf-8' codec can't decode byte 0xff in position 0: "
            "invalid start byte.",
        ),
        (
            "",
            {"json": {"image": "no"}},
            400,
            "INVALID",
            "Data URI must start with `data:` and contain a comma.",
        ),
        (
            "",
            {"json": {"url": "http://169.254.169.254/"}},
            422,
            "URL_NOT_FETCHED",
            "URL has a port that is not allowed.",
        ),
        (
            "",
            {"files": {"a": b"x", "b": b"x"}},
            400,
            "LIMIT_EXCEEDED",
            "The form has too many files; the limit is 1.",
        ),
        (
            "",
            {"files": {"a": (None, "text")}},
            400,
            "BAD_REQUEST",
            "The form contains no file. With curl, use -F image=@FILE.",
        ),
        (
            "",
            {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}},
            400,
            "BAD_REQUEST",
            "The multipart body can't be read: Missing boundary in multipart.",
        ),
        (
            "",
            {"files": {"image": bytes(100_001)}},
            413,
            "IMAGE_TOO_LARGE",
            "Image must have at most 100,000 bytes.",
        ),
        (
            "",
            {"content": bytes(200_000), "headers": {"Content-Type": "image/png"}},
            413,
            "LIMIT_EXCEEDED",
            "The body has 200000 bytes or more; at most 165536 are allowed.",
        ),
    ],
)
async def test_an_invocation_that_fails_is_a_problem_with_the_same_code_as_in_graphql(
    client: Client, query: str, request_: dict[str, Any], status: int, code: str, detail: str
) -> None:
    function = await client.create_function()
    default = {"content": PICTURE, "headers": {"Content-Type": "image/png"}}

    response = await post(client, function["id"], query, **(request_ or default))

    told = problem(response)
    assert (response.status_code, told["code"], told["detail"]) == (status, code, detail)
    assert await tables.Invocation.all().count() == 0


async def test_an_unreadable_picture_is_a_problem(client: Client, run_jobs: RunJobs) -> None:
    function = await client.create_function(labels=["cat", "dog"])
    pictures = [make.picture(seed) for seed in range(4)]
    await client.add_samples(function["id"], pictures, ["cat", "dog"] * 2)
    await run_jobs()
    raw = {"Content-Type": "image/png"}

    unreadable = await post(client, function["id"], content=b"text", headers=raw)
    large = await post(client, function["id"], content=bytes(100_001), headers=raw)

    assert (unreadable.status_code, problem(unreadable)["code"]) == (422, "UNREADABLE_IMAGE")
    assert (large.status_code, problem(large)["code"]) == (413, "IMAGE_TOO_LARGE")
    assert await tables.Invocation.all().count() == 0


async def test_the_id_is_checked_before_the_body(client: Client, host: Host) -> None:
    url = {"url": host.url("/1.png", "127.0.0.1")}

    for id in ("fn_x", "sm_" + "0" * 32, "..%5C..%5Cetc", "%00", "a" * 5_000):
        response = await post(client, id, json=url)
        assert (response.status_code, problem(response)["code"]) == (404, "NOT_FOUND")

    assert host.heard == []


async def test_another_method_is_refused_with_the_right_one(anonymous: Client) -> None:
    response = await anonymous.http.get("/v1/functions/x/invoke")

    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert problem(response)["detail"] == "Use POST to invoke a function."


async def test_the_document_is_valid_openapi_and_describes_the_real_response(
    anonymous: Client, client: Client, run_jobs: RunJobs
) -> None:
    function = await client.create_function(labels=["cat", "dog"])
    pictures = [make.picture(seed) for seed in range(4)]
    await client.add_samples(function["id"], pictures, ["cat", "dog"] * 2)
    await run_jobs()
    await tables.Function.all().update(visibility=FunctionVisibility.PUBLIC)

    served = (await anonymous.http.get("/v1/openapi.json")).json()
    form: dict[str, Any] = {
        "files": {"image": PICTURE},
        "headers": {"Apollo-Require-Preflight": "1"},
    }
    answer = (await post(anonymous, function["id"], **form)).json()
    refused = (await post(anonymous, "x", **form)).json()

    validate(served)
    assert served == DOCUMENT
    schemas = served["components"]["schemas"]
    assert set(answer) == set(schemas["Answer"]["properties"])
    assert set(answer["ranking"][0]) == set(schemas["LabelConfidence"]["properties"])
    assert set(refused) == set(schemas["Problem"]["required"])
