"""The client and its commands against a running product, which all tests here share."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pigeonhole_client import (
    ApiKeyScope,
    ConflictError,
    ForbiddenError,
    ImageError,
    InvalidError,
    NotTrainedError,
    Pigeonhole,
    TrainingError,
)
from pigeonhole_client.api.input_types import SampleFilter, SampleOrder

from tests import make
from tests.pigeonhole.running import PIGEONHOLE, environment, run
from tests.pigeonhole_client.served import CLIENT, Served, serving


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served"), "bundled") as running:
        yield running


@pytest.fixture(scope="module")
def ph(served: Served) -> Iterator[Pigeonhole]:
    with Pigeonhole(served.url, key=served.key) as opened:
        yield opened


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    pictures, names = make.digits()
    for index, (picture, name) in enumerate(zip(pictures[:30], names[:30], strict=True)):
        path = tmp_path / "photos" / name / f"{index}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture)
    (tmp_path / "new.jpg").write_bytes(pictures[40])
    return tmp_path / "photos"


def test_the_main_job_from_a_folder_to_a_prediction(ph: Pigeonhole, photos: Path) -> None:
    digits = ph.create_function("Digits", labels=[str(digit) for digit in range(10)])

    report = digits.upload(photos, labels_from_folders=True)
    again = digits.upload(photos, labels_from_folders=True)
    seen: list[float] = []
    digits.wait_until_trained(lambda fields: seen.append(fields.sample_counts.annotated))
    answer = digits.invoke(photos.parent / "new.jpg")

    assert (len(report.refused), report.outcomes.total()) == (0, 30)
    assert dict(again.outcomes) == {"unchanged": 30}
    assert seen[-1] == 30
    assert digits.accuracy is not None
    assert 0 < digits.accuracy.lower < digits.accuracy.value < digits.accuracy.upper
    assert answer.label == answer.ranking[0][0]
    assert len(answer.ranking) == 5
    assert {sample.annotation.label.name for sample in digits.samples() if sample.annotation} == {
        path.name for path in photos.iterdir()
    }
    assert digits.give_feedback(answer, "3").annotation is not None
    digits.delete()


def test_samples_are_found_by_words_and_by_another_sample(ph: Pigeonhole, photos: Path) -> None:
    found = ph.create_function("Found", labels=["0", "1"])
    found.upload(photos / "0", photos / "1", labels_from_folders=True)
    found.wait_until_trained()
    newest = list(found.samples())
    labels = {label.name: label.id for label in found.labels()}

    by_words = list(found.samples(search="a wheel"))
    like = list(found.samples(like=newest[0].id))
    zeros = list(found.samples(SampleFilter(labelIds=[labels["0"]]), like=newest[0].id))
    with pytest.raises(InvalidError) as ordered:
        list(found.samples(order_by=SampleOrder(), search="a wheel"))

    assert {sample.id for sample in by_words} == {sample.id for sample in newest}
    assert {sample.id for sample in like} == {sample.id for sample in newest[1:]}
    assert [sample.id for sample in zeros] == [
        sample.id for sample in like if sample.annotation and sample.annotation.label.name == "0"
    ]
    assert ordered.value.code == "INVALID"
    found.delete()


def test_predictions_are_accepted_and_taken_back(
    served: Served, ph: Pigeonhole, photos: Path
) -> None:
    found = ph.create_function("Accepted", labels=["0", "1"])
    with pytest.raises(NotTrainedError):
        found.accept_predictions(0.5)
    found.upload(photos / "2")
    found.upload(photos / "0", photos / "1", labels_from_folders=True)
    found.wait_until_trained()
    for fields in found.changes():
        if found.acceptable_predictions(0).count == fields.sample_counts.unannotated:
            break
    wanted = found.acceptable_predictions(0)
    counted: list[int] = []

    def annotated() -> int:
        found.refresh()
        return found.fields.sample_counts.annotated

    accept = ("accept", "Accepted", "--min-confidence", "0")
    dry = json.loads(served.command(*accept, "--dry-run", "--json"))
    before = annotated()
    done = found.accept_predictions(0, version=wanted.version, progress=counted.append)
    after = annotated()
    assert done.at is not None
    undone = found.undo_acceptance(done.at)
    again = json.loads(served.command(*accept, "--json"))
    removed = served.command("accept", "Accepted", "--undo", again["acceptedAt"])

    assert (wanted.count, before, after) == (3, 6, 9)
    assert 0 < wanted.expected_errors < 3
    assert dry == {"acceptable": 3, "expectedErrors": wanted.expected_errors}
    assert (done.count, counted, undone, again["accepted"]) == (3, [3], 3, 3)
    assert removed == "3 annotations removed.\n"
    assert annotated() == 6
    assert "as `accept` printed it" in served.command(*accept, "--undo", "yesterday", status=2)
    found.delete()


def test_refusals_raise_the_errors_of_their_codes(ph: Pigeonhole, tmp_path: Path) -> None:
    shapes = ph.create_function("Shapes", labels=["Round"])
    (tmp_path / "text.jpg").write_text("no picture")

    with pytest.raises(InvalidError) as taken:
        ph.create_function("Shapes")
    with pytest.raises(ConflictError):
        shapes.train()
    with pytest.raises(TrainingError, match="label"):
        shapes.wait_until_trained()
    shapes.create_label("Square")
    shapes.wait_until_trained()  # trained from the names alone
    with pytest.raises(ImageError):
        shapes.invoke(tmp_path / "text.jpg")

    assert (taken.value.code, taken.value.path) == ("TAKEN", ("input", "name"))
    assert [label.name for label in shapes.labels()] == ["Round", "Square"]


def test_lists_are_read_page_by_page(ph: Pigeonhole) -> None:
    many = ph.create_function("Many", labels=[f"Label {index}" for index in range(150)])

    assert sum(1 for _ in many.labels()) == 150
    assert next(many.labels()).name == "Label 0"


def test_a_subscription_reconnects_after_the_server_was_killed(
    ph: Pigeonhole, served: Served
) -> None:
    lost = ph.create_function("Lost", autoTrain=False)
    changes = lost.changes()
    assert next(changes).description is None

    served.server().kill()
    lost.update(description="back")

    assert next(fields for fields in changes if fields.description == "back").id == lost.id
    changes.close()


def test_a_key_allows_what_its_scopes_say_until_it_is_revoked(
    ph: Pigeonhole, served: Served
) -> None:
    made, secret = ph.create_key("reader", [ApiKeyScope.READ])
    with Pigeonhole(served.url, secret) as reader:
        with pytest.raises(ForbiddenError):
            reader.create_function("Refused")
        assert reader.viewer().scopes == [ApiKeyScope.READ]

    assert ph.revoke_key(made.id).revoked_at is not None


def test_the_commands_do_the_main_job(served: Served, photos: Path, tmp_path: Path) -> None:
    run, new = served.command, str(photos.parent / "new.jpg")
    id = run("create", "Shell", "--label", "Zero").strip()
    said = run("import", "Shell", str(photos), "--labels-from-folders", "--create-labels", "--json")
    trained = json.loads(run("train", "Shell", "--json"))
    first, second = run("invoke", id, new, new, "--json").splitlines()
    (tmp_path / "no.jpg").write_text("no picture")

    assert json.loads(said)["outcomes"] == {"added": 30}
    assert trained["sampleCounts"]["annotated"] == 30
    assert trained["model"]["metrics"]["accuracy"]["value"] > 0
    assert json.loads(first)["file"] == new
    assert json.loads(first)["label"] == json.loads(second)["label"]
    assert run("invoke", id, str(tmp_path / "no.jpg"), new, status=2).count(new) == 1
    assert "1 annotated as Zero" in run("annotate", "Shell", "Zero", new)
    assert f"{id}  Shell  READY  31 of 31 annotated" in run("status", "Shell")
    assert [json.loads(line)["id"] for line in run("functions", "--json").splitlines()].count(id)
    assert "error: Function 'Nothing' not found at http" in run("status", "Nothing", status=1)


def test_status_follows_a_function(served: Served, ph: Pigeonhole) -> None:
    watched = ph.create_function("Watched", autoTrain=False)
    variables = environment(PIGEONHOLE_KEY=served.key, PIGEONHOLE_URL=served.url)
    with run(*PIGEONHOLE, "status", "Watched", "--watch", "--json", env=variables) as process:
        process.line_with('"description": null')
        watched.update(description="changed")
        process.line_with('"description": "changed"')


def test_the_command_of_the_client_manages_keys(served: Served) -> None:
    def keys(*words: str, status: int = 0) -> str:
        return served.command("keys", *words, status=status, program=CLIENT)

    made = json.loads(keys("create", "shop", "--scope", "invoke", "--json"))
    listed = keys("list")
    keys("revoke", made["prefix"])

    assert made["secret"].startswith(made["prefix"])
    assert f"{made['prefix']}  live   " in listed
    assert f"{made['prefix']}  revoked" in keys("list")
    assert "Key ph_none not found" in keys("revoke", "ph_none", status=1)
