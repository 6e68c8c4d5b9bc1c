package io.millrace.samples.metrics;

import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;

/** Shows the table. */
@Path("/metrics")
@RequestScoped
@Produces(MediaType.APPLICATION_JSON)
public class MetricsResource {

    @Inject
    MetricsTable table;

    @GET
    public List<Map<String, Object>> metrics() {
        return table.summaries().entrySet().stream()
                .map(metric -> Map.<String, Object>of(
                        "metric",
                        metric.getKey(),
                        "minutes",
                        metric.getValue().stream().map(MetricsResource::fields).toList()))
                .toList();
    }

    private static Map<String, Object> fields(MinuteSummary summary) {
        return Map.of(
                "minute", summary.minute(),
                "readings", summary.readings(),
                "min", summary.min(),
                "average", summary.average(),
                "max", summary.max());
    }
}
