"""Pure functions and frozen data: no clock, no randomness, no input or output."""
