package io.millrace.samples.orders;

import io.millrace.cdi.Destination;
import io.millrace.cdi.Producer;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
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
        if (order.getItem() == null || order.getItem().isBlank() || order.getQuantity() < 1) {
            return Response.status(Response.Status.BAD_REQUEST)
                    .entity(Map.of("error", "an order needs an item and a quantity of at least 1"))
                    .build();
        }
        if (order.getId() == null) {
            order.setId(UUID.randomUUID().toString());
        }
        orders.send(order);
        return Response.accepted(order).build();
    }

    @GET
    public List<StoredOrder> stored() {
        return table.all();
    }
}
