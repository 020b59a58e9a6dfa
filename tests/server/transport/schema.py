"""A schema with a field for each case that the transport must handle."""

import asyncio
import itertools
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any, Self

import strawberry
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket
from strawberry.dataloader import DataLoader
from strawberry.file_uploads import Upload
from strawberry.scalars import JSON

from pigeonhole.errors import NotFoundError, PigeonholeError
from server.transport import OperationContext
from tests.pigeonhole.running import bounded


class ForbiddenError(PigeonholeError):
    """The caller may not do this."""

    code = "FORBIDDEN"


class RateLimitedError(PigeonholeError):
    """The caller sends too many requests."""

    code = "RATE_LIMITED"
    retry_after_s = 7.2


@dataclass
class World:
    """State that all requests to one server share."""

    live: int = 0
    changes: int = 0
    reads: int = 0
    revoked: bool = False
    taken: list[tuple[str, int]] = field(default_factory=list)


async def read(world: World, keys: list[int]) -> list[int]:
    """Stand in for a database read: the result changes with the world."""
    world.reads += 1
    return [world.changes for _ in keys]


@dataclass
class Context(OperationContext):
    """The caller, and loaders that must not outlive an event."""

    world: World
    name: str = "nobody"
    loader: DataLoader[int, int] = field(init=False)

    def __post_init__(self) -> None:
        async def load(keys: list[int]) -> list[int]:
            return await read(self.world, keys)

        self.loader = DataLoader(load)

    def fresh(self) -> Self:
        if self.world.revoked:
            raise ForbiddenError("That key is revoked.")
        return replace(self)

    @property
    def may_introspect(self) -> bool:
        return self.name != "blind"

    @property
    def is_known(self) -> bool:
        return self.name != "stranger"

    async def pay(self, cost: int) -> None:
        self.world.taken.append(("pay", cost))
        if self.name == "hasty":
            raise RateLimitedError("Too many requests; try again later.")

    async def hold(self, cost: int) -> None:
        self.world.taken.append(("hold", cost))

    async def admit(self, cost: int) -> dict[str, object] | None:
        self.world.taken.append(("admit", cost))
        if self.name == "hasty":
            raise RateLimitedError("Too many requests; try again later.")
        return {"cost": cost} if self.name == "thrifty" else None


async def make_context(world: World, connection: HTTPConnection) -> Context:
    """Create the context from a header or the payload of `connection_init`, as a server would."""
    name = connection.headers.get("authorization", "nobody")
    if isinstance(connection, WebSocket):
        name = str(connection.state.connection_params.get("authorization", name))
    if name == "bad":
        raise ForbiddenError("That key is not valid.")
    if name == "broken":
        raise RuntimeError("the secret is out")
    return Context(world, name)


Info = strawberry.Info[Context, None]


@strawberry.type
class Item:
    """An item of a list, with items of its own."""

    id: int

    @strawberry.field
    def items(self, first: int | None = None, last: int | None = None) -> "Items":
        return Items(size=first or last or 0)

    @strawberry.field
    def parts(self) -> list["Item"]:
        return [Item(id=1)]

    @strawberry.field
    async def seen(self, info: Info) -> int:
        return await info.context.loader.load(self.id)


@strawberry.type
class Edge:
    """An edge of a connection."""

    node: Item


@strawberry.type
class Items:
    """A connection."""

    size: strawberry.Private[int]

    @strawberry.field
    def edges(self) -> list[Edge]:
        return [Edge(node=Item(id=i)) for i in range(self.size)]

    @strawberry.field
    def total(self) -> int:
        return self.size


@strawberry.input
class Filter:
    """An input that can nest without end."""

    size: int = 0
    all: list["Filter"] | None = None


@strawberry.type
class Query:
    """The queries."""

    @strawberry.field
    def hello(self, name: str = "world") -> str:
        return f"Hello, {name}!"

    @strawberry.field
    def item(self, id: int = 1) -> Item:
        return Item(id=id)

    @strawberry.field
    def items(self, first: int | None = None, last: int | None = None) -> Items:
        return Items(size=first or last or 0)

    @strawberry.field
    def live(self, info: Info) -> int:
        return info.context.world.live

    @strawberry.field
    def echo(self, value: JSON) -> JSON:
        return value

    @strawberry.field
    def matching(self, filter: Filter) -> int:
        return filter.size

    @strawberry.field
    async def cancelled(self) -> str:
        raise asyncio.CancelledError

    @strawberry.field
    def broken(self) -> str | None:
        raise RuntimeError("the secret is out")

    @strawberry.field
    def missing(self) -> str | None:
        raise NotFoundError("There is no such thing.", path=("id",))


@strawberry.type
class Mutation:
    """The mutations."""

    @strawberry.mutation
    def change(self, info: Info) -> int:
        info.context.world.changes += 1
        return info.context.world.changes

    @strawberry.mutation
    async def upload(self, file: Upload) -> str:
        return await told(file)

    @strawberry.mutation
    async def upload_many(self, files: list[Upload]) -> list[str]:
        return [await told(file) for file in files]


@strawberry.type
class Subscription:
    """The subscriptions."""

    @strawberry.subscription
    async def count(self, info: Info, to: int, delay_ms: int = 0) -> AsyncGenerator[int, None]:
        async with aclosing(_counted(info.context.world)) as numbers:
            async for number in numbers:
                yield number
                if number == to:
                    return
                await asyncio.sleep(delay_ms / 1000)

    @strawberry.subscription
    async def hang(self, info: Info) -> AsyncGenerator[int, None]:
        async with aclosing(_counted(info.context.world)) as numbers:
            await bounded(anext(numbers))
            await asyncio.Event().wait()
            yield 0

    @strawberry.subscription
    async def busy(self, info: Info, size: int = 0) -> AsyncGenerator[str, None]:
        async with aclosing(_counted(info.context.world)) as numbers:
            async for number in numbers:
                yield f"{number}" + "x" * size

    @strawberry.subscription
    async def fail(self, after: int = 0) -> AsyncGenerator[int, None]:
        for number in range(after):
            yield number
        raise RuntimeError("the secret is out")

    @strawberry.subscription
    async def refuse(self) -> AsyncGenerator[int, None]:
        raise NotFoundError("There is no such thing.")
        yield 0

    @strawberry.subscription
    async def watch(self, info: Info) -> AsyncGenerator[Item, None]:
        for _ in range(3):
            info.context.world.changes += 1
            yield Item(id=1)


async def told(file: Any) -> str:
    """Describe the content of a file."""
    return f"{file.filename}: {(await file.read()).decode()}"


async def _counted(world: World) -> AsyncGenerator[int, None]:
    """Count from 1 without end; the world counts how many such generators run."""
    world.live += 1
    try:
        for number in itertools.count(1):
            yield number
    finally:
        world.live -= 1


def build() -> strawberry.Schema:
    """Build the schema."""
    return strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription)
