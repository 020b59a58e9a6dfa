import { graphql } from "../../api/graphql";

/** What the settings read of a function. */
export const settingsFields = graphql(`
  fragment SettingsFields on Function @_unmask {
    description
    visibility
    autoTrain
    learnsFromUnlabelled
    maxErrorRate
    encoderWarning
    capture {
      enabled
      below
      dailyLimit
    }
  }
`);

/** What they read of a label. */
export const labelSettingsFields = graphql(`
  fragment LabelSettingsFields on Label @_unmask {
    description
  }
`);
