package io.millrace.faults.history;

/** One record that a consumer read; the records of a consumer are in the order in which it got them. */
public record Poll(String consumer, Place place, String value) {}
