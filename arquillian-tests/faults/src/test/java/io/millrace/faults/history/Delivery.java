package io.millrace.faults.history;

/**
 * One message that a queue consumer got.
 *
 * @param moment when, on the one clock of the history
 */
public record Delivery(String consumer, long moment, Place place, String value, int deliveryCount) {}
