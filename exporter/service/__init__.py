"""The running exporter: the only place that builds things and puts them together."""
