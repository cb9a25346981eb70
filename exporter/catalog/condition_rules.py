"""Which comparisons a field allows in the `when` of an own metric."""

from .declarations import ConditionDeclaration
from .extension_spec import NUMBERS
from .remedies import closest
from .spec import Field, FieldType, Privacy

BOUNDED = (FieldType.STRING, FieldType.BOOLEAN)
READABLE = (Privacy.PUBLIC, Privacy.INTERNAL)
ORDERINGS = ("lt", "le", "gt", "ge")


def unfit_condition(condition: ConditionDeclaration, field: Field) -> str | None:
    """Return why *field* cannot be compared as *condition* says, or None."""
    if condition.op == "present":
        return None if condition.value is None else "`present` takes no value; remove it"
    if condition.value is None:
        return f"the value is missing; add what {field.name} is compared with"
    if field.privacy not in READABLE:
        return f"{field.name} is {field.privacy.value}; only `present` may ask about it"
    return _unfit_value(condition, field)


def _unfit_value(condition: ConditionDeclaration, field: Field) -> str | None:
    value, kind = condition.value, field.type.value
    if field.type in NUMBERS:
        return None if isinstance(value, float) else f"{field.name} is a number; write a number"
    if field.type not in BOUNDED:
        return f"a {kind} cannot be compared; use `present`"
    if condition.op in ORDERINGS:
        return f"{condition.op} is for numbers and {field.name} is a {kind}; use eq or ne"
    if not isinstance(value, bool if field.type is FieldType.BOOLEAN else str):
        return f"{field.name} is a {kind}; compare it with one"
    if field.choices and value not in field.choices:
        return f"{value!r} is none of its choices; {closest(str(value), field.choices)}"
    return None
