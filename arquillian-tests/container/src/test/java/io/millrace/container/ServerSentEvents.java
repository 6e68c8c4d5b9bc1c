package io.millrace.container;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** What a server tells a browser that watches (HTML Standard, chapter "Server-sent events"). */
final class ServerSentEvents implements AutoCloseable {
    private static final String DATA = "data:";

    private final CompletableFuture<HttpResponse<Stream<String>>> answer;
    private volatile String last = "";

    private ServerSentEvents(HttpClient client, HttpRequest request) {
        answer = client.sendAsync(request, HttpResponse.BodyHandlers.ofLines());
        answer.thenAcceptAsync(response -> response.body()
                .filter(line -> line.startsWith(DATA))
                .forEach(line -> last = line.substring(DATA.length()).trim()));
    }

    static ServerSentEvents from(HttpClient client, HttpRequest request) {
        return new ServerSentEvents(client, request);
    }

    /** The data of the last event; empty before the first. */
    String last() {
        return last;
    }

    @Override
    public void close() {
        answer.thenAccept(response -> response.body().close());
        answer.cancel(true);
    }
}
