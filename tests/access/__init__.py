"""Tests of rights and sign-ins."""
