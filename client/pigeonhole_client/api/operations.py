__all__ = [
    "ACCEPT_PREDICTIONS_GQL",
    "ACTIVATE_MODEL_GQL",
    "ADD_SAMPLES_GQL",
    "ANNOTATE_SAMPLES_GQL",
    "CANCEL_TRAINING_GQL",
    "CHANGE_ENCODER_GQL",
    "CLEAR_ANNOTATIONS_GQL",
    "CREATE_API_KEY_GQL",
    "CREATE_FUNCTION_GQL",
    "CREATE_LABEL_GQL",
    "DELETE_FUNCTION_GQL",
    "DELETE_LABEL_GQL",
    "DELETE_SAMPLES_GQL",
    "FUNCTION_CHANGED_GQL",
    "FUNCTION_ENCODER_CHANGED_GQL",
    "GET_ACCEPTABLE_PREDICTIONS_GQL",
    "GET_FUNCTION_BY_NAME_GQL",
    "GET_FUNCTION_ENCODER_GQL",
    "GET_FUNCTION_GQL",
    "GET_VIEWER_GQL",
    "GIVE_FEEDBACK_GQL",
    "GO_BACK_TO_ENCODER_GQL",
    "INVOKE_GQL",
    "LIST_API_KEYS_GQL",
    "LIST_ENCODERS_GQL",
    "LIST_FUNCTIONS_GQL",
    "LIST_IMAGES_GQL",
    "LIST_LABELS_GQL",
    "LIST_LABEL_NAMES_GQL",
    "LIST_SAMPLES_GQL",
    "LIST_TRAINING_RUNS_GQL",
    "PURGE_SAMPLES_GQL",
    "RESTORE_SAMPLES_GQL",
    "REVOKE_API_KEY_GQL",
    "START_TRAINING_GQL",
    "STOP_ENCODER_CHANGE_GQL",
    "SWITCH_ENCODER_GQL",
    "TRAINING_PROGRESS_GQL",
    "UNDO_ACCEPTANCE_GQL",
    "UPDATE_FUNCTION_GQL",
    "UPDATE_LABEL_GQL",
]

CREATE_FUNCTION_GQL = """
mutation CreateFunction($input: CreateFunctionInput!) {
  createFunction(input: $input) {
    function {
      ...FunctionFields
    }
    errors {
      ...ErrorFields
    }
  }
}

fragment ErrorFields on UserError {
  code
  message
  path
}

fragment EstimateFields on Estimate {
  value
  lower
  upper
  count
}

fragment FunctionFields on Function {
  id
  name
  description
  visibility
  state
  autoTrain
  maxErrorRate
  createdAt
  updatedAt
  encoder
  readiness {
    trainable
    missing
  }
  sampleCounts {
    total
    annotated
    unannotated
    embedded
    inReview
  }
  trainingOwed
  trainingRuns(last: 1) {
    nodes {
      ...TrainingRunFields
    }
  }
  model {
    id
    version
    createdAt
    metrics {
      accuracy {
        ...EstimateFields
      }
    }
  }
}

fragment TrainingRunFields on TrainingRun {
  id
  state
  stage
  progress
  failure
  waitingFor
  keptBack
  sampleCount
  queuedAt
  startedAt
  finishedAt
  accuracy {
    ...EstimateFields
  }
}
"""

UPDATE_FUNCTION_GQL = """
mutation UpdateFunction($input: UpdateFunctionInput!) {
  updateFunction(input: $input) {
    function {
      ...FunctionFields
    }
    errors {
      ...ErrorFields
    }
  }
}

fragment ErrorFields on UserError {
  code
  message
  path
}

fragment EstimateFields on Estimate {
  value
  lower
  upper
  count
}

fragment FunctionFields on Function {
  id
  name
  description
  visibility
  state
  autoTrain
  maxErrorRate
  createdAt
  updatedAt
  encoder
  readiness {
    trainable
    missing
  }
  sampleCounts {
    total
    annotated
    unannotated
    embedded
    inReview
  }
  trainingOwed
  trainingRuns(last: 1) {
    nodes {
      ...TrainingRunFields
    }
  }
  model {
    id
    version
    createdAt
    metrics {
      accuracy {
        ...EstimateFields
      }
    }
  }
}

fragment TrainingRunFields on TrainingRun {
  id
  state
  stage
  progress
  failure
  waitingFor
  keptBack
  sampleCount
  queuedAt
  startedAt
  finishedAt
  accuracy {
    ...EstimateFields
  }
}
"""

