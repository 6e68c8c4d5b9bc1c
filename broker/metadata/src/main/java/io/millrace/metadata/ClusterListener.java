package io.millrace.metadata;

/** Follows the cluster. Called on the store's thread: must not block. */
@FunctionalInterface
public interface ClusterListener {
    /** Called with each newer image in order; images in between may be skipped. */
    void onImage(ClusterImage image);
}
