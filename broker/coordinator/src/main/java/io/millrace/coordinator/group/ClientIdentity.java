package io.millrace.coordinator.group;

/** Who a member is to the operator who reads about it. */
public record ClientIdentity(String clientId, String clientHost) {}
