"""Migrations of data in older databases."""

from tortoise.migrations.executor import MigrationTarget

from pigeonhole.services import database

FUNCTION, MODEL = "00000000-0000-7000-8000-00000000000f", "00000000-0000-7000-8000-00000000000d"
NOW = "'2026-01-01 00:00:00+00:00'"
BEFORE = [
    f"""INSERT INTO "function" (id, name, name_key, visibility, auto_train, max_error_rate,
        capture_enabled, capture_below, capture_daily_limit, encoder, revision, trained_revision,
        upload_revision, embedded_revision, created_at, updated_at) VALUES ('{FUNCTION}',
        'Recipes', 'recipes', 'private', true, 0.05, false, 0.8, 100, 'bundled', 1, 1, 1, 1,
        {NOW}, {NOW})""",
    f"""INSERT INTO model (id, function_id, version, revision, seed, encoder, encoder_identity,
        classifier, metrics, created_at) VALUES ('{MODEL}', '{FUNCTION}', 1, 1, 0, 'bundled',
        'bundled:w:float32:1', '', '{{}}', {NOW})""",
    "INSERT INTO embedding (id, sha256, encoder, vector) VALUES "
    f"('{MODEL}', '{'1' * 64}', 'bundled:w:float32:1', {{blob}})",
    *(
        f"""INSERT INTO sample (id, function_id, source, sha256, media_type, width, height,
            byte_size, embedded, confirmed, created_at, updated_at) VALUES
            ('00000000-0000-7000-8000-00000000000{number}', '{FUNCTION}', 'upload',
            '{str(number) * 64}', 'image/png', 1, 1, 1, {embedded}, false, {NOW}, {NOW})"""
        for number, embedded in ((1, "true"), (2, "true"), (3, "false"))
    ),
]


async def test_older_samples_get_the_identity_of_the_encoder_that_embedded_them(
    empty_url: str, kind: str
) -> None:
    async with database._executor(empty_url) as executor:
        await executor.migrate([MigrationTarget(database.APP, "0001_initial")])
        for statement in BEFORE:
            blob = "x'00'" if kind == "embedded" else "'\\x00'"
            await database.connection().execute_query(statement.replace("{blob}", blob))

    assert "0003_what_is_embedded" in await database.migrate(empty_url)

    async with database.connected(empty_url):
        _, rows = await database.connection().execute_query(
            "SELECT embedded_for, unreadable FROM sample ORDER BY id"
        )
        assert [tuple(row) for row in rows] == [
            ("bundled:w:float32:1", None),
            (None, None),  # there is no such vector
            (None, None),
        ]
        _, [function] = await database.connection().execute_query(
            'SELECT embedded_for, answer_revision, learns_from_unlabelled FROM "function"'
        )
        assert function["embedded_for"] is None  # so all are checked
        assert (function["answer_revision"], bool(function["learns_from_unlabelled"])) == (0, True)


async def test_older_invocations_get_the_first_label_of_their_ranking_and_samples_a_reason(
    empty_url: str, kind: str
) -> None:
    async with database._executor(empty_url) as executor:
        await executor.migrate([MigrationTarget(database.APP, "0001_initial")])
        for statement in (*BEFORE[:2], BEFORE[3], BEFORE[4]):
            await database.connection().execute_query(statement)
        await executor.migrate([MigrationTarget(database.APP, "0017_indexes_of_lists")])
        for statement in (
            f"""INSERT INTO invocation (id, function_id, model_id, sha256, media_type, width,
                height, byte_size, ranking, decision, model_time_ms, created_at) VALUES
                ('{MODEL}', '{FUNCTION}', '{MODEL}', '{"1" * 64}', 'image/png', 1, 1, 1,
                '[["{MODEL}",0.75],["{FUNCTION}",0.25]]', 'accept', 1.0, {NOW})""",
            "UPDATE sample SET source = 'capture', annotation_source = 'feedback' "
            "WHERE id = '00000000-0000-7000-8000-000000000001'",
        ):
            await database.connection().execute_query(statement)
        await executor.migrate([MigrationTarget(database.APP, "0018_monitoring")])
    await database.migrate(empty_url)

    async with database.connected(empty_url):
        _, [row] = await database.connection().execute_query(
            "SELECT label_id, confidence FROM invocation"
        )
        assert (str(row["label_id"]), row["confidence"]) == (MODEL, 0.75)
        _, rows = await database.connection().execute_query(
            "SELECT capture_reason FROM sample ORDER BY id"
        )
        assert [row["capture_reason"] for row in rows] == ["feedback", None]
