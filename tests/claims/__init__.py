"""Tests of tfgan_suite.claims."""
