"""Tests of what is told to those who run jobs elsewhere; nothing is run there."""
