"""Files of a multipart request, put where the operation wants them.

Source: https://github.com/jaydenseric/graphql-multipart-request-spec
"""

from collections.abc import AsyncGenerator, AsyncIterable, Iterator, Mapping
from contextlib import aclosing
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from pigeonhole.services.breaks import paced
from server.transport.codes import Code
from server.transport.decoding import decode_aside
from server.transport.errors import RequestError
from server.transport.limits import Limits

SLICE_BYTES = 2_048
FEW_PARTS = 8
"""Parts that are parsed in one go if they arrive together: each takes up to 0.2 ms."""


class FormParser(MultiPartParser):
    """Starlette's parser, with one bound on all parts that are not files together.

    What is long of a file is kept in ``folder``, in a file without a name, which is gone with the
    request and with the process.

    It raises a `RequestError` where a form has too many parts, or too long ones.
    """

    def __init__(
        self,
        *args: Any,
        max_files: int,
        max_fields: int,
        max_part_size: int,
        folder: Path | None,
        **options: Any,
    ) -> None:
        super().__init__(*args, max_part_size=max_part_size, **options)
        self._most_files, self._most_fields, self._most_bytes = max_files, max_fields, max_part_size
        self._bytes, self._folder = 0, folder

    def on_headers_finished(self) -> None:
        """Count a part of which all headers have come."""
        super().on_headers_finished()
        if self._folder is not None and self._current_part.file is not None:
            self._files_to_close_on_error.pop().close()
            file = SpooledTemporaryFile[bytes](self.spool_max_size, dir=str(self._folder))
            self._files_to_close_on_error.append(file)
            self._current_part.file.file = file  # type: ignore[assignment]  # as in Starlette
        for limit, name, most, found in (
            ("upload_files", "files", self._most_files, self._current_files),
            ("form_fields", "fields", self._most_fields, self._current_fields),
        ):
            if found > most:
                message = f"The form has too many {name}; the limit is {most}."
                raise _exceeded(limit, most, found, message)

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """Take some bytes of a part."""
        if self._current_part.file is None:
            self._bytes += end - start
            most = self._most_bytes
            if self._bytes > most:
                message = f"The form's fields have more than {most} bytes together."
                raise _exceeded("form_field_bytes", most, self._bytes, message)
        super().on_part_data(data, start, end)


async def read_form(
    request: Request,
    *,
    max_files: int,
    max_fields: int,
    max_part_size: int,
    folder: Path | None = None,
) -> FormData:
    """Read a form, whose files are closed with the request.

    Raises:
        RequestError: It is malformed, or has too much.
    """
    try:
        async with aclosing(request.stream()) as stream, aclosing(_slices(stream)) as slices:
            parser = FormParser(
                request.headers,
                slices,
                max_files=max_files,
                max_fields=max_fields,
                max_part_size=max_part_size,
                folder=folder,
            )
            request._form = form = await parser.parse()
    except (MultiPartException, ValueError, KeyError, AssertionError) as error:
        raise _bad(f"The multipart body can't be read: {error}") from None
    return form


async def _slices(stream: AsyncIterable[bytes]) -> AsyncGenerator[bytes, None]:
    """Yield a form's bytes in slices with breaks, because many small parts can arrive together."""
    async for chunk in stream:
        async with aclosing(paced(_cut(chunk))) as slices:
            async for part in slices:
                yield part


def _cut(chunk: bytes) -> Iterator[bytes]:
    is_many = chunk.count(b"\r\n--") > FEW_PARTS
    size = SLICE_BYTES if is_many else max(1, len(chunk))
    for start in range(0, len(chunk), size):
        yield chunk[start : start + size]


def _exceeded(limit: str, most: int, found: int, message: str) -> RequestError:
    return RequestError(
        400,
        message,
        code=Code.LIMIT_EXCEEDED,
        extensions={"limit": limit, "most": most, "found": found},
    )


async def read_operations(request: Request, limits: Limits, *, values: int) -> object:
    """Read ``operations`` with every file of ``map`` put in its place.

    ``values`` bounds each of the two, as in `decode`.

    Raises:
        RequestError: Some part is missing, malformed, or does not fit the others.
    """
    form = await read_form(
        request,
        max_files=limits.upload_files,
        max_fields=2 + limits.upload_files,
        max_part_size=limits.form_field_bytes,
        folder=limits.upload_folder,
    )
    operations = await _decoded(form.get("operations"), "operations", limits, values)
    places = await _decoded(form.get("map"), "map", limits, values)
    if not isinstance(operations, dict | list):
        raise _bad("`operations` must be an object.")
    if not isinstance(places, dict):
        raise _bad("`map` must be an object.")
    if len(places) > limits.upload_files:
        message = f"`map` names {len(places)} files; at most {limits.upload_files} are allowed."
        raise _exceeded("upload_files", limits.upload_files, len(places), message)
    for name, paths in places.items():
        file = form.get(name)
        if not isinstance(file, UploadFile):
            raise _bad(f"`map` names the file {_quoted(name)}, which the body does not have.")
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            raise _bad(f"`map` must give a list of paths for the file {_quoted(name)}.")
        for path in paths:
            _put(operations, path, file)
    return operations


async def _decoded(part: UploadFile | str | None, name: str, limits: Limits, values: int) -> object:
    if part is None:
        raise _bad(f"The multipart body has no field `{name}`.")
    if not isinstance(part, str):
        raise _bad(f"The field `{name}` must be text, not a file.")
    try:
        return await decode_aside(part, depth=limits.json_depth, values=values)
    except ValueError as error:
        raise _bad(f"The field `{name}` is not valid JSON: {error}.") from None


def _put(operations: object, path: str, file: UploadFile) -> None:
    """Replace the null at a path such as ``variables.files.0`` by the file."""
    target, *keys = (operations, *path.split("."))
    if "variables" not in keys[:2]:
        raise _bad(f"The path {_quoted(path)} of `map` does not lead into the variables.")
    for key in keys[:-1]:
        target = _child(target, key, path)
    if _child(target, keys[-1], path) is not None:
        raise _bad(f"The path {_quoted(path)} of `map` does not lead to null in `operations`.")
    if isinstance(target, list):
        target[int(keys[-1])] = file
    elif isinstance(target, dict):
        target[keys[-1]] = file


def _child(parent: object, key: str, path: str) -> object:
    if isinstance(parent, Mapping) and key in parent:
        return parent[key]
    if isinstance(parent, list) and key.isascii() and key.isdigit() and len(key) < 10:
        index = int(key)
        if index < len(parent):
            return parent[index]
    raise _bad(f"The path {_quoted(path)} of `map` is not in `operations`.")


def _quoted(name: str) -> str:
    return f'"{name[:100]}"'


def _bad(message: str) -> RequestError:
    return RequestError(400, message)
