package io.millrace.replication.controller;

/** What an operator orders with an election. */
public enum ElectionKind {
    /** The preferred leader, the first of the replicas, is to lead, if it has all committed records. */
    PREFERRED,
    /** Where nobody leads, some replica is to lead that is there, whatever is lost. */
    UNCLEAN
}
