package io.millrace.samples.activitytracking;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.ejb.ConcurrencyManagement;
import jakarta.ejb.ConcurrencyManagementType;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.inject.Inject;
import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Tells the browsers that watch of every change, at most twice a second; and every half minute of none, so that the
 * connection of one that has gone away is noticed.
 */
@Singleton
@Startup
@ConcurrencyManagement(ConcurrencyManagementType.BEAN)
public class LiveTopPages {
    private static final long PERIOD_MS = 500;
    private static final int SILENT_ROUNDS_MAX = 60;
    private static final Jsonb JSON = JsonbBuilder.create();

    /** A browser, and what makes its events. */
    private record Watcher(SseEventSink sink, Sse sse) {
        void tell(String top) {
            OutboundSseEvent event = sse.newEventBuilder().data(top).build();
            sink.send(event).exceptionally(gone -> {
                sink.close();
                return null;
            });
        }
    }

    @Inject
    TopPages topPages;

    @Resource
    ManagedScheduledExecutorService executor;

    private final Set<Watcher> watchers = ConcurrentHashMap.newKeySet();
    private ScheduledFuture<?> telling;
    private volatile String told = "";
    private int silentRounds;

    @PostConstruct
    void open() {
        telling = executor.scheduleWithFixedDelay(this::tellChange, PERIOD_MS, PERIOD_MS, TimeUnit.MILLISECONDS);
    }

    @PreDestroy
    void close() {
        telling.cancel(false);
        watchers.forEach(watcher -> watcher.sink().close());
    }

    /** From now on the browser is told; at once of what there is. */
    public void watch(SseEventSink sink, Sse sse) {
        Watcher watcher = new Watcher(sink, sse);
        watcher.tell(json(topPages.top(System.currentTimeMillis())));
        watchers.add(watcher);
    }

    private void tellChange() {
        watchers.removeIf(watcher -> watcher.sink().isClosed());
        String top = json(topPages.top(System.currentTimeMillis()));
        if (top.equals(told) && ++silentRounds < SILENT_ROUNDS_MAX) {
            return;
        }
        told = top;
        silentRounds = 0;
        watchers.forEach(watcher -> watcher.tell(top));
    }

    private static String json(List<PageCount> top) {
        return JSON.toJson(top.stream().map(TopPagesResource::fields).toList());
    }
}
