package io.millrace.jms;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The classes whose objects may be read from ObjectMessages: {@code com.acme.Order}, {@code com.acme.*} (the package),
 * {@code com.acme.**} (with its subpackages), {@code *} (every class; only where every sender is trusted), split by
 * commas.
 *
 * <p>Immutable. Values that have no behaviour of their own need no mention: strings, the objects of primitives, and
 * what is Java's part in every enum. An array may be read where its elements' class may; arrays of an interface or of
 * {@link Object} always, as each element is judged by its own class. A class needs its superclasses on the list too.
 */
public final class ObjectAllowList {
    private static final Set<String> ALWAYS = Set.of(
            "java.lang.String",
            "java.lang.Boolean",
            "java.lang.Character",
            "java.lang.Number",
            "java.lang.Byte",
            "java.lang.Short",
            "java.lang.Integer",
            "java.lang.Long",
            "java.lang.Float",
            "java.lang.Double",
            "java.lang.Enum");

    private static final String NAME = "\\p{javaJavaIdentifierStart}\\p{javaJavaIdentifierPart}*";
    private static final Pattern PATTERN = Pattern.compile("\\*|" + NAME + "(\\." + NAME + ")*(\\.\\*{1,2})?");

    /** Nothing but values without behaviour. */
    public static final ObjectAllowList EMPTY = parse("");

    /** For objects that the application itself has put into a message. */
    static final ObjectAllowList EVERYTHING = parse("*");

    private final List<String> patterns = new ArrayList<>();
    private final Set<String> classes = new HashSet<>();
    private final Set<String> packages = new HashSet<>();
    /** Each ends with a dot. */
    private final List<String> prefixes = new ArrayList<>();

    private boolean everything;

    private ObjectAllowList() {}

    /** @throws IllegalArgumentException where a part is no pattern of classes */
    public static ObjectAllowList parse(String text) {
        ObjectAllowList list = new ObjectAllowList();
        for (String part : text.split(",", -1)) {
            if (!part.isBlank()) {
                list.add(part.trim());
            }
        }
        return list;
    }

    private void add(String pattern) {
        if (!PATTERN.matcher(pattern).matches()) {
            throw new IllegalArgumentException(
                    "objectAllowList has '" + pattern + "'; each of its parts must be a class "
                            + "as com.acme.Order or com.acme.Order$Line, a package as com.acme.*, a package with its "
                            + "subpackages as com.acme.**, or *");
        }
        patterns.add(pattern);
        if (pattern.equals("*")) {
            everything = true;
        } else if (pattern.endsWith(".**")) {
            prefixes.add(pattern.substring(0, pattern.length() - 2));
        } else if (pattern.endsWith(".*")) {
            packages.add(pattern.substring(0, pattern.length() - 2));
        } else {
            classes.add(pattern);
        }
    }

    /** Whether objects of this class may be read. */
    boolean permits(Class<?> type) {
        Class<?> element = type;
        while (element.isArray()) {
            element = element.getComponentType();
        }
        if (element.isPrimitive() || (type.isArray() && (element.isInterface() || element == Object.class))) {
            return true;
        }
        return everything || ALWAYS.contains(element.getName()) || isListed(element);
    }

    private boolean isListed(Class<?> element) {
        String name = element.getName();
        return classes.contains(name)
                || packages.contains(element.getPackageName())
                || prefixes.stream().anyMatch(name::startsWith);
    }

    /** As {@link #parse} takes it; empty for the empty list. */
    @Override
    public String toString() {
        return String.join(",", patterns);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ObjectAllowList list && patterns.equals(list.patterns);
    }

    @Override
    public int hashCode() {
        return patterns.hashCode();
    }
}
