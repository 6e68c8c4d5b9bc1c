package io.millrace.selector;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Which names a message property may have (Jakarta Messaging 3.1, chapters 3.5.1 and 3.8.1.1). */
public final class PropertyNames {
    public static final String GROUP_ID = "JMSXGroupID";
    public static final String GROUP_SEQ = "JMSXGroupSeq";
    public static final String DELIVERY_COUNT = "JMSXDeliveryCount";

    private static final Set<String> SELECTOR_WORDS =
            Set.of("NULL", "TRUE", "FALSE", "NOT", "AND", "OR", "BETWEEN", "LIKE", "IN", "IS", "ESCAPE");

    private PropertyNames() {}

    /** Whether a selector can name it: a name of a property that is none of the selector language's words. */
    public static boolean isIdentifier(String name) {
        return isPropertyName(name) && !SELECTOR_WORDS.contains(name.toUpperCase(Locale.ROOT));
    }

    /**
     * Whether a property may have this name: a Java identifier. Words of the selector language are names, too, though no
     * selector can use them: other providers take them, and what was written for them shall work here.
     */
    public static boolean isPropertyName(String name) {
        return !name.isEmpty()
                && Character.isJavaIdentifierStart(name.codePointAt(0))
                && name.codePoints().allMatch(Character::isJavaIdentifierPart);
    }

    /**
     * Why an application may not set a property of this name; empty where it may.
     *
     * <p>Names that begin with {@code JMS} are the specification's: of the {@code JMSX} names an application sets
     * {@code JMSXGroupID} and {@code JMSXGroupSeq}; {@code JMS_} names of other providers pass, so that messages can be
     * forwarded with all their properties.
     */
    public static Optional<String> objectionToSetting(String name) {
        if (!isPropertyName(name)) {
            return Optional.of("'" + name + "' is no property name: it must be a Java identifier");
        }
        if (!name.startsWith("JMS") || name.equals(GROUP_ID) || name.equals(GROUP_SEQ)) {
            return Optional.empty();
        }
        if (name.startsWith("JMS_") && !ReservedHeaders.contains(name)) {
            return Optional.empty();
        }
        return Optional.of("The property name '" + name + "' is reserved; of the names that begin with JMS an "
                + "application sets only " + GROUP_ID + ", " + GROUP_SEQ + " and other providers' JMS_ names");
    }
}