DELETE_FUNCTION_GQL = """
mutation DeleteFunction($input: DeleteFunctionInput!) {
  deleteFunction(input: $input) {
    deletedFunctionId
    errors {
      ...ErrorFields
    }
  }
}

fragment ErrorFields on UserError {
  code
  message
  path
}
"""

CREATE_LABEL_GQL = """
mutation CreateLabel($input: CreateLabelInput!) {
  createLabel(input: $input) {
    label {
      ...LabelFields
    }
    errors {
      ...ErrorFields
    }
  }
}

fragment ErrorFields on UserError {
  code
  message
  path
}

fragment LabelFields on Label {
  id
  name
  description
  metadata
  sampleCount
  createdAt
}
"""

UPDATE_LABEL_GQL = """
mutation UpdateLabel($input: UpdateLabelInput!) {
  updateLabel(input: $input) {
    label {
      ...LabelFields
    }
    errors {
      ...ErrorFields
    }
  }
}

fragment ErrorFields on UserError {
  code
  message
  path
}

fragment LabelFields on Label {
  id
  name
  description
  metadata
  sampleCount
  createdAt
}
"""

DELETE_LABEL_GQL = """
mutation DeleteLabel($input: DeleteLabelInput!) {
  deleteLabel(input: $input) {
    deletedLabelId
    errors {
      ...ErrorFields
    }
  }
}

fragment ErrorFields on UserError {
  code
  message
  path
}
"""

ADD_SAMPLES_GQL = """
mutation AddSamples($input: AddSamplesInput!) {
  addSamples(input: $input) {
    createdCount
    results {
      duplicate
      sample {
        id
      }
      error {
        ...ErrorFields
      }
    }
    errors {
      ...ErrorFields
    }
  }
}

fragment ErrorFields on UserError {
  code
  message
  path
}
"""

DELETE_SAMPLES_GQL = """
mutation DeleteSamples($input: DeleteSamplesInput!) {
  deleteSamples(input: $input) {
    deletedSampleIds
    deletedSamples {
      id
      sampleId
    }
    errors {
      ...ErrorFields
    }
  }
}

fragment ErrorFields on UserError {
  code
  message
  path
}
"""

RESTORE_SAMPLES_GQL = """
mutation RestoreSamples($input: RestoreSamplesInput!) {
  restoreSamples(input: $input) {
    results {
      sample {
        id
      }
      error {
        ...ErrorFields
      }
    }
    errors {
      ...ErrorFields
    }
  }
}

fragment ErrorFields on UserError {
  code
  message
  path
}
"""

PURGE_SAMPLES_GQL = """
mutation PurgeSamples($input: PurgeSamplesInput!) {
  purgeSamples(input: $input) {
    purgedIds
    errors {
      ...ErrorFields
    }
  }
}

fragment ErrorFields on UserError {
  code
  message
  path
}
"""

ANNOTATE_SAMPLES_GQL = """
mutation AnnotateSamples($input: AnnotateSamplesInput!) {
  annotateSamples(input: $input) {
    results {
      sample {
        id
      }
      error {
        ...ErrorFields
      }
    }
    errors {
      ...ErrorFields
    }
  }
}

fragment ErrorFields on UserError {
  code
  message
  path
}
"""

CLEAR_ANNOTATIONS_GQL = """
mutation ClearAnnotations($input: ClearAnnotationsInput!) {
  clearAnnotations(input: $input) {
    results {
      sample {
        id
      }
      error {
        ...ErrorFields
      }
    }
    errors {
      ...ErrorFields
    }
  }
}

fragment ErrorFields on UserError {
  code
  message
  path
}
"""

