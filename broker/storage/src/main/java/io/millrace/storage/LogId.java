package io.millrace.storage;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which log of which partition: the topic by its id, so that a topic created again is another one. */
public record LogId(UUID topicId, int partition, Kind kind) {

    /** A partition's records, or what the consumers of its queue did with them. */
    public enum Kind {
        DATA,
        CURSOR
    }

    private static final int NAME_LENGTH_MAX = 100;
    private static final Pattern UNREADABLE = Pattern.compile("[^a-zA-Z0-9._-]");
    private static final Pattern DIRECTORY =
            Pattern.compile(".*-(\\d{1,9})\\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(-cursor)?", Pattern.DOTALL);

    /** The other log of the same partition. */
    LogId other() {
        return new LogId(topicId, partition, kind == Kind.DATA ? Kind.CURSOR : Kind.DATA);
    }

    /** The name of the log's directory. The topic's name makes it readable and may be cut; it is never read back. */
    String directoryName(String topicName) {
        String readable = UNREADABLE.matcher(topicName).replaceAll("_");
        String cut = readable.substring(0, Math.min(NAME_LENGTH_MAX, readable.length()));
        return cut + "-" + partition + "." + topicId + (kind == Kind.CURSOR ? "-cursor" : "");
    }

    /** The log that a directory holds; empty when it is none of a log. */
    static Optional<LogId> ofDirectory(String name) {
        Matcher matcher = DIRECTORY.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        Kind kind = matcher.group(3) == null ? Kind.DATA : Kind.CURSOR;
        return Optional.of(new LogId(UUID.fromString(matcher.group(2)), Integer.parseInt(matcher.group(1)), kind));
    }
}
