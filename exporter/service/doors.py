"""Builds the two listeners' applications from the configuration and the parts behind them."""

from dataclasses import dataclass

import msgspec

from ..catalog.build import EventStructs
from ..catalog.schema import event_schema
from ..catalog.spec import Catalog
from ..config.model import Config
from ..ingest.admit import Admission, AdmissionRules, Identities
from ..ingest.auth import Authenticator
from ..ingest.decode import EventDecoder
from ..ingest.explain import Explainer
from ..ingest.http import IngestApi
from ..ingest.http_body import Bodies, BodyLimits
from ..ingest.http_faults import FaultLog
from ..ingest.http_gate import ConnectionLimits
from ..ingest.limits import TokenBuckets
from ..ingest.openapi import openapi_document
from ..ingest.pipeline import Journal, Pipeline
from ..ingest.privacy import Pseudonyms, load_or_create_key
from ..ingest.sealing import CAN_SEAL, Seal
from ..model.layout import StorageLayout
from ..model.ports import Clock
from .health import Health
from .telemetry import Telemetry


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestParts:
    """What the ingest door is made of; those that a reload changes have names of their own."""

    api: IngestApi
    pipeline: Pipeline
    bodies: Bodies
    buckets: TokenBuckets
    rules: AdmissionRules
    limits: ConnectionLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What the ingest door leads to."""

    catalog: Catalog
    structs: EventStructs
    journal: Journal
    authenticator: Authenticator
    telemetry: Telemetry
    faults: FaultLog
    health: Health
    clock: Clock


def build_ingest(config: Config, behind: Behind) -> IngestParts:
    """Return the ingest door, closed until the health says ready."""
    settings = config.ingest
    buckets = TokenBuckets(
        settings.rate_limit.events_per_second, settings.rate_limit.burst, behind.clock
    )
    rules = AdmissionRules(
        keep_text=config.privacy.text == "keep",
        clock_skew_seconds=settings.clock_skew_seconds,
        max_age_seconds=settings.max_age_seconds,
    )
    bodies = Bodies(
        BodyLimits(
            max_bytes=settings.max_body_bytes,
            max_ratio=settings.max_inflation_ratio,
            timeout_seconds=settings.body_timeout_seconds,
        )
    )
    schema = event_schema(behind.catalog)
    pipeline = _pipeline(config, behind, buckets, rules)
    api = IngestApi(
        pipeline=pipeline,
        authenticator=behind.authenticator,
        buckets=buckets,
        bodies=bodies,
        telemetry=behind.telemetry,
        faults=behind.faults,
        clock=behind.clock,
        schema=msgspec.json.encode(schema),
        openapi=msgspec.json.encode(openapi_document(schema)),
        is_ready=lambda: behind.health.serves,
    )
    return IngestParts(
        api=api,
        pipeline=pipeline,
        bodies=bodies,
        buckets=buckets,
        rules=rules,
        limits=connection_limits(config),
    )


def connection_limits(config: Config) -> ConnectionLimits:
    """Return what the configuration says of ingest connections."""
    return ConnectionLimits(
        header_timeout_seconds=config.ingest.header_timeout_seconds,
        idle_timeout_seconds=config.ingest.idle_timeout_seconds,
        max_connections=config.ingest.max_connections,
    )


def _pipeline(
    config: Config, behind: Behind, buckets: TokenBuckets, rules: AdmissionRules
) -> Pipeline:
    key = load_or_create_key(config.key_file)
    identities = Identities(Pseudonyms(key, config.privacy.shared_namespaces), _seal(config))
    return Pipeline(
        decoder=EventDecoder(
            behind.structs, Explainer(behind.catalog), max_events=config.ingest.max_events
        ),
        admission=Admission(behind.catalog, behind.structs, identities, rules),
        buckets=buckets,
        journal=behind.journal,
        telemetry=behind.telemetry,
        clock=behind.clock,
    )


def _seal(config: Config) -> Seal | None:
    if config.privacy.contacts == "drop" or not CAN_SEAL:
        return None
    return Seal(load_or_create_key(StorageLayout(config.storage.path).contact_key))
