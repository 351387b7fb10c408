"""A small website that asks first, to look at and to try things on."""
