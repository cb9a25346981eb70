"""Bugs of tokens: who may send what, and what is left of a secret."""

from .bug import Bug

AUTH = "exporter/ingest/auth.py"
OF_AUTH = "tests/unit/ingest/test_auth.py"
OF_ADMIT = "tests/unit/ingest/test_admit.py"
OF_TOKENS = "tests/unit/store/test_tokens.py"
OF_ARCHITECTURE = "tests/test_architecture.py"

BUGS = (
    Bug(
        name="Tokens are compared with ==",
        file=AUTH,
        old="not hmac.compare_digest(known.digest, offered)",
        new="not known.digest == offered",
        tests=(
            (
                f"{OF_ARCHITECTURE}"
                "::test_the_code_keeps_the_rule[secrets_are_compared_in_constant_time]"
            ),
        ),
    ),
    Bug(
        name="Tokens are stored in the clear",
        file=AUTH,
        old='return sha256(token.encode("utf-8", "surrogatepass")).digest()',
        new='return token.encode("utf-8", "surrogatepass")[-32:].rjust(32)',
        tests=(f"{OF_AUTH}::test_the_digest_is_sha_256_of_the_whole_token",),
    ),
    Bug(
        name="A token that is not text ends in a defect",
        file=AUTH,
        old='token.encode("utf-8", "surrogatepass")',
        new="token.encode()",
        tests=(f"{OF_AUTH}::test_anything_else_is_unauthenticated",),
    ),
    Bug(
        name="A revoked token is let in",
        file=AUTH,
        old="for record in records if record.revoked_at is None",
        new="for record in records",
        tests=(f"{OF_AUTH}::test_a_revoked_token_is_refused_from_the_next_read_on",),
    ),
    Bug(
        name="An expired token is let in",
        file=AUTH,
        old="if known.expires_at is not None and self._clock.wall() >= known.expires_at:",
        new="if known.expires_at is not None and self._clock.wall() < 0:",
        tests=(f"{OF_AUTH}::test_a_token_is_good_until_the_second_it_expires",),
    ),
    Bug(
        name="The scope of a token is ignored",
        file=AUTH,
        old="    if scope not in grant.scopes:\n",
        new="    if not grant.scopes:\n",
        tests=(f"{OF_AUTH}::test_a_grant_passes_for_its_own_scopes_only",),
    ),
    Bug(
        name="The list of bots of a token is ignored",
        file="exporter/model/access.py",
        old="return not self.bots or bot in self.bots",
        new="return bool(bot)",
        tests=(f"{OF_ADMIT}::test_a_token_for_some_bots_sends_for_no_other",),
    ),
    Bug(
        name="The list of bots is only looked at for the first token of a bot",
        file="exporter/ingest/admit.py",
        old="        if not grant.covers(bot):\n",
        new="        if bot not in self._bots and not grant.covers(bot):\n",
        tests=(f"{OF_ADMIT}::test_a_bot_admitted_once_is_still_checked_against_the_token",),
    ),
    Bug(
        name="A wrong token is as good as none where none is needed",
        file=AUTH,
        old="            raise _unauthenticated(_INVALID)\n        if known.expires_at",
        new=(
            "            if self._anonymous is not None:\n"
            "                return self._anonymous\n"
            "            raise _unauthenticated(_INVALID)\n"
            "        if known.expires_at"
        ),
        tests=(f"{OF_AUTH}::test_without_required_tokens_only_a_missing_one_is_excused",),
    ),
    Bug(
        name="Everybody may read the tables of tokens",
        file="exporter/store/tokens.py",
        old="OWNER_ONLY = 0o600",
        new="OWNER_ONLY = 0o644",
        tests=(f"{OF_TOKENS}::test_only_the_owner_can_read_any_of_its_files",),
    ),
    Bug(
        name="A confirmed token may be gone after a power cut",
        file="exporter/store/tokens.py",
        old="PRAGMA synchronous = FULL",
        new="PRAGMA synchronous = NORMAL",
        tests=(f"{OF_TOKENS}::test_every_commit_is_synced",),
    ),
    Bug(
        name="The log of the process shows a token",
        file="exporter/service/log_secrets.py",
        old="    for pattern in _SECRETS:\n",
        new="    for pattern in _SECRETS[1:]:\n",
        tests=("tests/unit/service/test_log_secrets.py",),
    ),
)
