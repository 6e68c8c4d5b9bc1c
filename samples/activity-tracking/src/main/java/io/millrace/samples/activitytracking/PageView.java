package io.millrace.samples.activitytracking;

import java.util.Optional;

/** Who looked at what, as it travels: JSON in the message, and readable by any Kafka client. */
public class PageView {
    private static final int LENGTH_MAX = 200;

    private String visitor;
    private String page;

    /** For JSON. */
    public PageView() {}

    PageView(String visitor, String page) {
        this.visitor = visitor;
        this.page = page;
    }

    public String getVisitor() {
        return visitor;
    }

    public void setVisitor(String visitor) {
        this.visitor = visitor;
    }

    public String getPage() {
        return page;
    }

    public void setPage(String page) {
        this.page = page;
    }

    /** Why this is not tracked. */
    Optional<String> objection() {
        if (visitor == null || visitor.isBlank() || visitor.length() > LENGTH_MAX) {
            return Optional.of("a visitor has 1 to " + LENGTH_MAX + " characters");
        }
        boolean isPage = page != null && page.startsWith("/") && page.length() <= LENGTH_MAX;
        return isPage
                ? Optional.empty()
                : Optional.of("a page is a path that begins with '/' and has at most " + LENGTH_MAX
                        + " characters; it was " + page);
    }
}
