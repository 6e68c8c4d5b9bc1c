package io.millrace.samples.activitytracking;

import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.util.List;
import java.util.Map;

/** The most viewed pages: once, or as events from now on. */
@Path("/top")
@RequestScoped
public class TopPagesResource {

    @Inject
    TopPages topPages;

    @Inject
    LiveTopPages live;

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    public List<Map<String, Object>> top() {
        return topPages.top(System.currentTimeMillis()).stream()
                .map(TopPagesResource::fields)
                .toList();
    }

    @GET
    @Path("/live")
    @Produces(MediaType.SERVER_SENT_EVENTS)
    public void watch(@Context SseEventSink sink, @Context Sse sse) {
        live.watch(sink, sse);
    }

    /** Names and values as they stand in JSON. */
    static Map<String, Object> fields(PageCount count) {
        return Map.of("page", count.page(), "views", count.views(), "visitors", count.visitors());
    }
}
