"""
The rules of the house that no linter knows, as functions over (path, source).

A rule yields one line per violation. Edit the tables; the functions rarely change.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

# Package -> the packages it may import. What is not listed here may not be imported.
FOUNDATION = ("model", "catalog", "config")
PURE = ("analytics", "experiments", "sla")
ADAPTERS = ("ingest", "log", "store", "metrics", "probes", "integrations")
VIEWS = ("reports", "statuspage", "bundle")
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "model": (),
    "catalog": ("model",),
    "config": ("model", "catalog"),
    "stats": ("model",),
    "demo": ("model", "catalog"),
    **dict.fromkeys(PURE, ("model", "catalog", "stats")),
    **dict.fromkeys(ADAPTERS, FOUNDATION),  # siblings meet only in service
    **dict.fromkeys(VIEWS, (*FOUNDATION, "stats", *PURE)),
    "service": (*FOUNDATION, "stats", *PURE, *ADAPTERS, *VIEWS),
    "cli": (*FOUNDATION, "stats", *PURE, *ADAPTERS, *VIEWS, "service", "client", "demo"),
    "client": (),  # and the standard library only: it runs inside bots
    "__main__": ("cli",),
}

# Library -> the beginnings of the paths below exporter/ that may import it.
_HTTP = (
    "ingest/http",
    "probes/",
    "integrations/",
    "statuspage/page",
    "metrics/exposition",
    "service/",
)
_STORE = ("store/",)
_NUMBERS = ("stats/", "analytics/", "experiments/", "sla/", "reports/")
FENCES: dict[str, tuple[str, ...]] = {
    "aiohttp": _HTTP,
    "sqlite3": _STORE,
    "clickhouse_connect": _STORE,
    "chdb": _STORE,
    "msgspec": ("model/", "catalog/", "ingest/", "config/", "service/", "cli/", "metrics/state"),
    "prometheus_client": ("metrics/",),
    "numpy": _NUMBERS,
    "scipy": _NUMBERS,
    "sklearn": _NUMBERS,
    "matplotlib": ("reports/",),
}

# Without I/O, tasks and clock: these packages may not import any of that.
WITHOUT_EFFECTS = ("stats", "demo", *PURE)
EFFECTS = (
    "asyncio",
    "io",
    "os",
    "pathlib",
    "shutil",
    "socket",
    "subprocess",
    "tempfile",
    "threading",
    "time",
)

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50
SURVIVORS = ("exporter/service/tasks.py",)  # the supervisor alone outlives every error

# The last word of a name whose value a stranger may try to guess.
_SECRET = re.compile(r"(?:^|_)(?:token|secret|password|digest|signature|credentials?)$")
_UNFINISHED = re.compile(r"\b(?:TOD[O]|FIXM[E])\b")  # the brackets hide this line from itself
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
Rule = Callable[[PurePosixPath, str], Iterator[str]]


def imports_follow_the_order(path: PurePosixPath, source: str) -> Iterator[str]:
    """A package imports only those below it, and never a sibling."""
    package = _package(path)
    if package is None:
        return
    if package not in MAY_IMPORT:
        yield f"{path}: {package} has no place in the order of packages"
        return
    for line, target in _own_imports(path, source):
        if target not in (package, *MAY_IMPORT[package]):
            yield f"{path}:{line}: {package} may not import {target}"


def imports_inside_are_relative(path: PurePosixPath, source: str) -> Iterator[str]:
    """Inside the package no import spells the package's name."""
    if path.parts[0] == "exporter":
        for line, module in _foreign_imports(source):
            if module.split(".")[0] == "exporter":
                yield f"{path}:{line}: import {module} relatively"


def libraries_stay_in_their_fence(path: PurePosixPath, source: str) -> Iterator[str]:
    """A third-party library is known only to the packages that adapt it."""
    if path.parts[0] != "exporter":
        return
    inside = "/".join(path.parts[1:])
    for line, module in _foreign_imports(source):
        library = module.split(".")[0]
        if library in FENCES and not inside.startswith(FENCES[library]):
            yield f"{path}:{line}: {library} may not be imported here"


def client_needs_only_the_standard_library(path: PurePosixPath, source: str) -> Iterator[str]:
    """The client runs inside other people's bots and must not drag anything in."""
    if _package(path) == "client":
        for line, module in _foreign_imports(source):
            if module.split(".")[0] not in sys.stdlib_module_names:
                yield f"{path}:{line}: the client may not import {module}"


def calculations_have_no_effects(path: PurePosixPath, source: str) -> Iterator[str]:
    """The analytics packages neither wait, nor open files, nor read the clock."""
    if _package(path) not in WITHOUT_EFFECTS:
        return
    for line, module in _foreign_imports(source):
        if module.split(".")[0] in EFFECTS:
            yield f"{path}:{line}: no {module} in a calculation"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.AsyncFunctionDef):
            yield f"{path}:{node.lineno}: no async in a calculation"
        if isinstance(node, ast.Call) and _called(node) in ("open", "now", "utcnow", "today"):
            yield f"{path}:{node.lineno}: no {_called(node)}() in a calculation"


def files_are_short(path: PurePosixPath, source: str) -> Iterator[str]:
    """One idea per file."""
    lines = len(source.splitlines())
    if lines > MAX_FILE_LINES:
        yield f"{path}: {lines} lines > {MAX_FILE_LINES}"


