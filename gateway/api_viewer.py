"""The API for people to read: the OpenAPI document as a page of our own, without scripts or assets."""

from collections.abc import Iterator
from typing import Any

from litestar import Request, Response, get

from gateway import pages
from gateway.api_document import full_document

METHODS = ("get", "post")


@get("/docs", include_in_schema=False, sync_to_thread=False)
def docs(request: Request[Any, Any, Any]) -> Response[str]:
    """Every operation with its parameters, bodies and answers, and every schema with its fields."""
    document = full_document(request.app.openapi_schema.to_schema())
    schemas = document["components"]["schemas"]
    return pages.page(
        "api.html",
        info=document["info"],
        operations=list(_operations(document)),
        schemas={name: list(_fields(schema)) for name, schema in sorted(schemas.items())},
        told={name: schema.get("description", "") for name, schema in schemas.items()},
    )


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path, item in sorted(document["paths"].items()):
        for method in METHODS:
            if method in item:
                yield _operation(path, method, item[method])


def _operation(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    return {
        "name": f"{method}{path}".replace("/", "-").replace("{", "").replace("}", ""),
        "method": method.upper(),
        "path": path,
        "told": operation.get("description") or operation.get("summary", ""),
        "takes": type_of(body) if body else "",
        "parameters": [(p["name"], type_of(p["schema"])) for p in operation.get("parameters", [])],
        "answers": [
            (status, answer.get("description", ""), _content(answer))
            for status, answer in sorted(operation["responses"].items())
        ],
    }


def _content(answer: dict[str, Any]) -> str:
    for media in answer.get("content", {}).values():
        return type_of(media.get("schema", {}))
    return ""


def _fields(schema: dict[str, Any]) -> Iterator[tuple[str, str, bool, str]]:
    required = set(schema.get("required", ()))
    for name, field in schema.get("properties", {}).items():
        yield name, type_of(field), name in required, field.get("description", "")


def type_of(schema: dict[str, Any]) -> str:
    """A schema in a few words: ``string``, ``BookingEvent or list of BookingEvent``, ``"a" or "b"``."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for key in ("oneOf", "anyOf"):
        if key in schema:
            return " or ".join(type_of(one) for one in schema[key])
    if "enum" in schema:
        return " or ".join(f'"{value}"' for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {type_of(schema.get('items', {}))}"
    kind = schema.get("type", "any")
    name = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{name} ({schema['format']})" if "format" in schema else name
