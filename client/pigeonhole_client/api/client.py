from collections.abc import AsyncIterator
from typing import Any, Optional, Union

from .accept_predictions import AcceptPredictions, AcceptPredictionsAcceptPredictions
from .activate_model import ActivateModel, ActivateModelActivateModel
from .add_samples import AddSamples, AddSamplesAddSamples
from .annotate_samples import AnnotateSamples, AnnotateSamplesAnnotateSamples
from .async_base_client import AsyncBaseClient
from .base_model import UNSET, UnsetType
from .cancel_training import CancelTraining, CancelTrainingCancelTraining
from .change_encoder import ChangeEncoder, ChangeEncoderChangeEncoder
from .clear_annotations import ClearAnnotations, ClearAnnotationsClearAnnotations
from .create_api_key import CreateApiKey, CreateApiKeyCreateApiKey
from .create_function import CreateFunction, CreateFunctionCreateFunction
from .create_label import CreateLabel, CreateLabelCreateLabel
from .delete_function import DeleteFunction, DeleteFunctionDeleteFunction
from .delete_label import DeleteLabel, DeleteLabelDeleteLabel
from .delete_samples import DeleteSamples, DeleteSamplesDeleteSamples
from .function_changed import FunctionChanged, FunctionChangedFunctionChanged
from .function_encoder_changed import (
    FunctionEncoderChanged,
    FunctionEncoderChangedFunctionChanged,
)
from .get_acceptable_predictions import (
    GetAcceptablePredictions,
    GetAcceptablePredictionsFunction,
)
from .get_function import GetFunction, GetFunctionFunction
from .get_function_by_name import GetFunctionByName, GetFunctionByNameFunctionByName
from .get_function_encoder import GetFunctionEncoder, GetFunctionEncoderFunction
from .get_viewer import GetViewer, GetViewerViewer
from .give_feedback import GiveFeedback, GiveFeedbackGiveFeedback
from .go_back_to_encoder import GoBackToEncoder, GoBackToEncoderGoBackToEncoder
from .input_types import (
    AcceptPredictionsInput,
    ActivateModelInput,
    AddSamplesInput,
    AnnotateSamplesInput,
    CancelTrainingInput,
    ChangeEncoderInput,
    ClearAnnotationsInput,
    CreateApiKeyInput,
    CreateFunctionInput,
    CreateLabelInput,
    DeleteFunctionInput,
    DeleteLabelInput,
    DeleteSamplesInput,
    GiveFeedbackInput,
    GoBackToEncoderInput,
    InvokeInput,
    PurgeSamplesInput,
    RestoreSamplesInput,
    RevokeApiKeyInput,
    SampleFilter,
    SampleOrder,
    SampleSearch,
    StartTrainingInput,
    StopEncoderChangeInput,
    SwitchEncoderInput,
    UndoAcceptanceInput,
    UpdateFunctionInput,
    UpdateLabelInput,
)
from .invoke import Invoke, InvokeInvoke
from .list_api_keys import ListApiKeys, ListApiKeysApiKeys
from .list_encoders import ListEncoders, ListEncodersEncoders
from .list_functions import ListFunctions, ListFunctionsFunctions
from .list_images import ListImages, ListImagesFunction
from .list_label_names import ListLabelNames, ListLabelNamesFunction
from .list_labels import ListLabels, ListLabelsFunction
from .list_samples import ListSamples, ListSamplesFunction
from .list_training_runs import ListTrainingRuns, ListTrainingRunsFunction
from .operations import (
    ACCEPT_PREDICTIONS_GQL,
    ACTIVATE_MODEL_GQL,
    ADD_SAMPLES_GQL,
    ANNOTATE_SAMPLES_GQL,
    CANCEL_TRAINING_GQL,
    CHANGE_ENCODER_GQL,
    CLEAR_ANNOTATIONS_GQL,
    CREATE_API_KEY_GQL,
    CREATE_FUNCTION_GQL,
    CREATE_LABEL_GQL,
    DELETE_FUNCTION_GQL,
    DELETE_LABEL_GQL,
    DELETE_SAMPLES_GQL,
    FUNCTION_CHANGED_GQL,
    FUNCTION_ENCODER_CHANGED_GQL,
    GET_ACCEPTABLE_PREDICTIONS_GQL,
    GET_FUNCTION_BY_NAME_GQL,
    GET_FUNCTION_ENCODER_GQL,
    GET_FUNCTION_GQL,
    GET_VIEWER_GQL,
    GIVE_FEEDBACK_GQL,
    GO_BACK_TO_ENCODER_GQL,
    INVOKE_GQL,
    LIST_API_KEYS_GQL,
    LIST_ENCODERS_GQL,
    LIST_FUNCTIONS_GQL,
    LIST_IMAGES_GQL,
    LIST_LABEL_NAMES_GQL,
    LIST_LABELS_GQL,
    LIST_SAMPLES_GQL,
    LIST_TRAINING_RUNS_GQL,
    PURGE_SAMPLES_GQL,
    RESTORE_SAMPLES_GQL,
    REVOKE_API_KEY_GQL,
    START_TRAINING_GQL,
    STOP_ENCODER_CHANGE_GQL,
    SWITCH_ENCODER_GQL,
    TRAINING_PROGRESS_GQL,
    UNDO_ACCEPTANCE_GQL,
    UPDATE_FUNCTION_GQL,
    UPDATE_LABEL_GQL,
)
from .purge_samples import PurgeSamples, PurgeSamplesPurgeSamples
from .restore_samples import RestoreSamples, RestoreSamplesRestoreSamples
from .revoke_api_key import RevokeApiKey, RevokeApiKeyRevokeApiKey
from .start_training import StartTraining, StartTrainingStartTraining
from .stop_encoder_change import StopEncoderChange, StopEncoderChangeStopEncoderChange
from .switch_encoder import SwitchEncoder, SwitchEncoderSwitchEncoder
from .training_progress import TrainingProgress, TrainingProgressTrainingProgress
from .undo_acceptance import UndoAcceptance, UndoAcceptanceUndoAcceptance
from .update_function import UpdateFunction, UpdateFunctionUpdateFunction
from .update_label import UpdateLabel, UpdateLabelUpdateLabel


