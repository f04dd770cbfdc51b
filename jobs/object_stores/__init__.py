"""Folders of object stores, reached without Spark, in the manner of `pathlib`; and what Spark needs to reach them."""
