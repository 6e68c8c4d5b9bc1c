package io.millrace.samples.streamprocessing;

import io.millrace.cdi.Destination;
import io.millrace.cdi.Producer;
import io.millrace.cdi.SendOptions;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.jms.JMSRuntimeException;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import java.util.Optional;

/** Takes what the tills report. Sales are keyed by till, so that what one till reports stays in order. */
@Path("/sales")
@RequestScoped
@Produces(MediaType.APPLICATION_JSON)
public class SalesResource {

    @Inject
    @Destination(value = "sales", kind = Destination.Kind.TOPIC)
    Producer<Sale> sales;

    /** Answers 202 when the sale is on the replicated log. */
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    public Response take(Sale sale) {
        Optional<String> objection = sale == null ? Optional.of("there is no sale in the request") : sale.objection();
        if (objection.isPresent()) {
            return refused(Response.Status.BAD_REQUEST, objection.get());
        }
        try {
            sales.send(sale, SendOptions.none().key(sale.getTill()));
            return Response.accepted(sale).build();
        } catch (JMSRuntimeException e) {
            return refused(Response.Status.SERVICE_UNAVAILABLE, e.getMessage());
        }
    }

    private static Response refused(Response.Status status, String reason) {
        return Response.status(status).entity(Map.of("error", reason)).build();
    }
}
