"""The commands ``pigeonhole encoder``."""

import asyncio
import ipaddress
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pigeonhole.deployment.command import begin, told
from pigeonhole.settings import OperatorError, Settings, variable

if TYPE_CHECKING:
    from pigeonhole.encoders import Encoder
    from pigeonhole.encoders.remote import Service

app = typer.Typer(
    help="List image encoders, fetch their weights, and choose the one of new functions.",
    no_args_is_help=True,
)

Spec = Annotated[
    str, typer.Argument(help="An encoder of the list, or any `model/pretrained` of open_clip.")
]


@app.command("list")
def list_() -> None:
    """List good encoders: licence, size, accuracy, speed, and whether they can be used here.

    They can be used if their weights are on this machine, or if the encoder service has them.

    The time for an image is that which the last change from or to an encoder measured.
    """
    with told():
        settings = begin("encoder")
        from pigeonhole.encoders import known

        chosen, used, speeds = asyncio.run(_used(settings))
        with _service(settings) as service:
            here = {each.spec for each in known.KNOWN if _is_here(each.spec, service)}
        typer.echo(
            f"{'encoder':32}  {'licence':18}  {'to fetch':>8}  {'ImageNet':>8}  {'an image':>8}  "
            "here  note"
        )
        for each in known.KNOWN:
            notes = [each.note]
            if each.spec == chosen:
                notes.insert(0, "Used for new functions.")
            if each.spec in used:
                notes.insert(0, f"Used by {used[each.spec]} functions.")
            typer.echo(
                f"{each.spec:32}  {each.licence:18}  {each.megabytes:5} MB  "
                f"{f'{each.accuracy} %' if each.accuracy else '':>8}  "
                f"{f'{speeds[each.spec]:.1f} ms' if each.spec in speeds else '':>8}  "
                f"{'yes ' if each.spec in here else 'no  '}  {' '.join(notes)}"
            )


@app.command()
def fetch(
    spec: Spec,
    revision: Annotated[
        str | None,
        typer.Option(help="Commit of the hub's repository to take. Default: the newest."),
    ] = None,
    sha256: Annotated[
        str | None, typer.Option("--sha256", help="SHA-256 that the weights must have.")
    ] = None,
) -> None:
    """Fetch an encoder's weights and tokenizer; a broken transfer is continued.

    HF_HOME, HF_ENDPOINT, HF_TOKEN and the usual variables for proxies are honoured.
    """
    with told():
        begin("encoder")
        from pigeonhole.encoders import hub, known, weights
        from pigeonhole.encoders.choose import told as telling

        model, tag = _parts(spec)
        pin = known.pin_of(spec)
        if pin is not None and (revision, sha256) != (None, None):
            raise OperatorError(f"{spec} is pinned: its revision and SHA-256 cannot be chosen.")
        try:
            path, digest = weights.fetch(
                model, tag, revision=revision, sha256=sha256, report=telling(spec, typer.echo)
            )
        except (ValueError, OSError) as error:
            raise OperatorError(f"{spec} could not be downloaded. {error}") from None
        typer.echo(f"{spec} is on this machine: {path} (SHA-256 {digest}).")
        typer.echo(f"To use it on a machine without a network, copy {hub.cache_folder()} there.")


@app.command()
def use(spec: Spec) -> None:
    """Use an encoder for new functions; its weights must be on this machine."""
    with told():
        settings = begin("encoder")
        if settings.encoder != "auto":
            raise OperatorError(
                f"{variable('encoder')} is set to {settings.encoder!r}, which is used for new "
                "functions. Change or unset it there."
            )
        with _service(settings) as service:
            encoder = _loaded(settings, spec, service)
        from pigeonhole.services import choices

        async def record() -> None:
            await choices.hold_to_weights(spec, encoder)
            await choices.set_encoder(spec)

        try:
            asyncio.run(_connected(settings, record))
        except ValueError as error:
            raise OperatorError(str(error)) from None
        typer.echo(f"New functions use {encoder.name}; existing functions keep their encoder.")


