package io.millrace.container.app;

import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.stream.Collectors;

/** In a deployment of its own: the server's threads, a line for each with its name and its class loader. */
@WebServlet("/threads")
public class ThreadsServlet extends HttpServlet {
    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("text/plain");
        response.getWriter()
                .write(Thread.getAllStackTraces().keySet().stream()
                        .map(thread -> thread.getName() + " " + thread.getContextClassLoader())
                        .collect(Collectors.joining("\n")));
    }
}
