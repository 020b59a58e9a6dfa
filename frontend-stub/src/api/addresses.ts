/** The base URL of the server, such as `https://example.org/pigeonhole/`. */
export const server = new URL(".", window.location.href);

/** The URL of the GraphQL API over HTTP. */
export const endpoint = new URL("graphql", server).href;

/** The URL of the GraphQL API over websockets. */
export const socketEndpoint = endpoint.replace(/^http/, "ws");
