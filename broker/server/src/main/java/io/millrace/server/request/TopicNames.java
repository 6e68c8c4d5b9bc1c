package io.millrace.server.request;

import java.util.regex.Pattern;

/** What a topic or queue may be called: Kafka's rule, so that any client can use it. */
public final class TopicNames {
    private static final int LENGTH_MAX = 249;
    private static final Pattern LEGAL = Pattern.compile("[a-zA-Z0-9._-]{1," + LENGTH_MAX + "}");
    private static final String INTERNAL_PREFIX = "__";

    private TopicNames() {}

    public static boolean isLegal(String name) {
        return LEGAL.matcher(name).matches() && !name.equals(".") && !name.equals("..");
    }

    /** Whether the brokers keep their own records in it. */
    public static boolean isInternal(String name) {
        return name.startsWith(INTERNAL_PREFIX);
    }
}
