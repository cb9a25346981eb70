"""One decorator for plain functions, coroutines and both kinds of generators."""

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TypeVar, cast

F = TypeVar("F", bound=Callable[..., object])
Enter = Callable[..., AbstractContextManager[object]]


def decorated(enter: Enter) -> Callable[[F], F]:
    """
    Return a decorator that runs a function inside the context *enter* makes of its arguments.

    The function stays of its kind, so that frameworks see what they look for.
    """

    def decorate(function: F) -> F:
        if inspect.isasyncgenfunction(function):
            return cast("F", _async_generator(function, enter))
        if inspect.isgeneratorfunction(function):
            return cast("F", _generator(function, enter))
        if inspect.iscoroutinefunction(function):
            return cast("F", _coroutine(function, enter))
        return cast("F", _plain(function, enter))

    return decorate


def _plain(function: Callable[..., object], enter: Enter) -> Callable[..., object]:
    @functools.wraps(function)
    def call(*args: object, **kwargs: object) -> object:
        with enter(*args, **kwargs):
            return function(*args, **kwargs)

    return call


def _coroutine(function: Callable[..., object], enter: Enter) -> Callable[..., object]:
    @functools.wraps(function)
    async def call(*args: object, **kwargs: object) -> object:
        with enter(*args, **kwargs):
            return await function(*args, **kwargs)  # type: ignore[misc]

    return call


def _generator(function: Callable[..., object], enter: Enter) -> Callable[..., object]:
    @functools.wraps(function)
    def call(*args: object, **kwargs: object) -> Generator[object, object, object]:
        with enter(*args, **kwargs):
            return (yield from cast("Generator[object, object, object]", function(*args, **kwargs)))

    return call


def _async_generator(function: Callable[..., object], enter: Enter) -> Callable[..., object]:
    @functools.wraps(function)
    async def call(*args: object, **kwargs: object) -> AsyncGenerator[object, object]:
        inner = cast("AsyncGenerator[object, object]", function(*args, **kwargs))
        # What `yield from` would do, if there were one for these.
        with enter(*args, **kwargs):
            try:
                item = await anext(inner)
                while True:
                    thrown = _Thrown()
                    received: object = None
                    with thrown:
                        received = yield item
                    if thrown.error is None:
                        item = await inner.asend(received)
                    else:
                        item = await inner.athrow(thrown.error)
            except StopAsyncIteration:
                return

    return call


class _Thrown:
    """Catches what the reader throws into a generator, to hand it on to the one inside."""

    error: BaseException | None = None

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self.error = error
        return error is not None
