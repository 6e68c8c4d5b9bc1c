package io.millrace.samples.activitytracking;

/** How often a page was viewed, and by how many. */
public record PageCount(String page, long views, long visitors) {}
