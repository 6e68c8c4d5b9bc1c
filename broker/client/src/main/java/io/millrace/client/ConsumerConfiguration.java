package io.millrace.client;

import java.time.Duration;

/**
 * How a consumer fetches.
 *
 * @param startingPosition where a partition starts that was not sought, and where it goes on when its position is out
 *     of range ({@code auto.offset.reset})
 * @param fetchMaxWait how long a broker may hold a fetch ({@code fetch.max.wait.ms})
 * @param fetchMinBytes what it waits for meanwhile ({@code fetch.min.bytes})
 * @param fetchMaxBytes the most one answer holds ({@code fetch.max.bytes})
 * @param partitionFetchBytes the most of one partition ({@code max.partition.fetch.bytes})
 * @param bufferBytesMax no further fetch starts while more than this has arrived and was not polled
 * @param isolation which records of transactions are delivered ({@code isolation.level})
 */
public record ConsumerConfiguration(
        StartingPosition startingPosition,
        Duration fetchMaxWait,
        int fetchMinBytes,
        int fetchMaxBytes,
        int partitionFetchBytes,
        int bufferBytesMax,
        Isolation isolation) {

    /** Which records of transactions are delivered. */
    public enum Isolation {
        /** All, those of transactions that are open or were aborted included. */
        READ_UNCOMMITTED(0),
        /** Those of committed transactions, and of none at all; an open transaction holds up what is behind its first record. */
        READ_COMMITTED(1);

        private final byte wireValue;

        Isolation(int wireValue) {
            this.wireValue = (byte) wireValue;
        }

        byte wireValue() {
            return wireValue;
        }
    }

    /** Where a partition starts that was not sought. */
    public enum StartingPosition {
        EARLIEST,
        LATEST,
        NONE
    }

    /** With all records delivered. */
    public ConsumerConfiguration(
            StartingPosition startingPosition,
            Duration fetchMaxWait,
            int fetchMinBytes,
            int fetchMaxBytes,
            int partitionFetchBytes,
            int bufferBytesMax) {
        this(
                startingPosition,
                fetchMaxWait,
                fetchMinBytes,
                fetchMaxBytes,
                partitionFetchBytes,
                bufferBytesMax,
                Isolation.READ_UNCOMMITTED);
    }

    public static ConsumerConfiguration defaults() {
        return new ConsumerConfiguration(
                StartingPosition.LATEST,
                Duration.ofMillis(500),
                1,
                50 * 1024 * 1024,
                1024 * 1024,
                64 * 1024 * 1024,
                Isolation.READ_UNCOMMITTED);
    }

    public ConsumerConfiguration startingAt(StartingPosition newStartingPosition) {
        return new ConsumerConfiguration(
                newStartingPosition,
                fetchMaxWait,
                fetchMinBytes,
                fetchMaxBytes,
                partitionFetchBytes,
                bufferBytesMax,
                isolation);
    }

    public ConsumerConfiguration withIsolation(Isolation newIsolation) {
        return new ConsumerConfiguration(
                startingPosition,
                fetchMaxWait,
                fetchMinBytes,
                fetchMaxBytes,
                partitionFetchBytes,
                bufferBytesMax,
                newIsolation);
    }
}
