"""Bytes that are no text: addressed by what they hold, in chunks, in the storage that the settings name."""
