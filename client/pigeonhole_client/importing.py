"""Import of images and labels into a function, without adding an image twice."""

import asyncio
import difflib
import hashlib
import io
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from pigeonhole_client.api.add_samples import AddSamplesAddSamplesResults
from pigeonhole_client.api.base_model import Upload
from pigeonhole_client.api.enums import DuplicatePolicy
from pigeonhole_client.api.input_types import (
    AddSamplesInput,
    AnnotateSamplesInput,
    AnnotationInput,
    CreateLabelInput,
    ImageInput,
    SampleAnnotationInput,
    SampleInput,
)
from pigeonhole_client.errors import PASSING
from pigeonhole_client.files.found import Found
from pigeonhole_client.present import Present, images_of, label_names
from pigeonhole_client.report import OnConflict, Outcome, Report
from pigeonhole_client.retries import Waits
from pigeonhole_client.transport import Transport

BATCH = 20
"""Images in one request."""
BATCH_BYTES = 12_000_000
"""Bytes of images from which a request is sent without waiting for more."""
PARALLEL = 4
"""Requests that are under way at once."""


@dataclass(frozen=True)
class _Ready:
    """An image that is ready to be sent."""

    found: Found
    data: bytes | None
    label: str | None


class Import:
    """One import into one function."""

    def __init__(
        self,
        api: Transport,
        function_id: str,
        *,
        create_labels: bool = False,
        on_conflict: OnConflict = OnConflict.KEEP,
        dry_run: bool = False,
        parallel: int = PARALLEL,
        advance: Callable[[], object] = lambda: None,
    ) -> None:
        """Prepare an import; ``advance`` is called once for each image."""
        self._api, self._function_id = api, function_id
        self._create_labels, self._on_conflict, self._dry_run = create_labels, on_conflict, dry_run
        self._parallel, self._advance = parallel, advance
        self._labels: dict[str, str] = {}
        self._there: dict[str, Present] = {}
        self.report = Report()

    async def run(self, images: Iterable[Found]) -> Report:
        """Import images with several concurrent requests, keeping a few batches in memory.

        Raises:
            ApiError: The server refuses the import, such as for a wrong key.
            UnreachableError: The server can no longer be reached.
            UnusableFileError: A path cannot be imported.
        """
        self._labels = {
            _key(name): name for name in await label_names(self._api, self._function_id)
        }
        self._there = await images_of(self._api, self._function_id)
        batches: asyncio.Queue[list[_Ready]] = asyncio.Queue(maxsize=1)
        tasks = [asyncio.create_task(self._sends(batches)) for _ in range(self._parallel)]
        tasks.append(asyncio.create_task(self._fill(batches, iter(images))))
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return self.report

    async def _fill(self, batches: "asyncio.Queue[list[_Ready]]", images: Iterator[Found]) -> None:
        """Put images to send into batches, settle the others, and end with empty batches."""
        batch: list[_Ready] = []
        size = 0
        while (found := await asyncio.to_thread(next, images, None)) is not None:
            ready = await self._look_at(found)
            if ready is None:
                self._advance()
                continue
            batch.append(ready)
            size += len(ready.data or b"")
            if len(batch) >= BATCH or size >= BATCH_BYTES:
                await batches.put(batch)
                batch, size = [], 0
        if batch:
            await batches.put(batch)
        for _ in range(self._parallel):
            await batches.put([])

    async def _sends(self, batches: "asyncio.Queue[list[_Ready]]") -> None:
        while batch := await batches.get():
            await self._send(batch)
            for _ in batch:
                self._advance()

    async def _look_at(self, found: Found) -> _Ready | None:
        try:
            data, sha256 = await asyncio.to_thread(_read, found)
        except OSError as error:
            self.report.note(found.name, Outcome.REFUSED, f"Cannot be read: {error}.")
            return None
        label, reason = await self._label(found)
        if reason:
            self.report.note(found.name, Outcome.REFUSED, reason)
            return None
        if sha256 in self._there:
            await self._settle(found, label, sha256)
            return None
        if sha256:
            self._there[sha256] = Present("", label, found.external_id)
        return _Ready(found, data, label)

    async def _label(self, found: Found) -> tuple[str | None, str]:
        """Return the function's spelling of an image's label, or why it cannot be used."""
        if found.label is None:
            return None, ""
        key = _key(found.label)
        known = self._labels.get(key)
        if known is None and not self._create_labels:
            near = difflib.get_close_matches(key, self._labels, 1)
            hint = f" Did you mean {self._labels[near[0]]!r}?" if near else ""
            return None, (
                f"Label {found.label!r} does not exist.{hint} Create it, or pass --create-labels."
            )
        if known is None:
            known = found.label
            if not self._dry_run:
                made = await self._api.create_label(
                    CreateLabelInput(functionId=self._function_id, name=found.label)
                )
                if made.errors and made.errors[0].code.value != "TAKEN":
                    return None, f"Label {found.label!r}: {made.errors[0].message}"
                if made.label is not None:  # else it looks like one that the server knows
                    known = made.label.name
            self._labels[key] = known
        return known, ""

    async def _settle(self, found: Found, label: str | None, sha256: str) -> None:
        """Decide what to do with an image that the function already has."""
        present = self._there[sha256]
        same = present.label is None or label is None or _key(present.label) == _key(label)
        other_id = _id_conflict(found, present)
        if self._on_conflict is OnConflict.SKIP:
            self.report.note(found.name, Outcome.SKIPPED)
        elif label is None or (present.label is not None and same):
            outcome = Outcome.CONFLICT if other_id else Outcome.UNCHANGED
            self.report.note(found.name, outcome, other_id)
        elif not same and (self._on_conflict is OnConflict.KEEP or not present.id):
            reason = f"The image is annotated as {present.label!r}; the import says {label!r}."
            self.report.note(found.name, Outcome.CONFLICT, f"{reason} {other_id}".strip())
        else:
            if not self._dry_run and (refused := await self._annotate({present.id: label})):
                self.report.note(found.name, Outcome.REFUSED, refused)
                return
            self._there[sha256] = replace(present, label=label)
            outcome = Outcome.ANNOTATED if same else Outcome.REPLACED
            self.report.note(found.name, outcome, other_id)

    async def _annotate(self, given: dict[str, str], *, confirmed: bool | None = None) -> str:
        """Annotate samples with labels; return the reason if that is refused."""
        annotations = [
            AnnotationInput(
                sampleId=id, label=SampleAnnotationInput(labelName=label), confirmed=confirmed
            )
            for id, label in given.items()
        ]
        said = await self._api.annotate_samples(AnnotateSamplesInput(annotations=annotations))
        return said.errors[0].message if said.errors else ""

    async def _send(self, batch: list[_Ready]) -> None:
        """Send a batch, and resend entries that the server refuses temporarily."""
        if self._dry_run:
            for ready in batch:
                self.report.note(ready.found.name, Outcome.ADDED)
            return
        waits = Waits()
        while batch:
            said = await self._api.add_samples(
                AddSamplesInput(
                    functionId=self._function_id,
                    samples=[_sample(ready) for ready in batch],
                    duplicates=DuplicatePolicy.SKIP,  # what came by another way stays as it is
                )
            )
            if said.errors:
                for ready in batch:
                    self.report.note(ready.found.name, Outcome.REFUSED, said.errors[0].message)
                return
            again, confirmed = [], {}
            for ready, result in zip(batch, said.results, strict=True):
                passing = result.error is not None and result.error.code.value in PASSING
                if passing and not waits.exhausted:
                    again.append(ready)
                else:
                    self._note(ready, result)
                    if ready.found.confirmed and ready.label and result.sample is not None:
                        confirmed[result.sample.id] = ready.label
            if confirmed:
                await self._annotate(confirmed, confirmed=True)
            batch = again
            if batch:
                await asyncio.sleep(waits.next_s())

    def _note(self, ready: _Ready, result: AddSamplesAddSamplesResults) -> None:
        if result.error is not None:
            self.report.note(ready.found.name, Outcome.REFUSED, result.error.message)
            return
        if ready.data is not None and result.sample is not None:
            sha256 = hashlib.sha256(ready.data).hexdigest()
            self._there[sha256] = Present(result.sample.id, ready.label, ready.found.external_id)
        outcome = Outcome.UNCHANGED if result.duplicate else Outcome.ADDED
        self.report.note(ready.found.name, outcome)


