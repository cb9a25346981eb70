"""Bugs of privacy: what of a person reaches the log, a label or an answer."""

from .bug import Bug

ADMIT = "exporter/ingest/admit.py"
OF_ADMIT = "tests/unit/ingest/test_admit.py"
OF_PRIVACY = "tests/unit/ingest/test_privacy.py"
OF_REDACT = "tests/unit/ingest/test_redact.py"
OF_RUNS = "tests/unit/ingest/test_runs.py"

BUGS = (
    Bug(
        name="A pseudonym is a plain hash without a key",
        file="exporter/ingest/privacy.py",
        old="blake2b(key=key, digest_size=DIGEST_BYTES)",
        new="blake2b(digest_size=DIGEST_BYTES)",
        tests=(f"{OF_ADMIT}::test_pseudonyms_depend_on_the_key_of_the_installation",),
    ),
    Bug(
        name="A key that the group can read is accepted",
        file="exporter/ingest/privacy.py",
        old="if path.stat().st_mode & 0o077:",
        new="if path.stat().st_mode & 0o007:",
        tests=(f"{OF_PRIVACY}::test_a_key_that_others_can_open_is_refused",),
    ),
    Bug(
        name="An e-mail address is not redacted",
        file="exporter/ingest/redact.py",
        old='    if "@" in word:\n        return EMAIL\n',
        new="",
        tests=(f"{OF_REDACT}::test_personal_data_is_masked",),
    ),
    Bug(
        name="A telephone number is not redacted",
        file="exporter/ingest/redact.py",
        old="_NUMBER.sub(NUMBER, _WORD.sub(_mask, text))",
        new="_WORD.sub(_mask, text)",
        tests=(f"{OF_REDACT}::test_personal_data_is_masked",),
    ),
    Bug(
        name="Events are stored as they came and masked afterwards",
        file="exporter/ingest/pipeline.py",
        old="results = self._admission.admit(events, grant, arrival, masked)",
        new=(
            "clean = [msgspec.structs.replace(event) for event in events]\n"
            "        results = self._admission.admit(clean, grant, arrival, masked)"
        ),
        tests=(
            "tests/unit/ingest/test_pipeline.py::test_the_log_gets_one_line_for_each_new_event",
        ),
    ),
    Bug(
        name="A text is counted as redacted and stored as it came",
        file=ADMIT,
        old="        return clean\n\n    def _sealed(",
        new="        return text\n\n    def _sealed(",
        tests=(f"{OF_ADMIT}::test_only_texts_that_change_count_as_redacted",),
    ),
    Bug(
        name="A text is kept though nobody asked for it",
        file=ADMIT,
        old="        if not self.rules.keep_text:\n            masked.texts += 1\n",
        new="        if self.rules.keep_text is None:\n            masked.texts += 1\n",
        tests=(f"{OF_ADMIT}::test_texts_are_dropped_and_counted",),
    ),
    Bug(
        name="Contact data is stored in the clear when it cannot be sealed",
        file=ADMIT,
        old="            masked.contacts += 1\n            return None\n",
        new="            masked.contacts += 1\n            return value\n",
        tests=(f"{OF_ADMIT}::test_contacts_without_a_seal_are_dropped_and_counted",),
    ),
    Bug(
        name="A property is counted as redacted and stored as it came",
        file=ADMIT,
        old="        e.properties = clean\n",
        new="",
        tests=(f"{OF_ADMIT}::test_texts_that_are_kept_are_masked",),
    ),
    Bug(
        name="The next user of a run gets the pseudonym of the one before",
        file=ADMIT,
        old="                    if e.user != user:\n",
        new="                    if user is None:\n",
        tests=(OF_RUNS,),
    ),
    Bug(
        name="The next conversation of a run gets the pseudonym of the one before",
        file=ADMIT,
        old="                    if e.conversation != talk:\n",
        new="                    if talk is None:\n",
        tests=(OF_RUNS,),
    ),
    Bug(
        name="The user of another bot keeps the pseudonym of the bot before",
        file=ADMIT,
        old="                user = session = talk = None\n",
        new="",
        tests=(OF_RUNS,),
    ),
    Bug(
        name="A personal field passes as a label",
        file="exporter/catalog/lint_feeds.py",
        old="    if field.privacy is not Privacy.PUBLIC:\n",
        new="    if field.privacy is Privacy.CONTENT:\n",
        tests=("tests/test_drift.py::test_a_personal_field_as_a_label_is_caught",),
    ),
)
