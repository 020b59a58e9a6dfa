from datetime import datetime
from typing import Any, Optional

from pydantic import Field

from .base_model import BaseModel, Upload
from .enums import (
    AnnotationSource,
    ApiKeyScope,
    CaptureReason,
    DuplicatePolicy,
    FunctionVisibility,
    InputType,
    OutputType,
    SampleOrderField,
    SampleSource,
    SortDirection,
)


class AcceptPredictionsInput(BaseModel):
    """Predictions to accept as annotations."""

    function_id: str = Field(alias="functionId")
    "ID of the function."
    min_confidence: float = Field(alias="minConfidence")
    "Least confidence of the predictions, from 0 to 1."
    version: int
    "Version of the active model, as in `AcceptablePredictions.version`. If another one has become active, nothing is accepted and the error is `CONFLICT`."
    filter_: Optional["SampleFilter"] = Field(alias="filter", default=None)
    "Which samples. Default: all without an annotation."
    accepted_at: Optional[datetime] = Field(alias="acceptedAt", default=None)
    "`acceptedAt` of the acceptance to continue, of the last 24 hours. Default: a new one."


class ActivateModelInput(BaseModel):
    """Model to activate."""

    id: str
    "ID of the model to activate."


class AddSamplesInput(BaseModel):
    """Images to add to a function."""

    function_id: str = Field(alias="functionId")
    "ID of the function to add the images to."
    samples: list["SampleInput"]
    "Images to add, from 1 to 100."
    duplicates: DuplicatePolicy = DuplicatePolicy.MERGE
    "What to do with images that the function already has."


class AnnotateSamplesInput(BaseModel):
    """Samples to annotate."""

    annotations: list["AnnotationInput"]
    "Samples with their labels, from 1 to 100."


class AnnotationInput(BaseModel):
    """Label of one sample."""

    sample_id: str = Field(alias="sampleId")
    "ID of the sample to annotate."
    label: "SampleAnnotationInput"
    "Label that the sample shows."
    confirmed: Optional[bool] = None
    "Whether a person has confirmed the label. A confirmed sample is not disputed, whatever the model predicts. Default: unchanged if the label stays the same, otherwise false."
    expected: Optional["ExpectedAnnotationInput"] = None
    "Annotation that the caller believes the sample to have. If it has another, the sample is not changed, and its result has the error `CONFLICT`. Default: not checked."


class CancelTrainingInput(BaseModel):
    """Training run to cancel."""

    id: str
    "ID of the training run to cancel."


class CaptureSettingsInput(BaseModel):
    """Changes to the capture settings of a function. Omitted fields stay as they are; null is accepted only where a description says so."""

    enabled: Optional[bool] = None
    "Whether images of invocations are kept as samples."
    below: Optional[float] = None
    "Keep images whose prediction has a confidence below this, from 0 to 1."
    strange: Optional[bool] = None
    "Whether to keep images with the decision `NONE_OF_THESE`."
    rare_below: Optional[int] = Field(alias="rareBelow", default=None)
    "Keep images whose predicted label has fewer annotated samples than this; 0 keeps none for this reason."
    random_share: Optional[float] = Field(alias="randomShare", default=None)
    "Share of all images to keep at random, from 0 to 1."
    daily_limit: Optional[int] = Field(alias="dailyLimit", default=None)
    "Maximum number of images kept per day (UTC)."


class ChangeEncoderInput(BaseModel):
    """Function to change, and its new encoder."""

    function_id: str = Field(alias="functionId")
    "ID of the function to change."
    encoder: str
    "Name of the new encoder, one of `encoders` whose `isHere` is true."
    switches_by_itself: bool = Field(alias="switchesByItself", default=True)
    "Whether to switch as soon as the new model is there, unless it is worse. If false, `switchEncoder` does. Default: true."


class ClearAnnotationsInput(BaseModel):
    """Samples whose annotations to remove."""

    sample_ids: list[str] = Field(alias="sampleIds")
    "IDs of the samples, from 1 to 100."
    expected_label_ids: Optional[list[str]] = Field(
        alias="expectedLabelIds", default=None
    )
    "IDs of the labels that the caller believes the samples to have, in the same order. A sample that has another is not changed, and its result has the error `CONFLICT`. Default: not checked."


class CreateApiKeyInput(BaseModel):
    """API key to create."""

    name: str
    "Name that tells what the key is used for, at most 100 characters."
    scopes: list[ApiKeyScope]
    "What the key allows; at least one scope."
    function_ids: Optional[list[str]] = Field(alias="functionIds", default=None)
    "Functions that the key is restricted to, at most 100; all others do not exist for it. Default: not restricted. A key with the scope ADMIN cannot be restricted."
    expires_at: Optional[datetime] = Field(alias="expiresAt", default=None)
    "Time from which the key is refused. Default: it never expires."


