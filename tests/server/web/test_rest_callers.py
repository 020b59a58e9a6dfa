"""Who may invoke which function over REST."""

from typing import Any

from pigeonhole import tables
from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope
from tests import make
from tests.client import Client
from tests.conftest import RunJobs
from tests.server.web.rest import PICTURE, post, problem


async def test_a_form_that_another_site_could_have_sent_is_refused(
    client: Client, anonymous: Client, run_jobs: RunJobs
) -> None:
    function = await client.create_function(labels=["cat", "dog"], visibility="PUBLIC")
    await client.add_samples(
        function["id"], [make.picture(n) for n in range(4)], ["cat", "dog"] * 2
    )
    await run_jobs()
    form: dict[str, Any] = {"files": {"image": ("new.png", PICTURE)}}

    refused = await post(anonymous, function["id"], **form)
    empty = await post(anonymous, function["id"], headers={"Authorization": " "}, **form)
    answered = await post(
        anonymous, function["id"], headers={"Apollo-Require-Preflight": "1"}, **form
    )

    assert (refused.status_code, problem(refused)["code"]) == (403, "CSRF_PREVENTED")
    assert empty.status_code in (401, 403)
    assert answered.status_code == 200
    assert await tables.Invocation.all().count() == 1


async def test_anyone_may_invoke_a_public_function_and_no_private_one(
    client: Client, anonymous: Client
) -> None:
    private = await client.create_function(name="Private")
    public = await client.create_function(name="Public", visibility="PUBLIC")
    _, reading = await keys.create(name="reader", scopes={ApiKeyScope.READ})
    _, asking = await keys.create(name="app", scopes={ApiKeyScope.INVOKE})
    raw: dict[str, Any] = {"content": PICTURE, "headers": {"Content-Type": "image/png"}}
    unknown = "fn_" + "0" * 32

    answers = [
        problem(await post(anonymous, public["id"], **raw)),
        problem(await post(anonymous, private["id"], **raw)),
        problem(await post(anonymous, unknown, **raw)),
        problem(await post(anonymous.by(asking), private["id"], **raw)),
        problem(await post(anonymous.by(reading), private["id"], **raw)),
        problem(await post(anonymous.by("ph_0_0"), public["id"], **raw)),
    ]

    untrained = "Conflict", "NOT_TRAINED"
    absent = "Not Found", "NOT_FOUND"
    assert [(answer["title"], answer["code"]) for answer in answers] == [
        untrained,
        absent,
        absent,
        untrained,
        ("Forbidden", "FORBIDDEN"),
        ("Unauthorized", "UNAUTHENTICATED"),
    ]
    assert answers[1] == answers[2]
    assert await tables.Invocation.all().count() == 0
