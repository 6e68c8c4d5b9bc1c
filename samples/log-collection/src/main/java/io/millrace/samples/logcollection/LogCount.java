package io.millrace.samples.logcollection;

/** How many lines of one level one minute had. */
public record LogCount(String minute, String level, long lines) {}
