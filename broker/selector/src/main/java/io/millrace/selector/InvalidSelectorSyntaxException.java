package io.millrace.selector;

/** A text is no message selector. The message says where, what was found there, and what would be right. */
public final class InvalidSelectorSyntaxException extends Exception {
    private static final long serialVersionUID = 1L;

    private static final int EXCERPT_CHARS = 40;

    private final int position;

    InvalidSelectorSyntaxException(String selector, int position, String problem) {
        super("The selector is wrong at character " + (position + 1) + " (" + excerpt(selector, position) + "): "
                + problem);
        this.position = position;
    }

    /** Which character is wrong, from 0; the length of the text where it ends too early. */
    public int position() {
        return position;
    }

    private static String excerpt(String selector, int position) {
        if (position >= selector.length()) {
            int from = Math.max(0, selector.length() - EXCERPT_CHARS);
            return "at the end, after " + (from > 0 ? "…" : "") + selector.substring(from);
        }
        int until = Math.min(selector.length(), position + EXCERPT_CHARS);
        return "at " + selector.substring(position, until) + (until < selector.length() ? "…" : "");
    }
}
