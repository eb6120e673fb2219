from rest_framework import serializers

from scribetree.api.fields import Flag, Json, Number, Text, TextList
from scribetree.api.schema import successful


class LearningObjectiveErrorSerializer(serializers.Serializer):
    success = Flag()
    message = Text()


class ObjectivePresetSerializer(serializers.Serializer):
    id = Text()
    description = Text()
    category = Text()
    bloomsLevel = Number(whole=True)
    assessmentCriteria = TextList()
    weight = Number()
    subject = Text()


class ObjectiveCategorySerializer(serializers.Serializer):
    category = Text()
    count = Number(whole=True)
    bloomsLevels = serializers.ListField(child=Number(whole=True))


class ObjectiveSubjectSerializer(serializers.Serializer):
    key = Text()
    name = Text()
    count = Number(whole=True)
    presets = ObjectivePresetSerializer(many=True)


class BloomsLevelSerializer(serializers.Serializer):
    level = Number(whole=True)
    name = Text()
    description = Text()
    presets = ObjectivePresetSerializer(many=True)
    count = Number(whole=True)


class AssessmentTemplateSerializer(serializers.Serializer):
    subject = Text()
    subjectName = Text()
    criteria = TextList()


class ObjectivePresetFiltersSerializer(serializers.Serializer):
    category = Text(allow_null=True)
    bloomsLevel = Number(whole=True, allow_null=True)
    subject = Text(allow_null=True)


class ObjectivePresetsSerializer(serializers.Serializer):
    presets = ObjectivePresetSerializer(many=True)
    totalCount = Number(whole=True)
    filters = ObjectivePresetFiltersSerializer()


class ObjectiveCategoriesSerializer(serializers.Serializer):
    categories = ObjectiveCategorySerializer(many=True)
    totalPresets = Number(whole=True)


class ObjectiveSubjectsSerializer(serializers.Serializer):
    subjects = ObjectiveSubjectSerializer(many=True)
    allSubjects = ObjectiveSubjectSerializer(many=True)


class BloomsLevelsSerializer(serializers.Serializer):
    bloomsLevels = BloomsLevelSerializer(many=True)
    totalLevels = Number(whole=True)


class AssessmentTemplatesSerializer(serializers.Serializer):
    """Without `subject` all templates; with it the members of that one."""

    templates = AssessmentTemplateSerializer(many=True, required=False)
    totalTemplates = Number(whole=True, required=False)
    subject = Text(required=False)
    subjectName = Text(required=False)
    criteria = TextList(required=False)


class ObjectiveSetSerializer(serializers.Serializer):
    """Any elements: what is wrong with them is the answer."""

    objectives = serializers.ListField(child=Json())


class ObjectiveReviewSummarySerializer(serializers.Serializer):
    totalObjectives = Number(whole=True)
    totalWeight = Number()
    bloomsLevels = serializers.ListField(child=Number(allow_null=True))
    categories = serializers.ListField(child=Text(allow_null=True))


class ObjectiveReviewSerializer(serializers.Serializer):
    isValid = Flag()
    errors = TextList()
    warnings = TextList()
    summary = ObjectiveReviewSummarySerializer()


PRESETS = successful("LearningObjectivePresets", data=ObjectivePresetsSerializer())
CATEGORIES = successful("LearningObjectiveCategories", data=ObjectiveCategoriesSerializer())
SUBJECTS = successful("LearningObjectiveSubjects", data=ObjectiveSubjectsSerializer())
BLOOMS_LEVELS = successful("LearningObjectiveLevels", data=BloomsLevelsSerializer())
ASSESSMENT_TEMPLATES = successful("AssessmentTemplatesAnswer", data=AssessmentTemplatesSerializer())
REVIEW = successful("LearningObjectiveReview", data=ObjectiveReviewSerializer())