START_TRAINING_GQL = """
mutation StartTraining($input: StartTrainingInput!) {
  startTraining(input: $input) {
    trainingRun {
      ...TrainingRunFields
    }
    errors {
      ...ErrorFields
    }
  }
}

fragment ErrorFields on UserError {
  code
  message
  path
}

fragment EstimateFields on Estimate {
  value
  lower
  upper
  count
}

fragment TrainingRunFields on TrainingRun {
  id
  state
  stage
  progress
  failure
  waitingFor
  keptBack
  sampleCount
  queuedAt
  startedAt
  finishedAt
  accuracy {
    ...EstimateFields
  }
}
"""

CANCEL_TRAINING_GQL = """
mutation CancelTraining($input: CancelTrainingInput!) {
  cancelTraining(input: $input) {
    trainingRun {
      ...TrainingRunFields
    }
    errors {
      ...ErrorFields
    }
  }
}

fragment ErrorFields on UserError {
  code
  message
  path
}

fragment EstimateFields on Estimate {
  value
  lower
  upper
  count
}

fragment TrainingRunFields on TrainingRun {
  id
  state
  stage
  progress
  failure
  waitingFor
  keptBack
  sampleCount
  queuedAt
  startedAt
  finishedAt
  accuracy {
    ...EstimateFields
  }
}
"""

ACTIVATE_MODEL_GQL = """
mutation ActivateModel($input: ActivateModelInput!) {
  activateModel(input: $input) {
    model {
      id
      version
    }
    errors {
      ...ErrorFields
    }
  }
}

fragment ErrorFields on UserError {
  code
  message
  path
}
"""

INVOKE_GQL = """
mutation Invoke($input: InvokeInput!) {
  invoke(input: $input) {
    invocation {
      ...InvocationFields
    }
    errors {
      ...ErrorFields
    }
  }
}

fragment ErrorFields on UserError {
  code
  message
  path
}

fragment InvocationFields on Invocation {
  id
  externalId
  fileName
  createdAt
  prediction {
    confidence
    decision
    label {
      id
      name
    }
    ranking {
      confidence
      label {
        id
        name
      }
    }
  }
}
"""

GIVE_FEEDBACK_GQL = """
mutation GiveFeedback($input: GiveFeedbackInput!) {
  giveFeedback(input: $input) {
    sample {
      ...SampleFields
    }
    errors {
      ...ErrorFields
    }
  }
}

fragment ErrorFields on UserError {
  code
  message
  path
}

fragment SampleFields on Sample {
  id
  externalId
  fileName
  metadata
  source
  createdAt
  updatedAt
  mistakeScore
  disputed
  unreadable
  image {
    width
    height
    byteSize
    mediaType
    sha256
    url
  }
  annotation {
    confirmed
    source
    createdAt
    createdBy
    label {
      id
      name
    }
  }
  crossValidated {
    confidence
    decision
    label {
      id
      name
    }
  }
}
"""

CREATE_API_KEY_GQL = """
mutation CreateApiKey($input: CreateApiKeyInput!) {
  createApiKey(input: $input) {
    secret
    apiKey {
      ...ApiKeyFields
    }
    errors {
      ...ErrorFields
    }
  }
}

fragment ApiKeyFields on ApiKey {
  id
  name
  prefix
  scopes
  createdAt
  expiresAt
  lastUsedAt
  revokedAt
}

fragment ErrorFields on UserError {
  code
  message
  path
}
"""

REVOKE_API_KEY_GQL = """
mutation RevokeApiKey($input: RevokeApiKeyInput!) {
  revokeApiKey(input: $input) {
    apiKey {
      ...ApiKeyFields
    }
    errors {
      ...ErrorFields
    }
  }
}

fragment ApiKeyFields on ApiKey {
  id
  name
  prefix
  scopes
  createdAt
  expiresAt
  lastUsedAt
  revokedAt
}

fragment ErrorFields on UserError {
  code
  message
  path
}
"""

