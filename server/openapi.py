"""The OpenAPI document of what is asked without GraphQL.

Source: https://spec.openapis.org/oas/v3.1.0
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pigeonhole.models import Decision

PATH = "/v1/openapi.json"
SHARE = {"type": "number", "minimum": 0, "maximum": 1}
BINARY = {"description": "The bytes of a JPEG, PNG, WebP, GIF, AVIF or HEIC."}
REFUSALS = {
    "400": "The request is malformed, or a value breaks a rule.",
    "401": "The API key is not valid.",
    "403": "The API key does not allow this.",
    "404": "There is no such function for this caller.",
    "408": "The body stopped arriving.",
    "409": "The function has no trained model yet.",
    "413": "The image has too many bytes or pixels.",
    "415": "The body has a type that is not taken.",
    "422": "The bytes are no image that can be read, or the URL could not be fetched.",
    "429": "Too fast; `Retry-After` says how many seconds to wait.",
    "500": "Something went wrong here; `id` names it to the operator.",
    "503": "Too much is asked at once; try again later.",
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
        "How sure the model is of one label.",
        {"label": {"type": "string", "description": "Its name."}, "confidence": SHARE},
    ),
    "Answer": _object(
        "What the function says.",
        {
            "function": {"type": "string", "description": "The function's ID."},
            "label": {"type": "string", "description": "The most likely label's name."},
            "confidence": SHARE,
            "decision": {
                "type": "string",
                "enum": [decision.name for decision in Decision],
                "description": "What to do with the answer: accept it, have a person look, or "
                "take the image to show none of the labels.",
            },
            "ranking": {
                "type": "array",
                "items": {"$ref": "#/components/schemas/LabelConfidence"},
                "description": "Labels, most likely first.",
            },
            "invocationId": {"type": "string", "description": "For `giveFeedback` in GraphQL."},
            "modelVersion": {"type": "integer", "minimum": 1},
        },
    ),
    "Problem": _object(
        "What went wrong (RFC 9457).",
        {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "For a person, without internals."},
            "code": {"type": "string", "description": "For a program, as in GraphQL."},
            "id": {"type": "string", "description": "Of a fault here, for the operator."},
        },
        "id",
    ),
    "ImageReference": {
        "description": "An image by its URL, or as a data URI.",
        "oneOf": [
            _object(
                "Fetched by the server; addresses inside its own network are refused.",
                {"url": {"type": "string", "format": "uri"}},
            ),
            _object(
                "The image itself.",
                {"image": {"type": "string", "description": "`data:image/png;base64,...`"}},
            ),
        ],
    },
    "ImageFile": _object("A form with one file.", {"image": BINARY}),
}

INVOKE: dict[str, Any] = {
    "operationId": "invoke",
    "summary": "Asks a function about one image.",
    "description": "A public function may be asked by anyone; any other with an API key that has "
    "the scope INVOKE.",
    "security": [{}, {"apiKey": []}],
    "parameters": [
        {
            "name": "id",
            "in": "path",
            "required": True,
            "description": "The function's ID.",
            "schema": {"type": "string"},
        },
        {
            "name": "topK",
            "in": "query",
            "description": "Labels in `ranking`, most likely first.",
            "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 5},
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
            "description": "The answer.",
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
        "description": "Asking functions by one POST. All else is GraphQL at `/graphql`.",
    },
    "servers": [{"url": "/"}],
    "paths": {"/v1/functions/{id}/invoke": {"post": INVOKE}},
    "components": {
        "schemas": SCHEMAS,
        "securitySchemes": {"apiKey": {"type": "http", "scheme": "bearer"}},
    },
}


async def document(request: Request) -> Response:
    """Serve the document; any page may read it."""
    return JSONResponse(DOCUMENT, headers={"Access-Control-Allow-Origin": "*"})
