"""How much one request may ask for, and how long a socket may idle."""

from dataclasses import dataclass
from pathlib import Path

from server.transport.context import OperationContext

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """The bounds of the transport; whatever passes them is refused by name and number.

    The defaults fit a page of 100 objects, the introspection query of every common tool, an
    upload of some hundred pictures, and a JSON body with a few pictures of 5 MB as data URIs.
    """

    body_bytes: int = 16 * MIB
    """Bytes of a JSON body, counted as they arrive; base64 makes of 5 MB of picture 6.7 MB."""
    strangers_body_bytes: int = MIB
    """The same for callers that the server does not know, and for their messages on websockets:
    JSON is parsed in one piece, in which nothing else runs."""
    upload_bytes: int = 256 * MIB
    """Bytes of a whole multipart body, counted as they arrive."""
    body_idle_s: float = 30.0
    """Seconds that a body may pause while it arrives, and that it has whatever its length."""
    body_bytes_per_s: int = 4_096
    """Bytes that must have come for each second beyond those."""
    upload_folder: Path | None = None
    """Folder of what is longer than a MiB of an uploaded file; None: that of the system."""
    upload_files: int = 100
    """Files of one multipart body."""
    form_field_bytes: int = MIB
    """Bytes of all parts of one multipart body that are not files."""
    query_parameters: int = 100
    """Parameters of a URL."""
    json_depth: int = 64
    """Lists and objects within one another, in bodies, variables and socket messages."""
    json_values: int = 20_000
    """Commas, brackets and braces of one JSON text, which bound the number of its values."""
    strangers_json_values: int = 2_000
    """The same for callers that the server does not know; `invokeBatch` with 100 images has 200."""
    bytes_a_point: int = 16 * 1024
    """Bytes of a body or of a socket's message that cost one point, before they are parsed."""
    caller_body_bytes: int = 512 * MIB
    """Bytes of all bodies of one caller that this process holds at once."""
    batch_operations: int = 0
    """Operations of a body that is an array; 0 refuses such bodies."""

    document_characters: int = 100_000
    """Length of a document."""
    document_tokens: int = 1_000
    """Words and punctuators of a document."""
    depth: int = 20
    """Fields within one another; introspection by common tools takes 15."""
    aliases: int = 100
    """Aliases, counted again each time a fragment is spread."""
    directives: int = 100
    """Directives, counted again each time a fragment is spread."""
    repeats: int = 50
    """Fields that stand again beside themselves, each of which is compared with all its likes."""
    cost: int = 25_000
    """Estimated number of objects and fields in the answer."""
    page_size: int = 25
    """What the cost takes for `first` or `last` where neither is given."""
    list_size: int = 10
    """What the cost takes for the length of a list that is not paged."""
    refusal_cost: int = 500
    """Cost of a document that is refused; taken before a new one is looked at."""
    looks: float = 0.5
    """Share of the server's time for documents that are new to it, of callers it knows."""
    strangers_looks: float = 0.02
    """The same for all callers that it does not know."""
    looks_waiting: int = 50
    """Documents that may wait for it, of callers it knows and of others each."""
    introspection_cost: int = 60_000
    """Estimated cost of all that is asked about the schema itself; common tools take 52,000."""
    mutations: int = 1_000
    """Mutations under way at once, those of clients that have gone too; others wait."""
    cached_documents: int = 1_000
    """Documents whose parsed and validated form is kept, the last used ones."""
    cached_characters: int = 300_000
    """Length of all documents that are kept; parsed they take some 300 bytes a character."""

    socket_message_bytes: int = 16 * MIB
    """Bytes of one message of a websocket."""
    socket_init_bytes: int = 64 * 1024
    """Bytes of one message of a websocket before the server has acknowledged the connection."""
    socket_operations: int = 100
    """Operations under way on one websocket."""
    socket_init_s: float = 3.0
    """Seconds in which a websocket must send `connection_init`."""
    socket_ping_s: float = 20.0
    """Seconds between pings; a socket that sent nothing from one to the next is closed."""
    socket_send_s: float = 30.0
    """Seconds that a message may wait for a client that does not read."""
    stream_ping_s: float = 12.0
    """Seconds between the heartbeats of an event stream over HTTP."""

    def message_bytes_for(self, context: OperationContext | None) -> int:
        """How long a websocket's message of a caller may be; None has not said who it is."""
        if context is None:
            return self.socket_init_bytes
        return self.socket_message_bytes if context.is_known else self.strangers_body_bytes

    def values_for(self, context: OperationContext | None) -> int:
        """How many values one JSON text of a caller may have; None has not said who it is."""
        known = context is not None and context.is_known
        return self.json_values if known else self.strangers_json_values