CHANGE_ENCODER_GQL = """
mutation ChangeEncoder($input: ChangeEncoderInput!) {
  changeEncoder(input: $input) {
    encoderChange {
      ...EncoderChangeFields
    }
    errors {
      ...ErrorFields
    }
  }
}

fragment EncoderChangeFields on EncoderChange {
  encoder
  encoderBefore
  state
  switchesByItself
  canGoBack
  createdAt
  finishedAt
  embeddedCount
  comparison {
    ...EncoderComparisonFields
  }
}

fragment EncoderComparisonFields on EncoderComparison {
  sampleCount
  accuracyBefore
  accuracyAfter
  logLossBefore
  logLossAfter
  gainedCount
  lostCount
  gainedSampleIds
  lostSampleIds
  pValue
  worse
  millisecondsBefore
  millisecondsAfter
}

fragment ErrorFields on UserError {
  code
  message
  path
}
"""

STOP_ENCODER_CHANGE_GQL = """
mutation StopEncoderChange($input: StopEncoderChangeInput!) {
  stopEncoderChange(input: $input) {
    encoderChange {
      ...EncoderChangeFields
    }
    errors {
      ...ErrorFields
    }
  }
}

fragment EncoderChangeFields on EncoderChange {
  encoder
  encoderBefore
  state
  switchesByItself
  canGoBack
  createdAt
  finishedAt
  embeddedCount
  comparison {
    ...EncoderComparisonFields
  }
}

fragment EncoderComparisonFields on EncoderComparison {
  sampleCount
  accuracyBefore
  accuracyAfter
  logLossBefore
  logLossAfter
  gainedCount
  lostCount
  gainedSampleIds
  lostSampleIds
  pValue
  worse
  millisecondsBefore
  millisecondsAfter
}

fragment ErrorFields on UserError {
  code
  message
  path
}
"""

SWITCH_ENCODER_GQL = """
mutation SwitchEncoder($input: SwitchEncoderInput!) {
  switchEncoder(input: $input) {
    encoderChange {
      ...EncoderChangeFields
    }
    errors {
      ...ErrorFields
    }
  }
}

fragment EncoderChangeFields on EncoderChange {
  encoder
  encoderBefore
  state
  switchesByItself
  canGoBack
  createdAt
  finishedAt
  embeddedCount
  comparison {
    ...EncoderComparisonFields
  }
}

fragment EncoderComparisonFields on EncoderComparison {
  sampleCount
  accuracyBefore
  accuracyAfter
  logLossBefore
  logLossAfter
  gainedCount
  lostCount
  gainedSampleIds
  lostSampleIds
  pValue
  worse
  millisecondsBefore
  millisecondsAfter
}

fragment ErrorFields on UserError {
  code
  message
  path
}
"""

GO_BACK_TO_ENCODER_GQL = """
mutation GoBackToEncoder($input: GoBackToEncoderInput!) {
  goBackToEncoder(input: $input) {
    encoderChange {
      ...EncoderChangeFields
    }
    errors {
      ...ErrorFields
    }
  }
}

fragment EncoderChangeFields on EncoderChange {
  encoder
  encoderBefore
  state
  switchesByItself
  canGoBack
  createdAt
  finishedAt
  embeddedCount
  comparison {
    ...EncoderComparisonFields
  }
}

fragment EncoderComparisonFields on EncoderComparison {
  sampleCount
  accuracyBefore
  accuracyAfter
  logLossBefore
  logLossAfter
  gainedCount
  lostCount
  gainedSampleIds
  lostSampleIds
  pValue
  worse
  millisecondsBefore
  millisecondsAfter
}

fragment ErrorFields on UserError {
  code
  message
  path
}
"""

ACCEPT_PREDICTIONS_GQL = """
mutation AcceptPredictions($input: AcceptPredictionsInput!) {
  acceptPredictions(input: $input) {
    acceptedCount
    hasMore
    acceptedAt
    errors {
      ...ErrorFields
    }
  }
}

fragment ErrorFields on UserError {
  code
  message
  path
}
"""

