package io.millrace.samples.logcollection;

import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;

/** Shows the table. */
@Path("/lines")
@RequestScoped
@Produces(MediaType.APPLICATION_JSON)
public class LogResource {

    @Inject
    LogTable table;

    @GET
    public List<Map<String, Object>> counts() {
        return table.counts().stream()
                .map(count -> Map.<String, Object>of(
                        "minute", count.minute(), "level", count.level(), "lines", count.lines()))
                .toList();
    }
}
