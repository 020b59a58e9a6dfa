import { graphql } from "../../api/graphql";

/** The fields of a function that the settings read. */
export const settingsFields = graphql(`
  fragment SettingsFields on Function @_unmask {
    description
    visibility
    autoTrain
    learnsFromUnlabelled
    maxErrorRate
    encoder
    encoderWarning
    encoderChange {
      encoder
      encoderBefore
      state
      switchesByItself
      canGoBack
      embeddedCount
      finishedAt
      comparison {
        sampleCount
        accuracyBefore
        accuracyAfter
        logLossBefore
        logLossAfter
        gainedCount
        lostCount
        gainedSampleIds
        lostSampleIds
        worse
        millisecondsBefore
        millisecondsAfter
      }
    }
    capture {
      enabled
      below
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