class CreateFunctionInput(BaseModel):
    """Function to create."""

    name: str
    "Name of the function, unique without regard to case, at most 100 characters."
    description: Optional[str] = None
    "Free text, at most 2,000 characters."
    visibility: FunctionVisibility = FunctionVisibility.PRIVATE
    "Who may invoke the function. Default: only callers with a key."
    input_type: InputType = Field(alias="inputType", default=InputType.IMAGE)
    "Kind of input that the function takes."
    output_type: OutputType = Field(
        alias="outputType", default=OutputType.CLASSIFICATION
    )
    "Kind of output that the function returns."
    auto_train: bool = Field(alias="autoTrain", default=True)
    "Whether training starts automatically after annotations change."
    labels: list[str] = Field(default_factory=lambda: [])
    "Names of labels to create with the function, at most 1,000."


class CreateLabelInput(BaseModel):
    """Label to create."""

    function_id: str = Field(alias="functionId")
    "ID of the function that the label belongs to."
    name: str
    "Name of the label, at most 100 characters. Names of a function's labels must not be equal or look alike, without regard to case. Invisible characters are removed."
    description: Optional[str] = None
    "What images of the label look like, at most 2,000 characters."
    metadata: Optional[Any] = None
    "Any JSON value, returned with each prediction."


class DateTimeRange(BaseModel):
    """A range of time."""

    gte: Optional[datetime] = None
    "At or after this time. Default: no lower limit."
    lt: Optional[datetime] = None
    "Before this time. Default: no upper limit."


class DeleteFunctionInput(BaseModel):
    """Function to delete."""

    id: str
    "ID of the function to delete."


class DeleteLabelInput(BaseModel):
    """Label to delete."""

    id: str
    "ID of the label to delete."
    move_to_label_id: Optional[str] = Field(alias="moveToLabelId", default=None)
    "ID of another label of the function that takes over the annotations. Default: the annotations are deleted."


class DeleteSamplesInput(BaseModel):
    """Samples to delete."""

    ids: list[str]
    "IDs of the samples to delete, from 1 to 100."
    permanently: bool = False
    "Whether to delete the samples for good, in place of moving them to the trash."


class ExpectedAnnotationInput(BaseModel):
    """Annotation that a sample is believed to have."""

    label_id: Optional[str] = Field(alias="labelId", default=None)
    "ID of the label; null if the sample has none."


class FloatRange(BaseModel):
    """A range of numbers."""

    gte: Optional[float] = None
    "Greater than or equal to this number. Default: no lower limit."
    lt: Optional[float] = None
    "Less than this number. Default: no upper limit."


class GiveFeedbackInput(BaseModel):
    """Feedback on an invocation."""

    invocation_id: str = Field(alias="invocationId")
    "ID of the invocation."
    label: "SampleAnnotationInput"
    "The right label of the image."


class GoBackToEncoderInput(BaseModel):
    """Function to return to its encoder before the last change."""

    function_id: str = Field(alias="functionId")
    "ID of the function."


class ImageInput(BaseModel):
    """An image, given in exactly one of these ways."""

    upload: Optional[Upload] = None
    "A file of the multipart request. Default limits: 20 MB and 50 megapixels."
    url: Optional[str] = None
    "URL from which the server fetches the image. Addresses inside the server's own network are refused."
    data_uri: Optional[str] = Field(alias="dataUri", default=None)
    "Data URI such as `data:image/png;base64,...`, at most 5 MB after decoding. Line breaks, missing padding and the URL-safe alphabet are accepted."
    sample_id: Optional[str] = Field(alias="sampleId", default=None)
    "ID of an existing sample whose image is used."


class InvokeInput(BaseModel):
    """Image to classify."""

    function_id: str = Field(alias="functionId")
    "ID of the function to invoke."
    image: "ImageInput"
    "Image to classify."
    top_k: int = Field(alias="topK", default=1)
    "Number of labels in `Prediction.ranking`, from 1 to 100."
    external_id: Optional[str] = Field(alias="externalId", default=None)
    "Identifier given by the caller for this image, at most 200 characters."
    capture: Optional[bool] = None
    "Whether to keep the image as a sample, regardless of the function's capture settings. Default: the settings decide."


class PurgeSamplesInput(BaseModel):
    """Samples in the trash to delete for good."""

    ids: list[str]
    "IDs of the deleted samples, as in `DeletedSample.id`, from 1 to 100."


class RestoreSamplesInput(BaseModel):
    """Samples in the trash to restore."""

    ids: list[str]
    "IDs of the deleted samples, as in `DeletedSample.id`, from 1 to 100."


class RevokeApiKeyInput(BaseModel):
    """API key to revoke."""

    id: str
    "ID of the API key to revoke."


class SampleAnnotationInput(BaseModel):
    """A label, given in exactly one of these ways."""

    label_id: Optional[str] = Field(alias="labelId", default=None)
    "ID of the label."
    label_name: Optional[str] = Field(alias="labelName", default=None)
    "Name of the label, without regard to case. The label is created if there is none."


