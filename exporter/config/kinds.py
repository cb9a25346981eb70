"""The kinds of values that keys of the configuration have."""

from typing import Annotated

from msgspec import Meta

from ..catalog.quantities import Quantity

BOT_NAME = r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}"
PLATFORM_NAME = r"[a-z][a-z0-9_-]{0,63}"
PATH_MARK = "x-relative-to"  # Marks file names that are relative to the configuration file.

Text = Annotated[str, Meta(max_length=4096)]
File = Annotated[str, Meta(max_length=4096, extra_json_schema={PATH_MARK: "configuration file"})]
Count = Annotated[int, Meta(ge=1, le=10**12)]
Size = Annotated[int, Meta(ge=1, le=2**53, extra_json_schema={"x-quantity": Quantity.SIZE.value})]
Seconds = Annotated[
    float, Meta(gt=0, le=10**10, extra_json_schema={"x-quantity": Quantity.DURATION.value})
]
# `$` alone would let a final newline through.
BotName = Annotated[str, Meta(pattern=rf"^{BOT_NAME}$(?!\n)", examples=["shop-bot"])]
Platform = Annotated[str, Meta(pattern=rf"^{PLATFORM_NAME}$(?!\n)", examples=["telegram"])]

KIB, MIB, GIB = 2**10, 2**20, 2**30
HOUR, DAY = 3600.0, 86_400.0

Url = Annotated[str, Meta(max_length=2048)]
MailAddress = Annotated[str, Meta(pattern=r"^[^\s@<>,;:\"]{1,64}@[^\s@<>,;:\"]{1,255}$(?!\n)")]
ClockTime = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)")]
