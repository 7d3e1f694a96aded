"""Faces of results: tables, JSON documents, figures."""