@app.command()
def serve(
    spec: Spec,
    ray: Annotated[
        str,
        typer.Option(metavar="ADDRESS", help="Address of the Ray cluster, such as HOST:6379."),
    ],
    host: Annotated[
        str, typer.Option(help="Address that every node with a replica listens on.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8001,
    least: Annotated[
        int, typer.Option("--min-replicas", min=1, help="Replicas that always run.")
    ] = 1,
    most: Annotated[
        int, typer.Option("--max-replicas", min=1, help="Replicas under full load.")
    ] = 1,
    cpus: Annotated[int, typer.Option(min=1, help="CPU cores of each replica.")] = 1,
    gpus: Annotated[float, typer.Option(min=0, help="GPUs of each replica, or a share.")] = 0,
) -> None:
    """Serve an encoder from a Ray cluster to servers and workers, by PIGEONHOLE_ENCODER_URL.

    The command returns when a replica is ready; the cluster keeps it running. Another encoder is
    added, and the same one replaced without an interruption. The first decides on host and port.
    Needs `pigeonhole[ray]` here and on each node.
    """
    with told():
        settings = begin("encoder")
        if not settings.encoder_secret and not _is_loopback(host):
            raise OperatorError(
                f"{variable('encoder_secret')} is required to listen on {host}. Set it here, and "
                "to the same value for servers and workers."
            )
        if least > most:
            raise OperatorError("--min-replicas must not be larger than --max-replicas.")
        from pigeonhole.cluster.connection import connected

        with connected(ray):
            from pigeonhole.cluster import serving

            scale = serving.Scale(least, most, cpus, gpus)
            try:
                serving.deploy(
                    spec,
                    settings.encoder_precision,
                    secret=settings.encoder_secret,
                    scale=scale,
                    host=host,
                    port=port,
                )
            except RuntimeError as error:
                raise OperatorError(f"{spec} could not be started. {error}") from None
        typer.echo(
            f"{spec} is served. Set {variable('encoder_url')} to http://{host}:{port} for servers "
            "and workers, with the address of a node in place of 0.0.0.0."
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _parts(spec: str) -> tuple[str, str]:
    model, slash, tag = spec.partition("/")
    if not slash:
        raise OperatorError(f"{spec!r} has nothing to download. Name it as `model/pretrained`.")
    return model, tag


def _service(settings: Settings) -> "AbstractContextManager[Service | None]":
    from pigeonhole.services import choices

    return choices.encoder_service(settings)


def _is_here(spec: str, service: "Service | None") -> bool:
    from pigeonhole.services import choices

    try:
        return choices.is_here(spec, service)
    except (ValueError, OSError) as error:
        raise OperatorError(str(error)) from None


def _loaded(settings: Settings, spec: str, service: "Service | None") -> "Encoder":
    from pigeonhole import encoders

    if not _is_here(spec, service):
        if service is not None:
            raise OperatorError(
                f"{service.url} does not have {spec}. Run `pigeonhole encoder serve {spec}` there."
            )
        raise OperatorError(
            f"The weights of {spec} are not on this machine. Run `pigeonhole encoder fetch {spec}` "
            "where a model hub can be reached, and copy them here."
        )
    try:
        if service is not None:
            return service.load(spec)
        return encoders.load(spec, settings.encoders_dir, settings.encoder_precision)
    except (ValueError, OSError) as error:
        raise OperatorError(f"{spec} does not load. {error}") from None


async def _used(settings: Settings) -> tuple[str | None, dict[str, int], dict[str, float]]:
    """Return the encoder of new functions, if decided, how many functions use which, and speeds."""
    from pigeonhole.deployment.doctor import State, check_database
    from pigeonhole.services import choices, database
    from pigeonhole.tables import Choice, Function
    from pigeonhole.training import encoder_changes

    if (await check_database(settings)).state is not State.OK:
        return None if settings.encoder == "auto" else settings.encoder, {}, {}
    async with database.connected(settings.resolved_database_url):
        choice = await Choice.get_or_none(name=choices.ENCODER)
        used: dict[str, int] = {}
        for row in await Function.all().only("id", "encoder"):
            used[row.encoder] = used.get(row.encoder, 0) + 1
        speeds = await encoder_changes.speeds()
    chosen = choice.value if choice and settings.encoder == "auto" else settings.encoder
    return None if chosen == "auto" else chosen, used, speeds


async def _connected(settings: Settings, work: Any) -> None:
    from pigeonhole.deployment.doctor import State, check_database
    from pigeonhole.services import database

    check = await check_database(settings)
    if check.state is not State.OK:
        raise OperatorError(f"{check.found} {check.fix}")
    async with database.connected(settings.resolved_database_url):
        await work()
