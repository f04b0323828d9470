"""Zip and tar archives as data: read member by member, judged, written. Knows no database and follows nothing."""
