package io.millrace.client;

import io.millrace.record.Compression;
import java.time.Duration;

/**
 * How a producer batches and what it waits for.
 *
 * @param acks what a send waits for; all makes the producer idempotent
 * @param batchBytes a batch is sent when it has this size ({@code batch.size})
 * @param linger or when it has waited this long ({@code linger.ms})
 * @param bufferBytes all batches together; a full buffer blocks the sender ({@code buffer.memory})
 * @param maxBlock how long it blocks at most ({@code max.block.ms})
 * @param requestBytesMax the largest record and the largest request ({@code max.request.size})
 */
public record ProducerConfiguration(
        Acks acks,
        Compression compression,
        int batchBytes,
        Duration linger,
        long bufferBytes,
        Duration maxBlock,
        int requestBytesMax) {

    /** What a send waits for. */
    public enum Acks {
        NONE(0),
        LEADER(1),
        ALL(-1);

        private final short wireValue;

        Acks(int wireValue) {
            this.wireValue = (short) wireValue;
        }

        public short wireValue() {
            return wireValue;
        }
    }

    public static ProducerConfiguration defaults() {
        return new ProducerConfiguration(
                Acks.ALL,
                Compression.NONE,
                16 * 1024,
                Duration.ZERO,
                32L * 1024 * 1024,
                Duration.ofMinutes(1),
                1024 * 1024);
    }

    public ProducerConfiguration withAcks(Acks newAcks) {
        return new ProducerConfiguration(
                newAcks, compression, batchBytes, linger, bufferBytes, maxBlock, requestBytesMax);
    }

    public ProducerConfiguration withBatchBytes(int newBatchBytes) {
        return new ProducerConfiguration(
                acks, compression, newBatchBytes, linger, bufferBytes, maxBlock, requestBytesMax);
    }

    public ProducerConfiguration withCompression(Compression newCompression) {
        return new ProducerConfiguration(
                acks, newCompression, batchBytes, linger, bufferBytes, maxBlock, requestBytesMax);
    }
}
