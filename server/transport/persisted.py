"""Documents by their hash: automatic persisted queries, and a server of registered documents.

Source: https://www.apollographql.com/docs/apollo-server/performance/apq
"""

import hashlib
from collections.abc import Iterable, Mapping

from server.transport.codes import Code
from server.transport.errors import RequestError
from server.transport.kept import Kept
from server.transport.limits import Limits


def hash_of(text: str) -> str:
    """Return the name of a document: the SHA-256 of its text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class PersistedDocuments:
    """The texts of documents by their hashes.

    With ``registered`` no other document is executed. Otherwise clients register documents, and
    the recently used texts are kept.
    """

    def __init__(self, limits: Limits, registered: Iterable[str] | None = None) -> None:
        self._registered = (
            None if registered is None else {hash_of(text): text for text in registered}
        )
        self._longest = limits.document_characters
        self._kept: Kept[str] = Kept(limits.cached_documents, limits.cached_characters, owned=True)

    def allows(self, text: str) -> bool:
        """Return whether a document of this text may be executed."""
        return self._registered is None or hash_of(text) in self._registered

    def text(
        self, query: str | None, extensions: Mapping[str, object] | None, caller: str
    ) -> str | None:
        """Return the text of the document that a request means; None if it names none.

        Raises:
            RequestError: The hash is malformed, unknown, or not that of the text beside it.
        """
        asked = (extensions or {}).get("persistedQuery")
        if asked is None:
            return query
        if not isinstance(asked, dict) or asked.get("version") != 1:
            raise RequestError(400, "`persistedQuery` must be an object of version 1.")
        name = asked.get("sha256Hash")
        if not isinstance(name, str):
            raise RequestError(400, "`sha256Hash` must be a string.")
        if query and len(query) > self._longest:
            return query  # it will be refused because of its length
        if query:
            if name != hash_of(query):
                raise RequestError(400, "`sha256Hash` is not the hash of `query`.")
            if self._registered is None:
                self._kept.put(name, query, len(query), caller)
            return query
        known = self._registered.get(name) if self._registered is not None else self._kept.get(name)
        if known is None:
            # Clients recognise this message and then send the text. The status is 200, because
            # nothing is wrong.
            raise RequestError(200, "PersistedQueryNotFound", code=Code.PERSISTED_QUERY_NOT_FOUND)
        return known
