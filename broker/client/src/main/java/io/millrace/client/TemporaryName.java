package io.millrace.client;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What names of temporary destinations tell: {@code temporary-queue:3:9f2c4b7a1e5d8036:1a} is the queue 1a of the start 9f2c4b7a1e5d8036 of broker 3. No
 * topic or queue of the cluster can have such a name, as none has a colon.
 */
public final class TemporaryName {
    private static final Pattern PATTERN =
            Pattern.compile("temporary-(queue|topic):([0-9]{1,9}):[0-9a-f]{16}:[0-9a-z]{1,13}");
    private static final String PREFIX = "temporary-";
    private static final String TOPIC_PREFIX = "temporary-topic:";

    private TemporaryName() {}

    /** Whether a destination of this name is a temporary one. */
    public static boolean isTemporary(@Nullable String name) {
        return name != null && name.startsWith(PREFIX) && PATTERN.matcher(name).matches();
    }

    /** What the temporary destination is. */
    public static DestinationKind kind(String name) {
        return name.startsWith(TOPIC_PREFIX) ? DestinationKind.TOPIC : DestinationKind.QUEUE;
    }

    /**
     * The broker that has, or had, the temporary destination.
     *
     * @throws IllegalArgumentException where this is no such name
     */
    static int brokerId(String name) {
        Matcher matcher = PATTERN.matcher(name);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("\"" + name + "\" is no name of a temporary destination");
        }
        return Integer.parseInt(matcher.group(2));
    }
}
