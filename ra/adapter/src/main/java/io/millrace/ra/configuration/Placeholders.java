package io.millrace.ra.configuration;

/**
 * System properties inside configuration values: {@code ${name}} and {@code ${name:default}}.
 *
 * <p>WildFly and Payara replace them before they call a setter, other servers do not. Values are resolved when they are
 * used, so that a configuration bean gives back from its getter what its setter was given.
 */
public final class Placeholders {
    private static final String START = "${";
    private static final char END = '}';

    private Placeholders() {}

    /**
     * The value with every placeholder replaced. A default may hold a colon; placeholders do not nest.
     *
     * @throws IllegalArgumentException where a placeholder without a default names a property that is not set
     */
    public static String resolve(String value) {
        StringBuilder resolved = new StringBuilder(value.length());
        int from = 0;
        while (true) {
            int start = value.indexOf(START, from);
            int end = start < 0 ? -1 : value.indexOf(END, start);
            if (end < 0) {
                return resolved.append(value, from, value.length()).toString();
            }
            resolved.append(value, from, start);
            resolved.append(replacement(value, value.substring(start + START.length(), end)));
            from = end + 1;
        }
    }

    private static String replacement(String value, String placeholder) {
        int colon = placeholder.indexOf(':');
        String name = colon < 0 ? placeholder : placeholder.substring(0, colon);
        String property = name.isBlank() ? null : System.getProperty(name.trim());
        if (property != null) {
            return property;
        }
        if (colon >= 0) {
            return placeholder.substring(colon + 1);
        }
        throw new IllegalArgumentException("'" + value + "' needs the system property '" + name
                + "', which is not set; set it, or give a default as ${" + name + ":default}");
    }
}
