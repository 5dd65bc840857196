# SPDX-License-Identifier: Apache-2.0
"""What a person can put right: a zone file that cannot be used, a model that is no detector."""

from jiedao.base.errors import BadInput


class PlanUnreadable(BadInput):
    """The zone file is missing or cannot be opened. Facts: file, why."""

    code = "vision.plan_unreadable"


class PlanNotJson(BadInput):
    """The zone file is not JSON. Facts: file, line, column, why."""

    code = "vision.plan_not_json"


class PlanWrongShape(BadInput):
    """A field is missing or of the wrong kind. Facts: file, where, expected."""

    code = "vision.plan_wrong_shape"


class PlanEmpty(BadInput):
    """The file has neither a zone, a line nor a count. Facts: file."""

    code = "vision.plan_empty"


class PlanTooFewPoints(BadInput):
    """A polygon with fewer than 3 points, or a line without exactly 2 different ones.

    Facts: file, where, found, needed.
    """

    code = "vision.plan_too_few_points"


class PlanOutsidePicture(BadInput):
    """A coordinate outside 0..1. Facts: file, where, value."""

    code = "vision.plan_outside_picture"


class PlanNameTwice(BadInput):
    """Two zones, or two lines, have one name. Facts: file, name."""

    code = "vision.plan_name_twice"


class PlanEdgesCross(BadInput):
    """A polygon whose edges cross or that has no area. Facts: file, name."""

    code = "vision.plan_edges_cross"


class PlanUnknownTarget(BadInput):
    """A target nobody can look for. Facts: file, where, value, known."""

    code = "vision.plan_unknown_target"


class ModelUnreadable(BadInput):
    """The model file is missing or is no ONNX graph. Facts: file, why."""

    code = "vision.model_unreadable"


class ModelLayoutUnknown(BadInput):
    """The graph's inputs or outputs fit no layout we know. Facts: file, found, known."""

    code = "vision.model_layout_unknown"


class ModelIdentifies(BadInput):
    """A model for faces, plates or other identities; these are refused. Facts: file, word."""

    code = "vision.model_identifies"
