package io.millrace.samples.activitytracking;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TopPagesTest {
    private static final long MINUTE = 60_000;
    private static final long TEN = 1_000 * MINUTE;

    private final TopPages pages = new TopPages();

    @Test
    void viewsAndVisitorsAreCountedTheMostViewedPageFirst() {
        add("ann", "/tea", TEN);
        add("ann", "/cups", TEN);
        add("bob", "/tea", TEN + MINUTE);
        add("ann", "/tea", TEN + MINUTE);

        assertThat(pages.top(TEN + MINUTE)).containsExactly(new PageCount("/tea", 3, 2), new PageCount("/cups", 1, 1));
    }

    @Test
    void thereAreTenPlaces() {
        IntStream.range(0, 30).forEach(i -> add("ann", "/page-" + (10 + i), TEN));

        assertThat(pages.top(TEN)).hasSize(10).first().isEqualTo(new PageCount("/page-10", 1, 1));
    }

    @Test
    void viewsAreForgottenAfterAQuarterOfAnHour() {
        add("ann", "/tea", TEN);
        add("ann", "/cups", TEN + 14 * MINUTE);

        assertThat(pages.top(TEN + 14 * MINUTE)).hasSize(2);
        assertThat(pages.top(TEN + 15 * MINUTE)).containsExactly(new PageCount("/cups", 1, 1));
        assertThat(pages.top(TEN + 29 * MINUTE)).isEmpty();
    }

    @Test
    void aViewOfAnotherTimeIsLeftOutAndLeavesTheOthersAlone() {
        add("ann", "/tea", TEN);

        pages.add(new PageView("bob", "/future"), TEN + 60 * MINUTE, TEN);
        pages.add(new PageView("bob", "/past"), TEN - 60 * MINUTE, TEN);

        assertThat(pages.top(TEN)).containsExactly(new PageCount("/tea", 1, 1));
    }

    @Test
    void inventedPagesDoNotFillTheMemory() {
        IntStream.range(0, TopPages.PAGES_PER_MINUTE_MAX).forEach(i -> add("ann", "/" + i, TEN));

        add("ann", "/one-too-many", TEN);
        IntStream.range(0, 2).forEach(i -> add("ann", "/0", TEN));

        assertThat(pages.top(TEN)).first().isEqualTo(new PageCount("/0", 3, 1));
        assertThat(pages.top(TEN)).noneMatch(count -> count.page().equals("/one-too-many"));
    }

    @Test
    void whatIsNoPageIsObjectedTo() {
        assertThat(new PageView("ann", "/tea").objection()).isEmpty();
        assertThat(new PageView("ann", "tea").objection())
                .hasValueSatisfying(reason -> assertThat(reason).contains("begins with '/'", "it was tea"));
        assertThat(new PageView("ann", null).objection()).isPresent();
        assertThat(new PageView("ann", "/" + "x".repeat(200)).objection()).isPresent();
        assertThat(new PageView(" ", "/tea").objection()).isPresent();
        assertThat(new PageView(null, "/tea").objection()).isPresent();
    }

    private void add(String visitor, String page, long timestampMs) {
        pages.add(new PageView(visitor, page), timestampMs, timestampMs);
    }
}
