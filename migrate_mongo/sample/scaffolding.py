"""What templates and assignments share: requirements, objectives, stages, AI settings, grading."""

from migrate_mongo.sample.dice import BsonDocument, Dice, ObjectIds
from migrate_mongo.sample.prose import sentence, title
from migrate_mongo.sample.words import CRITERIA, RESOURCES, SECTIONS, STAGES

BLOOM = ("knowledge", "comprehension", "application", "analysis", "synthesis", "evaluation")
ASSISTANCE = ("grammar", "style", "structure", "research", "citations", "brainstorming", "outlining")
BOUNDARIES = ("strict", "moderate", "permissive")
# each adds up to exactly 100 as JavaScript adds doubles
WEIGHTS = ((100,), (60, 40), (33.33, 33.33, 33.34), (12.5, 37.5, 50), (25, 25, 25, 25), (40, 30, 20, 10))


def texts(dice: Dice) -> BsonDocument:
    return {
        "title": title(dice),
        "description": sentence(dice),
        "instructions": f"<p>{sentence(dice)}</p>\n<ol><li>{sentence(dice)}</li></ol>",
    }


def scaffolding(dice: Dice, ids: ObjectIds, ms: int, *, kind: str) -> BsonDocument:
    collaborative = kind == "collaborative"
    stages = writing_stages(dice, ids, ms)
    return {
        "requirements": requirements(dice),
        "collaboration": {
            "enabled": collaborative,
            "allowRealTimeEditing": collaborative,
            "allowComments": True,
            "allowSuggestions": dice.chance(0.9),
            "requireApprovalForChanges": dice.chance(0.1),
        },
        "versionControl": {
            "autoSaveInterval": dice.pick((30, 30, 45, 60)),
            "createVersionOnSubmit": True,
            "allowVersionRevert": dice.chance(0.3),
            "trackAllChanges": True,
        },
        "learningObjectives": learning_objectives(dice, ids, ms),
        "writingStages": stages,
        "aiSettings": ai_settings(dice, ids, ms, stages),
        "grading": grading(dice, ids, ms),
    }


def first_scaffolding(dice: Dice, ids: ObjectIds, ms: int) -> BsonDocument:
    """As the first generation wrote it: no objectives, no stages, `boundaryLevel` for the global boundary."""
    return {
        "requirements": requirements(dice),
        "aiSettings": {
            "enabled": True,
            "boundaryLevel": dice.pick(BOUNDARIES),
            "allowedAssistanceTypes": dice.some(ASSISTANCE, 2),
            "requireReflection": dice.chance(0.5),
        },
        "grading": grading(dice, ids, ms),
    }


def requirements(dice: Dice) -> BsonDocument:
    document: BsonDocument = {
        "requiredSections": dice.some(SECTIONS, dice.below(4)),
        "allowedResources": dice.some(RESOURCES, dice.below(3)),
    }
    if dice.chance(0.8):
        shortest = 50 * dice.between(4, 16)
        document |= {"minWords": shortest, "maxWords": shortest * 3}
    if dice.chance(0.5):
        document["citationStyle"] = dice.pick(("APA", "MLA", "Chicago", "IEEE"))
    return document


def learning_objectives(dice: Dice, ids: ObjectIds, ms: int) -> list[BsonDocument]:
    objectives = []
    for number, weight in enumerate(dice.pick(WEIGHTS), 1):
        level = dice.between(1, 6)
        objectives.append(
            {
                "id": f"lo{number}",
                "description": sentence(dice),
                "category": BLOOM[level - 1],
                "bloomsLevel": level,
                "assessmentCriteria": [sentence(dice) for _ in range(dice.below(3))],
                "weight": weight,
                "_id": ids.at(ms),
            }
        )
    return objectives


def writing_stages(dice: Dice, ids: ObjectIds, ms: int) -> list[BsonDocument]:
    # the client numbers stages by the clock, seeds by hand
    prefix = "stage" if dice.chance(0.5) else str(ms)[:-1]
    stages = []
    for number, name in enumerate(STAGES[: dice.between(1, len(STAGES))], 1):
        stage = {
            "id": f"{prefix}{number}",
            "name": name,
            "description": sentence(dice),
            "order": number,
            "required": dice.chance(0.8),
            "allowAI": dice.chance(0.4),
            "aiAssistanceLevel": dice.pick(("none", "minimal", "moderate", "comprehensive")),
            "_id": ids.at(ms),
        }
        if dice.chance(0.4):
            stage |= {"minWords": 50 * number, "maxWords": 400 * number, "durationDays": dice.between(1, 14)}
        stages.append(stage)
    return stages


def ai_settings(dice: Dice, ids: ObjectIds, ms: int, stages: list[BsonDocument]) -> BsonDocument:
    special = dice.some(stages, dice.below(3))
    return {
        "enabled": dice.chance(0.7),
        "globalBoundary": dice.pick(BOUNDARIES),
        "allowedAssistanceTypes": dice.some(ASSISTANCE, dice.below(5)),
        "requireReflection": dice.chance(0.8),
        "reflectionPrompts": [sentence(dice) for _ in range(dice.below(3))],
        "stageSpecificSettings": [
            {
                "stageId": stage["id"],
                "allowedTypes": dice.some(ASSISTANCE, 2),
                "boundaryLevel": dice.pick(BOUNDARIES),
                "customPrompts": [],
                "_id": ids.at(ms),
            }
            for stage in special
        ],
    }


def grading(dice: Dice, ids: ObjectIds, ms: int) -> BsonDocument:
    if dice.chance(0.3):
        return {"enabled": False, "rubric": [], "allowPeerReview": False}
    rubric = [
        {
            "criteria": name,
            "points": dice.pick((5, 10, 12.5, 20)),
            "description": sentence(dice),
            "_id": ids.at(ms),
        }
        for name in dice.some(CRITERIA, dice.between(1, 4))
    ]
    return {"enabled": True, "totalPoints": 100, "rubric": rubric, "allowPeerReview": dice.chance(0.2)}
