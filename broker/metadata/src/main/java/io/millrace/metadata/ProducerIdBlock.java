package io.millrace.metadata;

/** A range of producer ids that belongs to one broker alone. */
public record ProducerIdBlock(long firstProducerId, int size) {
    /** How many ids one allocation hands out. */
    public static final int BLOCK_SIZE = 1000;

    public long lastProducerId() {
        return firstProducerId + size - 1;
    }
}
