package io.millrace.quickstart;

import io.millrace.testkit.Wait;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;

/** Posts orders and waits until the server shows all of them as stored. */
final class OrdersClient {
    private static final Duration STORED_MAX = Duration.ofSeconds(60);

    private final URI uri;
    private final PrintStream out;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
    private final Set<String> sent = new LinkedHashSet<>();

    OrdersClient(URI uri, PrintStream out) {
        this.uri = uri;
        this.out = out;
    }

    void send(int count) {
        for (int i = 0; i < count; i++) {
            String id = "order-" + (sent.size() + 1);
            String body = "{\"id\":\"" + id + "\",\"item\":\"tea\",\"quantity\":" + (i + 1) + "}";
            HttpResponse<String> answer = call(HttpRequest.newBuilder(uri)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body)));
            if (answer.statusCode() != 202) {
                throw new IllegalStateException(
                        "order " + id + " was answered " + answer.statusCode() + ": " + answer.body());
            }
            sent.add(id);
            out.println("    sent " + body);
        }
    }

    /** Every order that was sent stands in the table. */
    void awaitStored() {
        var missing = new LinkedHashSet<>(sent);
        Wait.until("every order is stored; the last look missed " + missing, STORED_MAX, () -> {
            String stored = call(HttpRequest.newBuilder(uri).GET()).body();
            missing.removeIf(id -> stored.contains("\"" + id + "\""));
            return missing.isEmpty();
        });
        out.println("    all " + sent.size() + " orders are in the table");
    }

    private HttpResponse<String> call(HttpRequest.Builder request) {
        try {
            return http.send(request.timeout(Duration.ofSeconds(60)).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(uri + " did not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + uri + " was asked", e);
        }
    }
}