UNDO_ACCEPTANCE_GQL = """
mutation UndoAcceptance($input: UndoAcceptanceInput!) {
  undoAcceptance(input: $input) {
    clearedCount
    hasMore
    errors {
      ...ErrorFields
    }
  }
}

fragment ErrorFields on UserError {
  code
  message
  path
}
"""

GET_VIEWER_GQL = """
query GetViewer {
  viewer {
    scopes
    apiKey {
      ...ApiKeyFields
    }
  }
}

fragment ApiKeyFields on ApiKey {
  id
  name
  prefix
  scopes
  createdAt
  expiresAt
  lastUsedAt
  revokedAt
}
"""

GET_FUNCTION_GQL = """
query GetFunction($id: ID!) {
  function(id: $id) {
    ...FunctionFields
  }
}

fragment EstimateFields on Estimate {
  value
  lower
  upper
  count
}

fragment FunctionFields on Function {
  id
  name
  description
  visibility
  state
  autoTrain
  maxErrorRate
  createdAt
  updatedAt
  encoder
  readiness {
    trainable
    missing
  }
  sampleCounts {
    total
    annotated
    unannotated
    embedded
    inReview
  }
  trainingOwed
  trainingRuns(last: 1) {
    nodes {
      ...TrainingRunFields
    }
  }
  model {
    id
    version
    createdAt
    metrics {
      accuracy {
        ...EstimateFields
      }
    }
  }
}

fragment TrainingRunFields on TrainingRun {
  id
  state
  stage
  progress
  failure
  waitingFor
  keptBack
  sampleCount
  queuedAt
  startedAt
  finishedAt
  accuracy {
    ...EstimateFields
  }
}
"""

GET_FUNCTION_BY_NAME_GQL = """
query GetFunctionByName($name: String!) {
  functionByName(name: $name) {
    ...FunctionFields
  }
}

fragment EstimateFields on Estimate {
  value
  lower
  upper
  count
}

fragment FunctionFields on Function {
  id
  name
  description
  visibility
  state
  autoTrain
  maxErrorRate
  createdAt
  updatedAt
  encoder
  readiness {
    trainable
    missing
  }
  sampleCounts {
    total
    annotated
    unannotated
    embedded
    inReview
  }
  trainingOwed
  trainingRuns(last: 1) {
    nodes {
      ...TrainingRunFields
    }
  }
  model {
    id
    version
    createdAt
    metrics {
      accuracy {
        ...EstimateFields
      }
    }
  }
}

fragment TrainingRunFields on TrainingRun {
  id
  state
  stage
  progress
  failure
  waitingFor
  keptBack
  sampleCount
  queuedAt
  startedAt
  finishedAt
  accuracy {
    ...EstimateFields
  }
}
"""

LIST_FUNCTIONS_GQL = """
query ListFunctions($first: Int, $after: String, $nameContains: String) {
  functions(first: $first, after: $after, nameContains: $nameContains) {
    nodes {
      ...FunctionFields
    }
    pageInfo {
      ...PageFields
    }
  }
}

fragment EstimateFields on Estimate {
  value
  lower
  upper
  count
}

fragment FunctionFields on Function {
  id
  name
  description
  visibility
  state
  autoTrain
  maxErrorRate
  createdAt
  updatedAt
  encoder
  readiness {
    trainable
    missing
  }
  sampleCounts {
    total
    annotated
    unannotated
    embedded
    inReview
  }
  trainingOwed
  trainingRuns(last: 1) {
    nodes {
      ...TrainingRunFields
    }
  }
  model {
    id
    version
    createdAt
    metrics {
      accuracy {
        ...EstimateFields
      }
    }
  }
}

fragment PageFields on PageInfo {
  hasNextPage
  endCursor
}

fragment TrainingRunFields on TrainingRun {
  id
  state
  stage
  progress
  failure
  waitingFor
  keptBack
  sampleCount
  queuedAt
  startedAt
  finishedAt
  accuracy {
    ...EstimateFields
  }
}
"""

