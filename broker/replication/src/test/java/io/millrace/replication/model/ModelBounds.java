package io.millrace.replication.model;

/**
 * How far TLC looks.
 *
 * @param partitionEpochs how many states of the partition are ever committed, the first included
 * @param crashes of all brokers together
 */
record ModelBounds(int records, int leaderEpochs, int partitionEpochs, int controllerEpochs, int crashes) {
    @Override
    public String toString() {
        return records + " records, " + leaderEpochs + " leader epochs, " + partitionEpochs + " partition epochs, "
                + controllerEpochs + " controller epochs, " + crashes + " crashes";
    }
}
