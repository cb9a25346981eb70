"""All planted bugs, by what they break."""

from . import (
    access,
    commits,
    door,
    ids,
    numbers,
    privacy,
    recovery,
    running,
    sending,
    settings,
    short_way,
    verdicts,
)

BUGS = (
    *commits.BUGS,
    *ids.BUGS,
    *recovery.BUGS,
    *verdicts.BUGS,
    *numbers.BUGS,
    *door.BUGS,
    *short_way.BUGS,
    *access.BUGS,
    *privacy.BUGS,
    *running.BUGS,
    *settings.BUGS,
    *sending.BUGS,
)