LIST_LABELS_GQL = """
query ListLabels($functionId: ID!, $first: Int, $after: String) {
  function(id: $functionId) {
    labels(first: $first, after: $after) {
      nodes {
        ...LabelFields
      }
      pageInfo {
        ...PageFields
      }
    }
  }
}

fragment LabelFields on Label {
  id
  name
  description
  metadata
  sampleCount
  createdAt
}

fragment PageFields on PageInfo {
  hasNextPage
  endCursor
}
"""

LIST_LABEL_NAMES_GQL = """
query ListLabelNames($functionId: ID!, $first: Int, $after: String) {
  function(id: $functionId) {
    labels(first: $first, after: $after) {
      nodes {
        id
        name
      }
      pageInfo {
        ...PageFields
      }
    }
  }
}

fragment PageFields on PageInfo {
  hasNextPage
  endCursor
}
"""

LIST_SAMPLES_GQL = """
query ListSamples($functionId: ID!, $first: Int, $after: String, $filter: SampleFilter, $orderBy: SampleOrder, $search: SampleSearch) {
  function(id: $functionId) {
    samples(
      first: $first
      after: $after
      filter: $filter
      orderBy: $orderBy
      search: $search
    ) {
      nodes {
        ...SampleFields
      }
      pageInfo {
        ...PageFields
      }
    }
  }
}

fragment PageFields on PageInfo {
  hasNextPage
  endCursor
}

fragment SampleFields on Sample {
  id
  externalId
  fileName
  metadata
  source
  createdAt
  updatedAt
  mistakeScore
  disputed
  unreadable
  image {
    width
    height
    byteSize
    mediaType
    sha256
    url
  }
  annotation {
    confirmed
    source
    createdAt
    createdBy
    label {
      id
      name
    }
  }
  crossValidated {
    confidence
    decision
    label {
      id
      name
    }
  }
}
"""

LIST_IMAGES_GQL = """
query ListImages($functionId: ID!, $first: Int, $after: String) {
  function(id: $functionId) {
    samples(first: $first, after: $after) {
      nodes {
        id
        externalId
        image {
          sha256
        }
        annotation {
          label {
            name
          }
        }
      }
      pageInfo {
        ...PageFields
      }
    }
  }
}

fragment PageFields on PageInfo {
  hasNextPage
  endCursor
}
"""

LIST_TRAINING_RUNS_GQL = """
query ListTrainingRuns($functionId: ID!, $first: Int, $after: String) {
  function(id: $functionId) {
    trainingRuns(first: $first, after: $after) {
      nodes {
        ...TrainingRunFields
      }
      pageInfo {
        ...PageFields
      }
    }
  }
}

fragment EstimateFields on Estimate {
  value
  lower
  upper
  count
}

fragment PageFields on PageInfo {
  hasNextPage
  endCursor
}

fragment TrainingRunFields on TrainingRun {
  id
  state
  stage
  progress
  failure
  waitingFor
  keptBack
  sampleCount
  queuedAt
  startedAt
  finishedAt
  accuracy {
    ...EstimateFields
  }
}
"""

LIST_API_KEYS_GQL = """
query ListApiKeys($first: Int, $after: String) {
  apiKeys(first: $first, after: $after) {
    nodes {
      ...ApiKeyFields
    }
    pageInfo {
      ...PageFields
    }
  }
}

fragment ApiKeyFields on ApiKey {
  id
  name
  prefix
  scopes
  createdAt
  expiresAt
  lastUsedAt
  revokedAt
}

fragment PageFields on PageInfo {
  hasNextPage
  endCursor
}
"""

LIST_ENCODERS_GQL = """
query ListEncoders {
  encoders {
    ...EncoderFields
  }
}

fragment EncoderFields on EncoderChoice {
  name
  licence
  megabytes
  accuracy
  note
  milliseconds
  isHere
}
"""

