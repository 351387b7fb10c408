"""Self-hosted cookie consent that can be proven: the consent service."""
