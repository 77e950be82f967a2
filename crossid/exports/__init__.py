"""Exports: what the archive knows comes in, files for people and other programs go out."""