GET_FUNCTION_ENCODER_GQL = """
query GetFunctionEncoder($id: ID!) {
  function(id: $id) {
    ...FunctionEncoderFields
  }
}

fragment EncoderChangeFields on EncoderChange {
  encoder
  encoderBefore
  state
  switchesByItself
  canGoBack
  createdAt
  finishedAt
  embeddedCount
  comparison {
    ...EncoderComparisonFields
  }
}

fragment EncoderComparisonFields on EncoderComparison {
  sampleCount
  accuracyBefore
  accuracyAfter
  logLossBefore
  logLossAfter
  gainedCount
  lostCount
  gainedSampleIds
  lostSampleIds
  pValue
  worse
  millisecondsBefore
  millisecondsAfter
}

fragment FunctionEncoderFields on Function {
  id
  name
  encoder
  sampleCounts {
    total
  }
  encoderChange {
    ...EncoderChangeFields
  }
}
"""

GET_ACCEPTABLE_PREDICTIONS_GQL = """
query GetAcceptablePredictions($id: ID!, $minConfidence: Float!, $filter: SampleFilter) {
  function(id: $id) {
    acceptablePredictions(minConfidence: $minConfidence, filter: $filter) {
      ...AcceptableFields
    }
  }
}

fragment AcceptableFields on AcceptablePredictions {
  count
  expectedErrors
  version
  errorRate {
    ...EstimateFields
  }
}

fragment EstimateFields on Estimate {
  value
  lower
  upper
  count
}
"""

FUNCTION_CHANGED_GQL = """
subscription FunctionChanged($id: ID!) {
  functionChanged(id: $id) {
    ...FunctionFields
  }
}

fragment EstimateFields on Estimate {
  value
  lower
  upper
  count
}

fragment FunctionFields on Function {
  id
  name
  description
  visibility
  state
  autoTrain
  maxErrorRate
  createdAt
  updatedAt
  encoder
  readiness {
    trainable
    missing
  }
  sampleCounts {
    total
    annotated
    unannotated
    embedded
    inReview
  }
  trainingOwed
  trainingRuns(last: 1) {
    nodes {
      ...TrainingRunFields
    }
  }
  model {
    id
    version
    createdAt
    metrics {
      accuracy {
        ...EstimateFields
      }
    }
  }
}

fragment TrainingRunFields on TrainingRun {
  id
  state
  stage
  progress
  failure
  waitingFor
  keptBack
  sampleCount
  queuedAt
  startedAt
  finishedAt
  accuracy {
    ...EstimateFields
  }
}
"""

TRAINING_PROGRESS_GQL = """
subscription TrainingProgress($functionId: ID!) {
  trainingProgress(functionId: $functionId) {
    ...TrainingRunFields
  }
}

fragment EstimateFields on Estimate {
  value
  lower
  upper
  count
}

fragment TrainingRunFields on TrainingRun {
  id
  state
  stage
  progress
  failure
  waitingFor
  keptBack
  sampleCount
  queuedAt
  startedAt
  finishedAt
  accuracy {
    ...EstimateFields
  }
}
"""

FUNCTION_ENCODER_CHANGED_GQL = """
subscription FunctionEncoderChanged($id: ID!) {
  functionChanged(id: $id) {
    ...FunctionEncoderFields
  }
}

fragment EncoderChangeFields on EncoderChange {
  encoder
  encoderBefore
  state
  switchesByItself
  canGoBack
  createdAt
  finishedAt
  embeddedCount
  comparison {
    ...EncoderComparisonFields
  }
}

fragment EncoderComparisonFields on EncoderComparison {
  sampleCount
  accuracyBefore
  accuracyAfter
  logLossBefore
  logLossAfter
  gainedCount
  lostCount
  gainedSampleIds
  lostSampleIds
  pValue
  worse
  millisecondsBefore
  millisecondsAfter
}

fragment FunctionEncoderFields on Function {
  id
  name
  encoder
  sampleCounts {
    total
  }
  encoderChange {
    ...EncoderChangeFields
  }
}
"""
