package io.millrace.samples.streamprocessing;

import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;

/** Shows the table. */
@Path("/revenue")
@RequestScoped
@Produces(MediaType.APPLICATION_JSON)
public class RevenueResource {

    @Inject
    RevenueTable table;

    @GET
    public List<Revenue> revenue() {
        return table.all();
    }
}
