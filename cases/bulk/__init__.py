"""Answers of many cases in one wide table: one row for each case, one column for each question; in and out again."""
