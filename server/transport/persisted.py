"""Documents by their hash: automatic persisted queries, and a server of registered documents.

Source: https://www.apollographql.com/docs/apollo-server/performance/apq
"""

import hashlib
from collections.abc import Iterable, Mapping

from server.transport.errors import RequestError
from server.transport.kept import Kept
from server.transport.limits import Limits

NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
NOT_REGISTERED = "DOCUMENT_NOT_REGISTERED"


def hash_of(text: str) -> str:
    """The name of a document: the SHA-256 of its text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class PersistedDocuments:
    """The texts of documents by their hashes.

    With ``registered`` no other document is answered. Else clients register what they send, and
    the texts last used are kept.
    """

    def __init__(self, limits: Limits, registered: Iterable[str] | None = None) -> None:
        self._registered = (
            None if registered is None else {hash_of(text): text for text in registered}
        )
        self._kept: Kept[str] = Kept(limits.cached_documents, limits.cached_characters)

    def allows(self, text: str) -> bool:
        """Whether a document of this text is answered."""
        return self._registered is None or hash_of(text) in self._registered

    def text(self, query: str | None, extensions: Mapping[str, object] | None) -> str | None:
        """The text of the document that a request means, None where it names none.

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
        if query:
            if name != hash_of(query):
                raise RequestError(400, "`sha256Hash` is not the hash of `query`.")
            if self._registered is None:
                self._kept.put(name, query, len(query))
            return query
        known = self._registered.get(name) if self._registered is not None else self._kept.get(name)
        if known is None:
            # Clients look for these words, and send the text then: no fault, so the status is 200.
            raise RequestError(200, "PersistedQueryNotFound", code=NOT_FOUND)
        return known
