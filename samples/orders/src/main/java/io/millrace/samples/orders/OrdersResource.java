package io.millrace.samples.orders;

import io.millrace.cdi.Destination;
import io.millrace.cdi.Producer;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.jms.JMSRuntimeException;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Takes orders, and shows those that have been stored. */
@Path("/orders")
@RequestScoped
@Produces(MediaType.APPLICATION_JSON)
public class OrdersResource {

    @Inject
    @Destination("orders")
    Producer<Order> orders;

    @Inject
    OrderTable table;

    /** Answers 202 when the order is on the replicated log; the bean stores it a moment later. */
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    public Response take(Order order) {
        Optional<String> objection =
                order == null ? Optional.of("there is no order in the request") : order.objection();
        if (objection.isPresent()) {
            return refused(Response.Status.BAD_REQUEST, objection.get());
        }
        if (order.getId() == null) {
            order.setId(UUID.randomUUID().toString());
        }
        try {
            orders.send(order);
        } catch (JMSRuntimeException e) {
            return refused(Response.Status.SERVICE_UNAVAILABLE, e.getMessage());
        }
        return Response.accepted(order).build();
    }

    private static Response refused(Response.Status status, String reason) {
        return Response.status(status).entity(Map.of("error", reason)).build();
    }

    @GET
    public List<StoredOrder> stored() {
        return table.all();
    }
}
