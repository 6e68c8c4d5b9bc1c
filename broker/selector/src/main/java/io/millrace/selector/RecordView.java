package io.millrace.selector;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A record as a selector sees it: the values that the message made of it would have.
 *
 * <p>Keeps nothing but the fields it was given, and reads nothing that is not asked for. It can be used again for the next
 * record where its fields then tell of that. As safe for threads as the fields are.
 */
public final class RecordView implements MessageView {
    private static final Integer DEFAULT_PRIORITY = 4;
    private static final int PRIORITY_MAX = 9;
    private static final String PERSISTENT = "PERSISTENT";
    private static final String NON_PERSISTENT = "NON_PERSISTENT";

    private final RecordFields fields;

    public RecordView(RecordFields fields) {
        this.fields = fields;
    }

    @Override
    public @Nullable Object value(String identifier) {
        return identifier.startsWith("JMS") ? defined(identifier) : property(identifier);
    }

    private @Nullable Object defined(String identifier) {
        return switch (identifier) {
            case ReservedHeaders.DELIVERY_MODE -> NON_PERSISTENT.equals(text(identifier)) ? NON_PERSISTENT : PERSISTENT;
            case ReservedHeaders.PRIORITY -> priority();
            case ReservedHeaders.MESSAGE_ID -> messageId();
            case ReservedHeaders.TIMESTAMP -> number(identifier, fields.timestampMs());
            case ReservedHeaders.CORRELATION_ID, ReservedHeaders.TYPE -> text(identifier);
            case PropertyNames.GROUP_ID -> groupId();
            default -> ReservedHeaders.contains(identifier) ? null : property(identifier);
        };
    }

    private Integer priority() {
        long priority = number(ReservedHeaders.PRIORITY, DEFAULT_PRIORITY);
        return (int) Math.max(0, Math.min(PRIORITY_MAX, priority));
    }

    private @Nullable String messageId() {
        String id = text(ReservedHeaders.MESSAGE_ID);
        return id == null && indexOf(ReservedHeaders.BODY) < 0 ? fields.foreignMessageId() : id;
    }

    private @Nullable Object groupId() {
        byte[] key = fields.key();
        Optional<String> groupId = key == null ? Optional.empty() : Utf8.decode(key);
        return groupId.isPresent() ? groupId.get() : property(PropertyNames.GROUP_ID);
    }

    private @Nullable String text(String name) {
        int index = lastWithValue(name);
        byte[] bytes = index < 0 ? null : fields.headerValue(index);
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    private long number(String name, long otherwise) {
        String text = text(name);
        try {
            return text == null ? otherwise : Long.parseLong(text);
        } catch (NumberFormatException ignored) {
            // A foreign client wrote something else under the reserved name.
            return otherwise;
        }
    }

    private @Nullable Object property(String name) {
        int index = indexOf(name);
        byte[] bytes = index < 0 ? null : fields.headerValue(index);
        if (bytes == null) {
            return null;
        }
        String text = Utf8.decode(bytes).orElse(null);
        if (text == null) {
            return "0x" + HexFormat.of().formatHex(bytes);
        }
        int typesIndex = indexOf(ReservedHeaders.PROPERTY_TYPES);
        byte[] types = typesIndex < 0 ? null : fields.headerValue(typesIndex);
        return types == null
                ? text
                : typeOf(name, Utf8.decode(types).orElse("")).parse(text);
    }

    /** As {@link PropertyHeaders} reads the list, without a map of it. */
    private static PropertyType typeOf(String name, String types) {
        PropertyType type = PropertyType.STRING;
        int start = 0;
        while (start < types.length()) {
            int comma = types.indexOf(',', start);
            int end = comma < 0 ? types.length() : comma;
            int colon = start + name.length();
            if (colon < end && types.charAt(colon) == ':' && types.startsWith(name, start)) {
                type = PropertyType.named(types.substring(colon + 1, end)).orElse(type);
            }
            start = end + 1;
        }
        return type;
    }

    /** Of several headers with one name the last counts. */
    private int indexOf(String name) {
        for (int i = fields.headerCount() - 1; i >= 0; i--) {
            if (fields.headerName(i).equals(name)) {
                return i;
            }
        }
        return -1;
    }

    /** A header field without a value is none. */
    private int lastWithValue(String name) {
        for (int i = fields.headerCount() - 1; i >= 0; i--) {
            if (fields.headerValue(i) != null && fields.headerName(i).equals(name)) {
                return i;
            }
        }
        return -1;
    }
}
