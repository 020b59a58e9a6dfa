"""GraphQL over HTTP, event streams and websockets, for any schema.

```python
graphql = GraphQLApp(schema, make_context=make_context, limits=Limits(depth=15), graphiql=page)
app = Starlette(routes=[Route("/graphql", graphql), WebSocketRoute("/graphql", graphql)])
```
"""

from server.transport.app import GraphQLApp
from server.transport.context import OperationContext
from server.transport.limits import Limits

__all__ = ["GraphQLApp", "Limits", "OperationContext"]
