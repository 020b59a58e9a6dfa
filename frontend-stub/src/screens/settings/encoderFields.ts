import { graphql } from "../../api/graphql";

/** The fields of a function that its encoder and the change of it are shown from. */
export const encoderFields = graphql(`
  fragment EncoderFields on Function @_unmask {
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
  }
`);