def gql(q: str) -> str:
    return q


class Api(AsyncBaseClient):
    async def create_function(
        self, input: CreateFunctionInput, **kwargs: Any
    ) -> CreateFunctionCreateFunction:
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=CREATE_FUNCTION_GQL,
            operation_name="CreateFunction",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return CreateFunction.model_validate(data).create_function

    async def update_function(
        self, input: UpdateFunctionInput, **kwargs: Any
    ) -> UpdateFunctionUpdateFunction:
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=UPDATE_FUNCTION_GQL,
            operation_name="UpdateFunction",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return UpdateFunction.model_validate(data).update_function

    async def delete_function(
        self, input: DeleteFunctionInput, **kwargs: Any
    ) -> DeleteFunctionDeleteFunction:
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=DELETE_FUNCTION_GQL,
            operation_name="DeleteFunction",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return DeleteFunction.model_validate(data).delete_function

    async def create_label(
        self, input: CreateLabelInput, **kwargs: Any
    ) -> CreateLabelCreateLabel:
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=CREATE_LABEL_GQL,
            operation_name="CreateLabel",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return CreateLabel.model_validate(data).create_label

    async def update_label(
        self, input: UpdateLabelInput, **kwargs: Any
    ) -> UpdateLabelUpdateLabel:
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=UPDATE_LABEL_GQL,
            operation_name="UpdateLabel",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return UpdateLabel.model_validate(data).update_label

    async def delete_label(
        self, input: DeleteLabelInput, **kwargs: Any
    ) -> DeleteLabelDeleteLabel:
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=DELETE_LABEL_GQL,
            operation_name="DeleteLabel",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return DeleteLabel.model_validate(data).delete_label

    async def add_samples(
        self, input: AddSamplesInput, **kwargs: Any
    ) -> AddSamplesAddSamples:
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=ADD_SAMPLES_GQL,
            operation_name="AddSamples",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return AddSamples.model_validate(data).add_samples

    async def delete_samples(
        self, input: DeleteSamplesInput, **kwargs: Any
    ) -> DeleteSamplesDeleteSamples:
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=DELETE_SAMPLES_GQL,
            operation_name="DeleteSamples",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return DeleteSamples.model_validate(data).delete_samples

    async def restore_samples(
        self, input: RestoreSamplesInput, **kwargs: Any
    ) -> RestoreSamplesRestoreSamples:
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=RESTORE_SAMPLES_GQL,
            operation_name="RestoreSamples",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return RestoreSamples.model_validate(data).restore_samples

    async def purge_samples(
        self, input: PurgeSamplesInput, **kwargs: Any
    ) -> PurgeSamplesPurgeSamples:
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=PURGE_SAMPLES_GQL,
            operation_name="PurgeSamples",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return PurgeSamples.model_validate(data).purge_samples

    async def annotate_samples(
        self, input: AnnotateSamplesInput, **kwargs: Any
    ) -> AnnotateSamplesAnnotateSamples:
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=ANNOTATE_SAMPLES_GQL,
            operation_name="AnnotateSamples",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return AnnotateSamples.model_validate(data).annotate_samples

    async def clear_annotations(
        self, input: ClearAnnotationsInput, **kwargs: Any
    ) -> ClearAnnotationsClearAnnotations:
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=CLEAR_ANNOTATIONS_GQL,
            operation_name="ClearAnnotations",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ClearAnnotations.model_validate(data).clear_annotations

    async def start_training(
        self, input: StartTrainingInput, **kwargs: Any
    ) -> StartTrainingStartTraining:
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=START_TRAINING_GQL,
            operation_name="StartTraining",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return StartTraining.model_validate(data).start_training

    async def cancel_training(
        self, input: CancelTrainingInput, **kwargs: Any
    ) -> CancelTrainingCancelTraining:
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=CANCEL_TRAINING_GQL,
            operation_name="CancelTraining",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return CancelTraining.model_validate(data).cancel_training

    async def activate_model(
        self, input: ActivateModelInput, **kwargs: Any
    ) -> ActivateModelActivateModel:
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=ACTIVATE_MODEL_GQL,
            operation_name="ActivateModel",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ActivateModel.model_validate(data).activate_model

    async def invoke(self, input: InvokeInput, **kwargs: Any) -> InvokeInvoke:
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=INVOKE_GQL, operation_name="Invoke", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return Invoke.model_validate(data).invoke

    async def give_feedback(
        self, input: GiveFeedbackInput, **kwargs: Any
    ) -> GiveFeedbackGiveFeedback:
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=GIVE_FEEDBACK_GQL,
            operation_name="GiveFeedback",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return GiveFeedback.model_validate(data).give_feedback

    async def create_api_key(
        self, input: CreateApiKeyInput, **kwargs: Any
    ) -> CreateApiKeyCreateApiKey:
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=CREATE_API_KEY_GQL,
            operation_name="CreateApiKey",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return CreateApiKey.model_validate(data).create_api_key

    async def revoke_api_key(
        self, input: RevokeApiKeyInput, **kwargs: Any
    ) -> RevokeApiKeyRevokeApiKey:
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=REVOKE_API_KEY_GQL,
            operation_name="RevokeApiKey",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return RevokeApiKey.model_validate(data).revoke_api_key

    async def change_encoder(
        self, input: ChangeEncoderInput, **kwargs: Any
    ) -> ChangeEncoderChangeEncoder:
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=CHANGE_ENCODER_GQL,
            operation_name="ChangeEncoder",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ChangeEncoder.model_validate(data).change_encoder

    async def stop_encoder_change(
        self, input: StopEncoderChangeInput, **kwargs: Any
    ) -> StopEncoderChangeStopEncoderChange:
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=STOP_ENCODER_CHANGE_GQL,
            operation_name="StopEncoderChange",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return StopEncoderChange.model_validate(data).stop_encoder_change

    async def switch_encoder(
        self, input: SwitchEncoderInput, **kwargs: Any
    ) -> SwitchEncoderSwitchEncoder:
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=SWITCH_ENCODER_GQL,
            operation_name="SwitchEncoder",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return SwitchEncoder.model_validate(data).switch_encoder

    async def go_back_to_encoder(
        self, input: GoBackToEncoderInput, **kwargs: Any
    ) -> GoBackToEncoderGoBackToEncoder:
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=GO_BACK_TO_ENCODER_GQL,
            operation_name="GoBackToEncoder",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return GoBackToEncoder.model_validate(data).go_back_to_encoder

    async def accept_predictions(
        self, input: AcceptPredictionsInput, **kwargs: Any
    ) -> AcceptPredictionsAcceptPredictions:
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=ACCEPT_PREDICTIONS_GQL,
            operation_name="AcceptPredictions",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return AcceptPredictions.model_validate(data).accept_predictions

    async def undo_acceptance(
        self, input: UndoAcceptanceInput, **kwargs: Any
    ) -> UndoAcceptanceUndoAcceptance:
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=UNDO_ACCEPTANCE_GQL,
            operation_name="UndoAcceptance",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return UndoAcceptance.model_validate(data).undo_acceptance

    async def get_viewer(self, **kwargs: Any) -> GetViewerViewer:
        variables: dict[str, object] = {}
        response = await self.execute(
            query=GET_VIEWER_GQL,
            operation_name="GetViewer",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return GetViewer.model_validate(data).viewer

    async def get_function(
        self, id: str, **kwargs: Any
    ) -> Optional[GetFunctionFunction]:
        variables: dict[str, object] = {"id": id}
        response = await self.execute(
            query=GET_FUNCTION_GQL,
            operation_name="GetFunction",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return GetFunction.model_validate(data).function

    async def get_function_by_name(
        self, name: str, **kwargs: Any
    ) -> Optional[GetFunctionByNameFunctionByName]:
        variables: dict[str, object] = {"name": name}
        response = await self.execute(
            query=GET_FUNCTION_BY_NAME_GQL,
            operation_name="GetFunctionByName",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return GetFunctionByName.model_validate(data).function_by_name

    async def list_functions(
        self,
        first: Union[Optional[int], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
        name_contains: Union[Optional[str], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> ListFunctionsFunctions:
        variables: dict[str, object] = {
            "first": first,
            "after": after,
            "nameContains": name_contains,
        }
        response = await self.execute(
            query=LIST_FUNCTIONS_GQL,
            operation_name="ListFunctions",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ListFunctions.model_validate(data).functions

    async def list_labels(
        self,
        function_id: str,
        first: Union[Optional[int], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> Optional[ListLabelsFunction]:
        variables: dict[str, object] = {
            "functionId": function_id,
            "first": first,
            "after": after,
        }
        response = await self.execute(
            query=LIST_LABELS_GQL,
            operation_name="ListLabels",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ListLabels.model_validate(data).function

    async def list_label_names(
        self,
        function_id: str,
        first: Union[Optional[int], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> Optional[ListLabelNamesFunction]:
        variables: dict[str, object] = {
            "functionId": function_id,
            "first": first,
            "after": after,
        }
        response = await self.execute(
            query=LIST_LABEL_NAMES_GQL,
            operation_name="ListLabelNames",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ListLabelNames.model_validate(data).function

    async def list_samples(
        self,
        function_id: str,
        first: Union[Optional[int], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
        filter_: Union[Optional[SampleFilter], UnsetType] = UNSET,
        order_by: Union[Optional[SampleOrder], UnsetType] = UNSET,
        search: Union[Optional[SampleSearch], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> Optional[ListSamplesFunction]:
        variables: dict[str, object] = {
            "functionId": function_id,
            "first": first,
            "after": after,
            "filter": filter_,
            "orderBy": order_by,
            "search": search,
        }
        response = await self.execute(
            query=LIST_SAMPLES_GQL,
            operation_name="ListSamples",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ListSamples.model_validate(data).function

    async def list_images(
        self,
        function_id: str,
        first: Union[Optional[int], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> Optional[ListImagesFunction]:
        variables: dict[str, object] = {
            "functionId": function_id,
            "first": first,
            "after": after,
        }
        response = await self.execute(
            query=LIST_IMAGES_GQL,
            operation_name="ListImages",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ListImages.model_validate(data).function

    async def list_training_runs(
        self,
        function_id: str,
        first: Union[Optional[int], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> Optional[ListTrainingRunsFunction]:
        variables: dict[str, object] = {
            "functionId": function_id,
            "first": first,
            "after": after,
        }
        response = await self.execute(
            query=LIST_TRAINING_RUNS_GQL,
            operation_name="ListTrainingRuns",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ListTrainingRuns.model_validate(data).function

    async def list_api_keys(
        self,
        first: Union[Optional[int], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> ListApiKeysApiKeys:
        variables: dict[str, object] = {"first": first, "after": after}
        response = await self.execute(
            query=LIST_API_KEYS_GQL,
            operation_name="ListApiKeys",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ListApiKeys.model_validate(data).api_keys

    async def list_encoders(self, **kwargs: Any) -> list[ListEncodersEncoders]:
        variables: dict[str, object] = {}
        response = await self.execute(
            query=LIST_ENCODERS_GQL,
            operation_name="ListEncoders",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ListEncoders.model_validate(data).encoders

    async def get_function_encoder(
        self, id: str, **kwargs: Any
    ) -> Optional[GetFunctionEncoderFunction]:
        variables: dict[str, object] = {"id": id}
        response = await self.execute(
            query=GET_FUNCTION_ENCODER_GQL,
            operation_name="GetFunctionEncoder",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return GetFunctionEncoder.model_validate(data).function

    async def get_acceptable_predictions(
        self,
        id: str,
        min_confidence: float,
        filter_: Union[Optional[SampleFilter], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> Optional[GetAcceptablePredictionsFunction]:
        variables: dict[str, object] = {
            "id": id,
            "minConfidence": min_confidence,
            "filter": filter_,
        }
        response = await self.execute(
            query=GET_ACCEPTABLE_PREDICTIONS_GQL,
            operation_name="GetAcceptablePredictions",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return GetAcceptablePredictions.model_validate(data).function

    async def function_changed(
        self, id: str, **kwargs: Any
    ) -> AsyncIterator[FunctionChangedFunctionChanged]:
        variables: dict[str, object] = {"id": id}
        async for data in self.execute_ws(
            query=FUNCTION_CHANGED_GQL,
            operation_name="FunctionChanged",
            variables=variables,
            **kwargs,
        ):
            yield FunctionChanged.model_validate(data).function_changed

    async def training_progress(
        self, function_id: str, **kwargs: Any
    ) -> AsyncIterator[Optional[TrainingProgressTrainingProgress]]:
        variables: dict[str, object] = {"functionId": function_id}
        async for data in self.execute_ws(
            query=TRAINING_PROGRESS_GQL,
            operation_name="TrainingProgress",
            variables=variables,
            **kwargs,
        ):
            yield TrainingProgress.model_validate(data).training_progress

    async def function_encoder_changed(
        self, id: str, **kwargs: Any
    ) -> AsyncIterator[FunctionEncoderChangedFunctionChanged]:
        variables: dict[str, object] = {"id": id}
        async for data in self.execute_ws(
            query=FUNCTION_ENCODER_CHANGED_GQL,
            operation_name="FunctionEncoderChanged",
            variables=variables,
            **kwargs,
        ):
            yield FunctionEncoderChanged.model_validate(data).function_changed
