import type { LabelWith } from "../../api/functions";
import { graphql } from "../../api/graphql";

/** The fields of a function that the settings read. */
export const settingsFields = graphql(`
  fragment SettingsFields on Function @_unmask {
    description
    visibility
    autoTrain
    learnsFromUnlabelled
    maxErrorRate
    capture {
      enabled
      below
      strange
      rareBelow
      randomShare
      dailyLimit
    }
  }
`);

/** The fields of a label that the settings read. */
export const labelSettingsFields = graphql(`
  fragment LabelSettingsFields on Label @_unmask {
    description
  }
`);

export type SettingsLabel = LabelWith<[typeof labelSettingsFields]>;
