"""A validation rule for numbers that no JSON answer could carry."""

import math
from typing import Any

from graphql import GraphQLError, ValidationRule
from graphql.language import FloatValueNode, IntValueNode

DIGITS = 400
"""More than the largest finite float has."""


class WritableNumbersRule(ValidationRule):
    """A number in a document must be a finite float, or a whole number of at most 400 digits.

    `Int` and `Float` check this on their own; a scalar for any JSON value does not, and Python
    can neither write infinity as JSON nor turn thousands of digits into text.
    """

    def enter_int_value(self, node: IntValueNode, *_: Any) -> None:
        """Check the number of digits."""
        if len(node.value) > DIGITS:
            self.report_error(GraphQLError(f"A number has more than {DIGITS} digits.", node))

    def enter_float_value(self, node: FloatValueNode, *_: Any) -> None:
        """Check that the number is finite."""
        if not math.isfinite(float(node.value)):
            self.report_error(GraphQLError(f"The number {node.value[:20]} is too large.", node))
