import { mutate, query } from "./client";
import { checked } from "./failure";
import { type ResultOf, graphql } from "./graphql";
import { type Sample, sampleFields } from "./samples";
import type { encoderFields } from "../screens/settings/encoderFields";

const encodersDocument = graphql(`
  query Encoders {
    encoders {
      name
      licence
      megabytes
      accuracy
      note
      milliseconds
      isHere
    }
  }
`);

const flippedDocument = graphql(
  `
    query Flipped($ids: [ID!]!) {
      nodes(ids: $ids) {
        ...SampleFields
      }
    }
  `,
  [sampleFields],
);

const changeDocument = graphql(`
  mutation ChangeEncoder($input: ChangeEncoderInput!) {
    changeEncoder(input: $input) {
      errors {
        code
        message
        path
      }
    }
  }
`);

const stopDocument = graphql(`
  mutation StopEncoderChange($functionId: ID!) {
    stopEncoderChange(input: { functionId: $functionId }) {
      errors {
        code
        message
        path
      }
    }
  }
`);

const switchDocument = graphql(`
  mutation SwitchEncoder($functionId: ID!) {
    switchEncoder(input: { functionId: $functionId }) {
      errors {
        code
        message
        path
      }
    }
  }
`);

const goBackDocument = graphql(`
  mutation GoBackToEncoder($functionId: ID!) {
    goBackToEncoder(input: { functionId: $functionId }) {
      errors {
        code
        message
        path
      }
    }
  }
`);

/** An encoder that the server knows. */
export type Encoder = ResultOf<typeof encodersDocument>["encoders"][number];
/** The last change of a function's encoder. */
export type EncoderChange = NonNullable<ResultOf<typeof encoderFields>["encoderChange"]>;
/** How the new version compares with the one before. */
export type Comparison = NonNullable<EncoderChange["comparison"]>;

export async function fetchEncoders(): Promise<Encoder[]> {
  return (await query(encodersDocument, {})).encoders;
}

/** The photos of these IDs; those that were deleted meanwhile are left out. */
export async function fetchFlipped(ids: string[]): Promise<Sample[]> {
  const { nodes } = await query(flippedDocument, { ids });
  return nodes.flatMap((node) => (node !== null && "image" in node ? [node] : []));
}

/** Begin to change the encoder; it switches by itself, or when `switchEncoder` is called. */
export async function changeEncoder(
  functionId: string,
  encoder: string,
  switchesByItself: boolean,
): Promise<void> {
  const input = { functionId, encoder, switchesByItself };
  checked((await mutate(changeDocument, { input })).changeEncoder);
}

export async function stopEncoderChange(functionId: string): Promise<void> {
  checked((await mutate(stopDocument, { functionId })).stopEncoderChange);
}

export async function switchEncoder(functionId: string): Promise<void> {
  checked((await mutate(switchDocument, { functionId })).switchEncoder);
}

export async function goBackToEncoder(functionId: string): Promise<void> {
  checked((await mutate(goBackDocument, { functionId })).goBackToEncoder);
}
