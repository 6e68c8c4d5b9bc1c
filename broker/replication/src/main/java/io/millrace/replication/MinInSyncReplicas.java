package io.millrace.replication;

import io.millrace.metadata.TopicImage;

/** How many replicas must be in sync for anything to be committed. Pure. */
public final class MinInSyncReplicas {
    /** The topic configuration that says so. */
    public static final String CONFIGURATION_KEY = "min.insync.replicas";

    private MinInSyncReplicas() {}

    /** What the topic says, or else the default of the cluster; a value that is no number counts as not said. */
    public static int of(TopicImage topic, int otherwise) {
        String configured = topic.configuration().get(CONFIGURATION_KEY);
        if (configured == null || !configured.matches("[1-9][0-9]{0,8}")) {
            return otherwise;
        }
        return Integer.parseInt(configured);
    }

    /** The same for a partition of so many replicas: it cannot need more than it has. */
    public static int of(TopicImage topic, int otherwise, int replicaCount) {
        return Math.min(of(topic, otherwise), replicaCount);
    }
}