class SampleFilter(BaseModel):
    """Conditions on samples; a sample must meet all that are given."""

    annotated: Optional[bool] = None
    "Only samples with an annotation (true) or without one (false)."
    disputed: Optional[bool] = None
    "Only samples whose prediction differs from an unconfirmed annotation (true), or all others (false)."
    label_ids: Optional[list[str]] = Field(alias="labelIds", default=None)
    "Only samples annotated with one of these labels."
    predicted_label_ids: Optional[list[str]] = Field(
        alias="predictedLabelIds", default=None
    )
    "Only samples predicted as one of these labels."
    confidence: Optional["FloatRange"] = None
    "Only samples whose prediction has a confidence in this range."
    file_name: Optional[str] = Field(alias="fileName", default=None)
    "Only samples whose file name contains this text, without regard to case."
    source: Optional[SampleSource] = None
    "Only samples that were added in this way."
    capture_reasons: Optional[list[CaptureReason]] = Field(
        alias="captureReasons", default=None
    )
    "Only samples captured from invocations for one of these reasons."
    annotation_sources: Optional[list[AnnotationSource]] = Field(
        alias="annotationSources", default=None
    )
    "Only samples annotated in one of these ways."
    created_at: Optional["DateTimeRange"] = Field(alias="createdAt", default=None)
    "Only samples that were added in this range of time."


class SampleInput(BaseModel):
    """Image to add as a sample."""

    image: "ImageInput"
    "The image."
    external_id: Optional[str] = Field(alias="externalId", default=None)
    "Identifier given by the caller, unique in the function, at most 200 characters. A sample has at most one; a different one for the same image is refused with the error `CONFLICT`."
    file_name: Optional[str] = Field(alias="fileName", default=None)
    "Name of the file; of a path, only the last part is kept. Default: the name of the uploaded file, the last part of the URL, the parameter `name` of the data URI, or the name of the sample that the image is taken from. Empty: no name."
    metadata: Optional[Any] = None
    "What else is known of the image, as an object of strings: at most 50 values and 10,000 characters, keys included. An image that the function already has gets it if it has none."
    annotation: Optional["SampleAnnotationInput"] = None
    "Label that the image shows. Default: not annotated."


class SampleOrder(BaseModel):
    """Order of samples."""

    field: SampleOrderField = SampleOrderField.CREATED_AT
    "Field to sort by."
    direction: SortDirection = SortDirection.DESC
    "Direction to sort in."


class SampleSearch(BaseModel):
    """What to search images for, given in exactly one of these ways."""

    words: Optional[str] = None
    "Words for what the images show, at most 200 characters. The function's encoder decides what is understood: the bundled one knows names of things roughly, and colours, actions and negations hardly at all."
    like_sample_id: Optional[str] = Field(alias="likeSampleId", default=None)
    "ID of a sample of the function; images like its own are listed, without itself."


class StartTrainingInput(BaseModel):
    """Function to train."""

    function_id: str = Field(alias="functionId")
    "ID of the function to train."


class StopEncoderChangeInput(BaseModel):
    """Function whose change of encoder is to be stopped."""

    function_id: str = Field(alias="functionId")
    "ID of the function."


class SwitchEncoderInput(BaseModel):
    """Function to switch to the encoder that it is being changed to."""

    function_id: str = Field(alias="functionId")
    "ID of the function."


class UndoAcceptanceInput(BaseModel):
    """Acceptance to undo."""

    function_id: str = Field(alias="functionId")
    "ID of the function."
    accepted_at: datetime = Field(alias="acceptedAt")
    "Time of the acceptance: its `acceptedAt`, and the `createdAt` of its annotations."


class UpdateFunctionInput(BaseModel):
    """Changes to a function. Omitted fields stay as they are; null is accepted only where a description says so."""

    id: str
    "ID of the function to change."
    name: Optional[str] = None
    "New name, unique without regard to case, at most 100 characters."
    description: Optional[str] = None
    "Free text, at most 2,000 characters; null removes it."
    visibility: Optional[FunctionVisibility] = None
    "Who may invoke the function."
    auto_train: Optional[bool] = Field(alias="autoTrain", default=None)
    "Whether training starts automatically after annotations change."
    learns_from_unlabelled: Optional[bool] = Field(
        alias="learnsFromUnlabelled", default=None
    )
    "Whether training also learns from samples that nobody has annotated."
    max_error_rate: Optional[float] = Field(alias="maxErrorRate", default=None)
    "Share of accepted predictions that may be wrong, from 0 to 1. `Prediction.decision` follows from it."
    capture: Optional["CaptureSettingsInput"] = None
    "Which images of invocations are kept as samples."


class UpdateLabelInput(BaseModel):
    """Changes to a label. Omitted fields stay as they are; null is accepted only where a description says so."""

    id: str
    "ID of the label to change."
    name: Optional[str] = None
    "New name, at most 100 characters, which no other label of the function has or looks like."
    description: Optional[str] = None
    "What images of the label look like, at most 2,000 characters; null removes it."
    metadata: Optional[Any] = None
    "Any JSON value, returned with each prediction; null removes it."
