"""A document -> a struct, with every mistake at its place."""

from typing import TypeVar

from msgspec import Struct, ValidationError, convert

from ..catalog.document import Document, Plain
from ..catalog.shape import Fitted, Shape, prune
from ..model.errors import Problem

AnyStruct = TypeVar("AnyStruct", bound=Struct)


def read_struct(
    document: Document, shape: Shape, struct: type[AnyStruct]
) -> tuple[AnyStruct, list[Problem]]:
    """Return what *document* says without its broken parts, and what is wrong with them."""
    value: Plain = {} if document.value is None else document.value
    fitted = shape.fit(value)
    problems = [*document.problems, *fitted.problems(document)]
    try:
        return convert(_sound(shape, fitted), struct), problems
    except (ValidationError, OverflowError) as error:
        return struct(), [*problems, document.problem((), f"{error}; correct it")]


def _sound(shape: Shape, fitted: Fitted) -> Plain:
    while fitted.findings:
        fitted = shape.fit(prune(fitted.value, (path for path, _ in fitted.findings)))
    return fitted.value
