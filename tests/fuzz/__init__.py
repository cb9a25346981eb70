"""Bad input in bulk: lists, mutations and guided noise, each against what the door promises."""