def _read(found: Found) -> tuple[bytes | None, str]:
    """Return the bytes of an image and their SHA-256; None if the image is given by a URL."""
    if found.read is None:
        return None, ""
    data = found.read()
    return data, hashlib.sha256(data).hexdigest()


def _key(name: str) -> str:
    """Return the key by which the server compares most names: without case and Unicode form."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _id_conflict(found: Found, present: Present) -> str:
    """Return a sentence that says that an external ID is ignored, or an empty one."""
    if found.external_id is None or found.external_id == present.external_id:
        return ""
    had = "no external ID"
    if present.external_id is not None:
        had = f"the external ID {present.external_id!r}"
    return f"The image was added with {had}; the external ID {found.external_id!r} is ignored."


def _sample(ready: _Ready) -> SampleInput:
    found = ready.found
    given: dict[str, Any] = {}
    if ready.label is not None:
        given["annotation"] = SampleAnnotationInput(labelName=ready.label)
    if found.file_name is not None:
        given["fileName"] = found.file_name
    if found.external_id is not None:
        given["externalId"] = found.external_id
    if found.metadata is not None:
        given["metadata"] = found.metadata
    if ready.data is None:
        image = ImageInput(url=found.url)
    else:
        name = found.file_name or found.name
        image = ImageInput(upload=Upload(name, io.BytesIO(ready.data), "application/octet-stream"))
    return SampleInput(image=image, **given)
