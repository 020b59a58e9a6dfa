"""GraphQL over HTTP, event streams and websockets; it knows no field of any schema."""

from server.transport.app import GraphQLApp
from server.transport.context import OperationContext
from server.transport.limits import Limits

__all__ = ["GraphQLApp", "Limits", "OperationContext"]
