import { mutate } from "./client";
import { checked, given } from "./failure";
import { graphql } from "./graphql";

const createLabelDocument = graphql(`
  mutation CreateLabel($functionId: ID!, $name: String!, $description: String) {
    createLabel(input: { functionId: $functionId, name: $name, description: $description }) {
      label {
        id
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

const updateLabelDocument = graphql(`
  mutation UpdateLabel($id: ID!, $name: String, $description: String) {
    updateLabel(input: { id: $id, name: $name, description: $description }) {
      label {
        id
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

const deleteLabelDocument = graphql(`
  mutation DeleteLabel($id: ID!, $moveToLabelId: ID) {
    deleteLabel(input: { id: $id, moveToLabelId: $moveToLabelId }) {
      deletedLabelId
      errors {
        code
        message
        path
      }
    }
  }
`);

/** Create a label, and return its ID. */
export async function createLabel(
  functionId: string,
  name: string,
  description: string | null = null,
): Promise<string> {
  const variables = { functionId, name, description };
  const { createLabel: payload } = await mutate(createLabelDocument, variables);
  return given(checked(payload).label, "createLabel", "a label").id;
}

/** Change a label's name and description; null removes the description. */
export async function updateLabel(
  id: string,
  name: string,
  description: string | null,
): Promise<void> {
  checked((await mutate(updateLabelDocument, { id, name, description })).updateLabel);
}

/** Delete a label; its annotations are deleted too, or move to another label. */
export async function deleteLabel(id: string, moveToLabelId: string | null): Promise<void> {
  checked((await mutate(deleteLabelDocument, { id, moveToLabelId })).deleteLabel);
}
