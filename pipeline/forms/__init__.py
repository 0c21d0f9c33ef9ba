from .chooser import TemplateForm, UploadForm
from .criterion import CriterionForm, CriterionFormSet
from .pipeline import PipelineForm
from .rule import RuleForm, RuleFormSet
from .stage import StageForm

__all__ = [
    "CriterionForm",
    "CriterionFormSet",
    "PipelineForm",
    "RuleForm",
    "RuleFormSet",
    "StageForm",
    "TemplateForm",
    "UploadForm",
]
