package io.millrace.ra.configuration;

/** Something that knows its cluster: what {@code connectionFactoryLookup} of an activation must lead to. */
public interface ClusterReference {
    ClusterSettings clusterSettings();
}
