"""The rules of the house, as functions from one source file to the problems it has."""
