"""Install what the project needs, and do nothing when nothing changed.

Only the standard library may be imported here: this runs before anything is installed.
"""
