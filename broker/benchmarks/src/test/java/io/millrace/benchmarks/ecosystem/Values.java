package io.millrace.benchmarks.ecosystem;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Values of one length, made before anything is measured, and sent in turn. They read like the lines of a log, so that they can be compressed as such. */
final class Values {
    private static final int COUNT = 4096;
    private static final long SEED = 42;
    private static final String[] PATHS = {"/orders", "/orders/items", "/cart", "/search", "/login", "/assets/app.js"};
    private static final String[] AGENTS = {"Firefox/143.0", "Chrome/141.0.0.0", "Safari/605.1.15", "curl/8.14.1"};

    private final byte[][] values = new byte[COUNT][];

    Values(int bytes) {
        var random = new Random(SEED);
        for (int i = 0; i < COUNT; i++) {
            values[i] = value(random, bytes);
        }
    }

    private static byte[] value(Random random, int bytes) {
        var text = new StringBuilder();
        while (text.length() < bytes) {
            text.append("{\"time\":\"2026-11-23T")
                    .append(10 + random.nextInt(14))
                    .append(":17:")
                    .append(random.nextInt(60))
                    .append("\",\"path\":\"")
                    .append(PATHS[random.nextInt(PATHS.length)])
                    .append("\",\"user\":")
                    .append(random.nextInt(1_000_000))
                    .append(",\"micros\":")
                    .append(random.nextInt(90_000))
                    .append(",\"agent\":\"")
                    .append(AGENTS[random.nextInt(AGENTS.length)])
                    .append("\",\"trace\":\"")
                    .append(Long.toHexString(random.nextLong()))
                    .append("\"}\n");
        }
        return text.substring(0, bytes).getBytes(StandardCharsets.US_ASCII);
    }

    byte[] next(long number) {
        return values[(int) (number % COUNT)];
    }

    boolean contains(byte[] value) {
        return Arrays.stream(values).anyMatch(each -> Arrays.equals(each, value));
    }
}
