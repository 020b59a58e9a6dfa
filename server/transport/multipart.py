"""Files of a multipart request, put where the operation wants them.

Source: https://github.com/jaydenseric/graphql-multipart-request-spec
"""

from collections.abc import Mapping

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from server.transport.decoding import decode
from server.transport.errors import LIMIT_EXCEEDED, RequestError
from server.transport.limits import Limits


async def read_operations(request: Request, limits: Limits) -> object:
    """Read ``operations`` with every file of ``map`` put in its place.

    Raises:
        RequestError: Some part is missing, malformed, or does not fit the others.
    """
    try:
        form = await request.form(
            max_files=limits.upload_files,
            max_fields=2 + limits.upload_files,
            max_part_size=limits.body_bytes,
        )
    except MultiPartException as error:
        raise _bad(f"The multipart body can't be read: {error.message}") from None
    except HTTPException as error:  # what Starlette makes of it within an application of its own
        raise _bad(f"The multipart body can't be read: {error.detail}") from None
    except (ValueError, KeyError, AssertionError) as error:
        raise _bad(f"The multipart body can't be read: {error}") from None
    operations = _decoded(form.get("operations"), "operations", limits)
    places = _decoded(form.get("map"), "map", limits)
    if not isinstance(operations, dict | list):
        raise _bad("`operations` must be an object.")
    if not isinstance(places, dict):
        raise _bad("`map` must be an object.")
    if len(places) > limits.upload_files:
        raise RequestError(
            400,
            f"`map` names {len(places)} files; at most {limits.upload_files} are allowed.",
            code=LIMIT_EXCEEDED,
            extensions={
                "limit": "upload_files",
                "most": limits.upload_files,
                "found": len(places),
            },
        )
    for name, paths in places.items():
        file = form.get(name)
        if not isinstance(file, UploadFile):
            raise _bad(f"`map` names the file {_quoted(name)}, which the body does not have.")
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            raise _bad(f"`map` must give a list of paths for the file {_quoted(name)}.")
        for path in paths:
            _put(operations, path, file)
    return operations


def _decoded(part: UploadFile | str | None, name: str, limits: Limits) -> object:
    if part is None:
        raise _bad(f"The multipart body has no field `{name}`.")
    if not isinstance(part, str):
        raise _bad(f"The field `{name}` must be text, not a file.")
    try:
        return decode(part, depth=limits.json_depth)
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
