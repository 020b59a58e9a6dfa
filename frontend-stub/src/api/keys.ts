import { mutate, query } from "./client";
import { checked, given } from "./failure";
import { type ResultOf, graphql } from "./graphql";

const keysDocument = graphql(`
  query Keys($after: String) {
    apiKeys(first: 100, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        name
        prefix
        scopes
        createdAt
        lastUsedAt
        revokedAt
        functions {
          id
        }
      }
    }
  }
`);

const createKeyDocument = graphql(`
  mutation CreateKey($input: CreateApiKeyInput!) {
    createApiKey(input: $input) {
      secret
      errors {
        code
        message
        path
      }
    }
  }
`);

const revokeKeyDocument = graphql(`
  mutation RevokeKey($id: ID!) {
    revokeApiKey(input: { id: $id }) {
      errors {
        code
        message
        path
      }
    }
  }
`);

type KeysData = ResultOf<typeof keysDocument>;
export type ApiKey = KeysData["apiKeys"]["nodes"][number];

/** The valid keys that are restricted to this function, newest first. */
export async function listInvokeKeys(functionId: string): Promise<ApiKey[]> {
  const keys: ApiKey[] = [];
  let after: string | null = null;
  do {
    const { apiKeys }: KeysData = await query(keysDocument, { after });
    keys.push(...apiKeys.nodes);
    after = apiKeys.pageInfo.hasNextPage ? apiKeys.pageInfo.endCursor : null;
  } while (after !== null);
  return keys
    .filter(
      ({ revokedAt, functions }) =>
        revokedAt === null && functions?.some(({ id }) => id === functionId),
    )
    .sort((one, other) => other.createdAt.localeCompare(one.createdAt));
}

/** Create a key that may only invoke this function; returns its secret, shown only once. */
export async function createInvokeKey(functionId: string, name: string): Promise<string> {
  const input = { name, scopes: ["INVOKE" as const], functionIds: [functionId] };
  const { secret } = checked((await mutate(createKeyDocument, { input })).createApiKey);
  return given(secret, "createApiKey", "a secret");
}

/** Revoke a key. */
export async function revokeKey(id: string): Promise<void> {
  checked((await mutate(revokeKeyDocument, { id })).revokeApiKey);
}