def functions_are_short(path: PurePosixPath, source: str) -> Iterator[str]:
    """One job per function."""
    for node in _functions(source):
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        if lines > MAX_FUNCTION_LINES:
            yield f"{path}:{node.lineno}: {node.name}: {lines} lines > {MAX_FUNCTION_LINES}"


def nothing_is_left_unfinished(path: PurePosixPath, source: str) -> Iterator[str]:
    """Work that is left becomes an issue, not a comment."""
    for number, line in enumerate(source.splitlines(), start=1):
        if _UNFINISHED.search(line):
            yield f"{path}:{number}: open an issue instead"


def public_names_have_docstrings(path: PurePosixPath, source: str) -> Iterator[str]:
    """Every public class and function says what it is for; every test states its rule."""
    # The methods of a fake are documented by the Protocol they follow.
    with_methods = path.parts[0] != "tests"
    for node in _public_definitions(ast.parse(source), with_methods=with_methods):
        if ast.get_docstring(node) is None:
            yield f"{path}:{node.lineno}: {node.name} has no docstring"


def imports_stand_at_the_top(path: PurePosixPath, source: str) -> Iterator[str]:
    """An import inside a function hides a cycle or a cost."""
    for function in _functions(source):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield f"{path}:{node.lineno}: import at the top of the file"


def errors_are_caught_by_name(path: PurePosixPath, source: str) -> Iterator[str]:
    """Only the supervisor may survive everything; others clean up and raise again."""
    if str(path) in SURVIVORS:
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ExceptHandler) and not _raises_again(node):
            caught = "Exception" if node.type is None else ast.unparse(node.type)
        elif isinstance(node, ast.Call) and _called(node) == "suppress":
            caught = ast.unparse(node)
        else:
            continue
        if re.search(r"\b(?:Base)?Exception\b", caught):
            yield f"{path}:{node.lineno}: name the errors you expect"


def secrets_are_compared_in_constant_time(path: PurePosixPath, source: str) -> Iterator[str]:
    """``==`` ends at the first wrong byte, and the time it took tells how many were right."""
    # The client lets nobody in: it only asks whether its own token has changed.
    if path.parts[0] != "exporter" or _package(path) == "client":
        return
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Compare):
            continue
        is_plain = any(isinstance(operator, ast.Eq | ast.NotEq) for operator in node.ops)
        if is_plain and any(_is_secret(side) for side in (node.left, *node.comparators)):
            yield f"{path}:{node.lineno}: compare secrets with hmac.compare_digest"


def no_test_sleeps(path: PurePosixPath, source: str) -> Iterator[str]:
    """A test that sleeps is slow on good days and fails on bad ones; sleep(0) only yields."""
    if path.parts[0] != "tests":
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and "sleep" in [name.name for name in node.names]:
            yield f"{path}:{node.lineno}: call sleep by its full name, or better not at all"
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        called = ast.unparse(node.func)
        if called == "time.sleep" or (
            called == "asyncio.sleep" and ast.unparse(node) != f"{called}(0)"
        ):
            yield f"{path}:{node.lineno}: no {called} in a test"


RULES: tuple[Rule, ...] = (
    imports_follow_the_order,
    imports_inside_are_relative,
    libraries_stay_in_their_fence,
    client_needs_only_the_standard_library,
    calculations_have_no_effects,
    files_are_short,
    functions_are_short,
    nothing_is_left_unfinished,
    public_names_have_docstrings,
    imports_stand_at_the_top,
    errors_are_caught_by_name,
    secrets_are_compared_in_constant_time,
    no_test_sleeps,
)


def _package(path: PurePosixPath) -> str | None:
    """Return the package below exporter/, or the name of a top-level module there."""
    if path.parts[0] != "exporter" or str(path) == "exporter/__init__.py":
        return None
    return path.parts[1].removesuffix(".py")


def _own_imports(path: PurePosixPath, source: str) -> Iterator[tuple[int, str]]:
    """Yield line and package of every relative import; the root package itself is free for all."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        base = path.parts[: len(path.parts) - node.level]
        for name in node.names:
            target = (*base, *(node.module or name.name).split("."))
            if len(target) > 1 and target[1] != "__version__":
                yield node.lineno, target[1]


def _foreign_imports(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of every absolute import."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.lineno, node.module


def _functions(source: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, _FUNCTIONS))


def _public_definitions(
    scope: ast.Module | ast.ClassDef, *, with_methods: bool
) -> Iterator[Definition]:
    for node in scope.body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            if not any(_speaks_elsewhere(decorator) for decorator in node.decorator_list):
                yield node
            if with_methods and isinstance(node, ast.ClassDef):
                yield from _public_definitions(node, with_methods=True)


def _speaks_elsewhere(decorator: ast.expr) -> bool:
    """Tell whether the docstring belongs to another definition of the same name."""
    return ast.unparse(decorator).rpartition(".")[2] in ("overload", "override", "setter")


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _called(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def _is_secret(value: ast.expr) -> bool:
    """Tell by the name of a variable, or of the function that returns it."""
    name = _called(value) if isinstance(value, ast.Call) else ast.unparse(value).rpartition(".")[2]
    return _SECRET.search(name) is not None
