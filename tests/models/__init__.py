"""Tests of tfgan_suite.models."""
