package io.millrace.samples.activitytracking;

import io.millrace.cdi.Destination;
import io.millrace.cdi.Producer;
import io.millrace.cdi.SendOptions;
import jakarta.inject.Inject;
import jakarta.jms.JMSRuntimeException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;

/**
 * Records the page views that browsers report: {@code POST track?page=/tea}, as {@code navigator.sendBeacon} does.
 *
 * <p>A visitor is known by a cookie, or named by the parameter {@code visitor}. Views are keyed by visitor, so that what one
 * visitor did stays in order. Answers 204 when the view is on the replicated log.
 */
@WebServlet("/track")
public class TrackingServlet extends HttpServlet {
    private static final long serialVersionUID = 1;
    private static final String COOKIE = "visitor";
    private static final int COOKIE_SECONDS = (int) Duration.ofDays(365).toSeconds();

    @Inject
    @Destination(value = "page-views", kind = Destination.Kind.TOPIC)
    transient Producer<PageView> views;

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String visitor = Optional.ofNullable(request.getParameter("visitor"))
                .or(() -> visitorOf(request))
                .orElseGet(() -> introduce(request, response));
        PageView view = new PageView(visitor, request.getParameter("page"));
        Optional<String> objection = view.objection();
        if (objection.isPresent()) {
            response.sendError(HttpServletResponse.SC_BAD_REQUEST, objection.get());
            return;
        }
        try {
            views.send(view, SendOptions.none().key(visitor));
            response.setStatus(HttpServletResponse.SC_NO_CONTENT);
        } catch (JMSRuntimeException e) {
            response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE, e.getMessage());
        }
    }

    private static Optional<String> visitorOf(HttpServletRequest request) {
        Cookie[] cookies = Optional.ofNullable(request.getCookies()).orElse(new Cookie[0]);
        return Arrays.stream(cookies)
                .filter(cookie -> cookie.getName().equals(COOKIE))
                .map(Cookie::getValue)
                .findFirst();
    }

    private static String introduce(HttpServletRequest request, HttpServletResponse response) {
        Cookie cookie = new Cookie(COOKIE, UUID.randomUUID().toString());
        cookie.setMaxAge(COOKIE_SECONDS);
        cookie.setPath(request.getContextPath());
        cookie.setHttpOnly(true);
        response.addCookie(cookie);
        return cookie.getValue();
    }
}
