"""What must hold between the turns of a conversation: saved values are named before they serve."""

import re
from collections.abc import Iterator

from ..catalog.document import Path
from ..catalog.remedies import Finding, closest
from ..model.json_path import parse_json_path
from .probe_targets import url_problem
from .probes import VALUE_NAME, ConversationSettings, Step

RUN = "run"  # Always there: an id that is new in every run.
PLACE = re.compile(r"\{\{ *(" + VALUE_NAME + r") *\}\}")


def conversation_findings(conversation: ConversationSettings, here: Path) -> Iterator[Finding]:
    """Yield every contradiction between the steps."""
    known = {RUN}
    for index, step in enumerate(conversation.steps):
        at = (*here, "steps", index)
        # What stands in braces may become anything; a letter stands for it here.
        if problem := url_problem(PLACE.sub("x", step.url)):
            yield (*at, "url"), f"{step.url!r} {problem}"
        for key, text in _templates(step):
            for name in PLACE.findall(text):
                if name not in known:
                    message = f"no step before saves {name!r}; {closest(name, sorted(known))}"
                    yield (*at, key), message
        for name, path in step.save.items():
            try:
                parse_json_path(path)
            except ValueError as error:
                yield (*at, "save", name), str(error)
        known |= step.save.keys()


def _templates(step: Step) -> Iterator[tuple[str, str]]:
    yield "url", step.url
    yield "body", step.body
    yield from (("headers", text) for text in step.headers.values())
    yield from (("contains", text) for text in step.contains)
    yield from (("json", c.value) for c in step.json if isinstance(c.value, str))
