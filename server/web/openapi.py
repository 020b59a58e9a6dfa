"""The OpenAPI document of the REST API.

Source: https://spec.openapis.org/oas/v3.1.0
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pigeonhole.kinds import Decision

PATH = "/v1/openapi.json"
SHARE = {"type": "number", "minimum": 0, "maximum": 1}
BINARY = {"description": "The bytes of a JPEG, PNG, WebP, GIF, AVIF, HEIC, BMP or TIFF."}
REFUSALS = {
    "400": "The request is malformed, or a value breaks a rule.",
    "401": "The API key is not valid.",
    "403": "The API key does not allow this.",
    "404": "The function does not exist, or is not visible to the caller.",
    "408": "The rest of the body did not arrive in time.",
    "409": "The function has no trained model yet.",
    "413": "The image has too many bytes or pixels.",
    "415": "The type of the body is not supported.",
    "422": "The file is not an image that can be decoded, or the URL could not be fetched.",
    "429": "The rate limit is used up; `Retry-After` is the number of seconds to wait.",
    "500": "Internal server error; report `id` to the operator.",
    "503": "The server is overloaded or a service is unavailable. Try again later.",
}


def _object(description: str, properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": required,
    }


SCHEMAS: dict[str, Any] = {
    "LabelConfidence": _object(
        "Confidence of the model in one label.",
        {
            "label": {"type": "string", "description": "Name of the label."},
            "confidence": SHARE | {"description": "Calibrated confidence, from 0 to 1."},
        },
    ),
    "Answer": _object(
        "The prediction for an image.",
        {
            "function": {"type": "string", "description": "ID of the function."},
            "label": {"type": "string", "description": "Name of the most likely label."},
            "confidence": SHARE
            | {"description": "Calibrated confidence in the most likely label, from 0 to 1."},
            "decision": {
                "type": "string",
                "enum": [decision.name for decision in Decision],
                "description": "Whether to accept the prediction, have it reviewed, or treat the "
                "image as none of the labels.",
            },
            "ranking": {
                "type": "array",
                "items": {"$ref": "#/components/schemas/LabelConfidence"},
                "description": "Labels with their confidences, most likely first.",
            },
            "invocationId": {
                "type": "string",
                "description": "ID of the invocation, for `giveFeedback` in GraphQL.",
            },
            "modelVersion": {
                "type": "integer",
                "minimum": 1,
                "description": "Version of the model that made the prediction.",
            },
        },
    ),
    "Problem": _object(
        "An error (RFC 9457).",
        {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "What is wrong, in English."},
            "code": {
                "type": "string",
                "description": "Error code for programs, from the GraphQL enum `ErrorCode`.",
            },
            "id": {
                "type": "string",
                "description": "ID of an internal error, by which the operator finds it.",
            },
        },
        "id",
    ),
    "ImageReference": {
        "description": "An image by its URL, or as a data URI.",
        "oneOf": [
            _object(
                "A URL from which the server fetches the image. Addresses inside the server's own "
                "network are refused.",
                {"url": {"type": "string", "format": "uri"}},
            ),
            _object(
                "The image as a data URI.",
                {
                    "image": {
                        "type": "string",
                        "description": "Data URI such as `data:image/png;base64,...`.",
                    }
                },
            ),
        ],
    },
    "ImageFile": _object("A form with one image file.", {"image": BINARY}),
}

INVOKE: dict[str, Any] = {
    "operationId": "invoke",
    "summary": "Classifies one image.",
    "description": "Classifies one image with the active model of a function. A public function "
    "needs no API key; others require an API key with the scope INVOKE.",
    "security": [{}, {"apiKey": []}],
    "parameters": [
        {
            "name": "id",
            "in": "path",
            "required": True,
            "description": "ID of the function.",
            "schema": {"type": "string"},
        },
        {
            "name": "topK",
            "in": "query",
            "description": "Number of labels in `ranking`.",
            "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 5},
        },
        {
            "name": "Apollo-Require-Preflight",
            "in": "header",
            "description": "Any text. Required for a form without `Authorization`, because a page "
            "of another site cannot send this header.",
            "schema": {"type": "string"},
        },
    ],
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": {"$ref": "#/components/schemas/ImageFile"}},
            "application/json": {"schema": {"$ref": "#/components/schemas/ImageReference"}},
            "image/*": {"schema": BINARY},
            "application/octet-stream": {"schema": BINARY},
        },
    },
    "responses": {
        "200": {
            "description": "The prediction.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}},
        },
        **{
            status: {
                "description": description,
                "content": {
                    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
                },
            }
            for status, description in REFUSALS.items()
        },
    },
}

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Pigeonhole",
        "version": "1",
        "description": "Classification of an image by one POST. Everything else is available as "
        "GraphQL at `/graphql`.",
    },
    "servers": [{"url": "/"}],
    "paths": {"/v1/functions/{id}/invoke": {"post": INVOKE}},
    "components": {
        "schemas": SCHEMAS,
        "securitySchemes": {"apiKey": {"type": "http", "scheme": "bearer"}},
    },
}


async def document(request: Request) -> Response:
    """Serve the document to pages of any origin."""
    servers = [{"url": request.scope.get("root_path", "") or "/"}]
    return JSONResponse(
        {**DOCUMENT, "servers": servers}, headers={"Access-Control-Allow-Origin": "*"}
    )
