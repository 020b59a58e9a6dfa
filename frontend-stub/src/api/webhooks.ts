import { mutate, query } from "./client";
import { checked, given } from "./failure";
import { type ResultOf, type VariablesOf, graphql } from "./graphql";

/** Items of a page of a list. */
const PAGE = 25;

const webhookFields = graphql(`
  fragment WebhookFields on Webhook @_unmask {
    id
    url
    events
    enabled
    note
    previousSecretUntil
    createdAt
    function {
      id
      name
    }
  }
`);

const deliveryFields = graphql(`
  fragment DeliveryFields on WebhookDelivery @_unmask {
    id
    event
    state
    body
    attempts
    status
    failure
    createdAt
    deliveredAt
    dueAt
  }
`);

const webhookPage = graphql(
  `
    query WebhookPage($first: Int!, $after: String) {
      webhooks(first: $first, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          ...WebhookFields
        }
      }
    }
  `,
  [webhookFields],
);

const webhookDocument = graphql(
  `
    query Webhook($id: ID!) {
      node(id: $id) {
        ... on Webhook {
          ...WebhookFields
        }
      }
    }
  `,
  [webhookFields],
);

const deliveryPage = graphql(
  `
    query DeliveryPage($id: ID!, $last: Int!, $before: String) {
      node(id: $id) {
        ... on Webhook {
          deliveries(last: $last, before: $before) {
            pageInfo {
              hasPreviousPage
              startCursor
            }
            nodes {
              ...DeliveryFields
            }
          }
        }
      }
    }
  `,
  [deliveryFields],
);

const deliveryCount = graphql(`
  query DeliveryCount($id: ID!) {
    node(id: $id) {
      ... on Webhook {
        deliveries(first: 1) {
          totalCount
        }
      }
    }
  }
`);

const createDocument = graphql(`
  mutation CreateWebhook($input: CreateWebhookInput!) {
    createWebhook(input: $input) {
      secret
      errors {
        code
        message
        path
      }
    }
  }
`);

const updateDocument = graphql(`
  mutation UpdateWebhook($input: UpdateWebhookInput!) {
    updateWebhook(input: $input) {
      errors {
        code
        message
        path
      }
    }
  }
`);

const deleteDocument = graphql(`
  mutation DeleteWebhook($id: ID!) {
    deleteWebhook(input: { id: $id }) {
      errors {
        code
        message
        path
      }
    }
  }
`);

const rotateDocument = graphql(`
  mutation RotateWebhookSecret($id: ID!) {
    rotateWebhookSecret(input: { id: $id }) {
      secret
      errors {
        code
        message
        path
      }
    }
  }
`);

const testDocument = graphql(`
  mutation TestWebhook($id: ID!) {
    testWebhook(input: { id: $id }) {
      errors {
        code
        message
        path
      }
    }
  }
`);

const redeliverDocument = graphql(`
  mutation Redeliver($id: ID!) {
    redeliver(input: { id: $id }) {
      errors {
        code
        message
        path
      }
    }
  }
`);

export type Webhook = ResultOf<typeof webhookFields>;
export type Delivery = ResultOf<typeof deliveryFields>;
export type WebhookEvent = Delivery["event"];
export type CreateWebhookInput = VariablesOf<typeof createDocument>["input"];
export type UpdateWebhookInput = VariablesOf<typeof updateDocument>["input"];

export interface WebhookPage {
  webhooks: Webhook[];
  /** Where the next page starts; null on the last one. */
  next: string | null;
}

export interface DeliveryPage {
  deliveries: Delivery[];
  /** Where older deliveries end; null if there are none. */
  older: string | null;
}

/** A page of the webhooks of the deployment, oldest first. */
export async function fetchWebhooks(after: string | null): Promise<WebhookPage> {
  const { webhooks } = await query(webhookPage, { first: PAGE, after });
  const { hasNextPage, endCursor } = webhooks.pageInfo;
  return { webhooks: webhooks.nodes, next: hasNextPage ? endCursor : null };
}

/** A webhook; null if there is none, or no longer. */
export async function fetchWebhook(id: string): Promise<Webhook | null> {
  const { node } = await query(webhookDocument, { id });
  return node !== null && "url" in node ? node : null;
}

/** A page of a webhook's deliveries, newest first. */
export async function fetchDeliveries(id: string, before: string | null): Promise<DeliveryPage> {
  const { node } = await query(deliveryPage, { id, last: PAGE, before });
  if (node === null || !("deliveries" in node)) return { deliveries: [], older: null };
  const { nodes, pageInfo } = node.deliveries;
  return {
    deliveries: nodes.toReversed(),
    older: pageInfo.hasPreviousPage ? pageInfo.startCursor : null,
  };
}

/** The number of a webhook's deliveries, those that wait included. */
export async function countDeliveries(id: string): Promise<number> {
  const { node } = await query(deliveryCount, { id });
  return node !== null && "deliveries" in node ? node.deliveries.totalCount : 0;
}

/** Create a webhook; returns its secret, shown only once. */
export async function createWebhook(input: CreateWebhookInput): Promise<string> {
  const { secret } = checked((await mutate(createDocument, { input })).createWebhook);
  return given(secret, "createWebhook", "a secret");
}

/** Change a webhook's URL or events, or turn it on or off. */
export async function updateWebhook(input: UpdateWebhookInput): Promise<void> {
  checked((await mutate(updateDocument, { input })).updateWebhook);
}

/** Delete a webhook with its deliveries. */
export async function deleteWebhook(id: string): Promise<void> {
  checked((await mutate(deleteDocument, { id })).deleteWebhook);
}

/** Give a webhook a new secret, and return it; it is shown only once. */
export async function rotateSecret(id: string): Promise<string> {
  const { secret } = checked((await mutate(rotateDocument, { id })).rotateWebhookSecret);
  return given(secret, "rotateWebhookSecret", "a secret");
}

/** Send a webhook a test. */
export async function testWebhook(id: string): Promise<void> {
  checked((await mutate(testDocument, { id })).testWebhook);
}

/** Deliver an event again, or at once if it waits. */
export async function redeliver(deliveryId: string): Promise<void> {
  checked((await mutate(redeliverDocument, { id: deliveryId })).redeliver);
}
