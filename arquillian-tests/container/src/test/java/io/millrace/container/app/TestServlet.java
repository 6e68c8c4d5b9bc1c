package io.millrace.container.app;

import jakarta.annotation.Resource;
import jakarta.inject.Inject;
import jakarta.jms.Destination;
import jakarta.jms.JMSConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.transaction.HeuristicMixedException;
import jakarta.transaction.HeuristicRollbackException;
import jakarta.transaction.NotSupportedException;
import jakarta.transaction.RollbackException;
import jakarta.transaction.SystemException;
import jakarta.transaction.UserTransaction;
import java.io.IOException;

/**
 * What a test asks of the application: {@code /send?queue=q&text=t}, with {@code &transaction=commit} or
 * {@code rollback} in a transaction; {@code /seen}; {@code /open} for the gate; {@code /log?text=t} for a line of INFO.
 */
@WebServlet(urlPatterns = {"/send", "/seen", "/open", "/log"})
public class TestServlet extends HttpServlet {
    private static final System.Logger LOGGER = System.getLogger(TestServlet.class.getName());

    @Inject
    @JMSConnectionFactory("java:/jms/Millrace")
    private transient JMSContext context;

    @Resource
    private transient UserTransaction transaction;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        response.setContentType("text/plain");
        switch (request.getServletPath()) {
            case "/seen" -> response.getWriter().write(String.join("\n", Deliveries.all()));
            case "/open" -> Gate.open();
            case "/log" -> LOGGER.log(System.Logger.Level.INFO, () -> request.getParameter("text"));
            default -> trySend(request);
        }
    }

    private void trySend(HttpServletRequest request) throws ServletException {
        try {
            send(request);
        } catch (NotSupportedException
                | SystemException
                | RollbackException
                | HeuristicMixedException
                | HeuristicRollbackException e) {
            throw new ServletException(e);
        }
    }

    private void send(HttpServletRequest request)
            throws NotSupportedException, SystemException, RollbackException, HeuristicMixedException,
                    HeuristicRollbackException {
        String end = request.getParameter("transaction");
        if (end != null) {
            transaction.begin();
        }
        String queue = request.getParameter("queue");
        Destination destination =
                queue != null ? context.createQueue(queue) : context.createTopic(request.getParameter("topic"));
        context.createProducer().send(destination, request.getParameter("text"));
        if ("commit".equals(end)) {
            transaction.commit();
        } else if ("rollback".equals(end)) {
            transaction.rollback();
        }
    }
}
