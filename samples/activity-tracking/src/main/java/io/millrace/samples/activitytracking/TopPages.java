package io.millrace.samples.activitytracking;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The most viewed pages of the last quarter of an hour. Safe for threads. */
@ApplicationScoped
public class TopPages {
    static final int PLACES = 10;
    static final int MINUTES = 15;
    /** Views of further pages in the same minute are not counted, so that nobody fills the memory with invented ones. */
    static final int PAGES_PER_MINUTE_MAX = 1_000;
    /** Further visitors of a page in the same minute are not told apart. */
    static final int VISITORS_PER_PAGE_MAX = 1_000;

    private static final long MINUTE_MS = 60_000;

    private static final class Views {
        private long count;
        private final Set<String> visitors = new HashSet<>();

        private void add(String visitor) {
            count++;
            if (visitors.size() < VISITORS_PER_PAGE_MAX) {
                visitors.add(visitor);
            }
        }

        private void addAll(Views others) {
            count += others.count;
            visitors.addAll(others.visitors);
        }
    }

    private final TreeMap<Long, Map<String, Views>> minutes = new TreeMap<>();

    /** Counts a view; one of before the last quarter of an hour, or of times to come, is left out. */
    public synchronized void add(PageView view, long timestampMs, long nowMs) {
        long minute = timestampMs / MINUTE_MS;
        forgetBefore(firstMinute(nowMs));
        if (minute < firstMinute(nowMs) || minute > nowMs / MINUTE_MS + 1) {
            return;
        }
        Map<String, Views> pages = minutes.computeIfAbsent(minute, ignored -> new HashMap<>());
        if (pages.size() < PAGES_PER_MINUTE_MAX || pages.containsKey(view.getPage())) {
            pages.computeIfAbsent(view.getPage(), ignored -> new Views()).add(view.getVisitor());
        }
    }

    /** The most viewed first; pages viewed equally often in the order of their names. */
    public synchronized List<PageCount> top(long nowMs) {
        forgetBefore(firstMinute(nowMs));
        Map<String, Views> sums = new HashMap<>();
        minutes.values()
                .forEach(pages -> pages.forEach((page, views) ->
                        sums.computeIfAbsent(page, ignored -> new Views()).addAll(views)));
        return sums.entrySet().stream()
                .map(entry -> new PageCount(
                        entry.getKey(),
                        entry.getValue().count,
                        entry.getValue().visitors.size()))
                .sorted(Comparator.comparingLong(PageCount::views).reversed().thenComparing(PageCount::page))
                .limit(PLACES)
                .collect(Collectors.toUnmodifiableList());
    }

    private static long firstMinute(long nowMs) {
        return nowMs / MINUTE_MS - MINUTES + 1;
    }

    private void forgetBefore(long minute) {
        minutes.headMap(minute).clear();
    }
}
