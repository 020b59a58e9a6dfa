/** The address below which the server is, such as `https://example.org/pigeonhole/`. */
export const server = new URL(".", window.location.href);

/** Where the GraphQL API is, over HTTP. */
export const endpoint = new URL("graphql", server).href;

/** Where the GraphQL API is, over websockets. */
export const socketEndpoint = endpoint.replace(/^http/, "ws");
