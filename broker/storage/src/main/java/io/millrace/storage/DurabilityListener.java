package io.millrace.storage;

/** Is told when a log's {@link PartitionLog#durableEndOffset} may have moved. Called by the threads of the journal. */
public interface DurabilityListener {

    DurabilityListener NOBODY = new DurabilityListener() {
        @Override
        public void onDurable() {
            // Nobody listens.
        }

        @Override
        public void onFailed(StorageException failure) {
            // Nobody listens; the log itself refuses changes from now on.
        }
    };

    void onDurable();

    /** What was not durable by now may never be; the log takes no more changes. */
    void onFailed(StorageException failure);
}
