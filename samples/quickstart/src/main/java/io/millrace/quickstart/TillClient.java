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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sells, and waits until all of it is in the revenue that the server shows. */
final class TillClient {
    private static final Duration SUMMED_UP_MAX = Duration.ofSeconds(90);
    private static final int SALES = 5;
    private static final int PRICE_CENTS = 350;
    private static final Pattern REVENUE = Pattern.compile("\"revenueCents\":(\\d+)");

    private final URI page;
    private final PrintStream out;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

    TillClient(URI page, PrintStream out) {
        this.page = page;
        this.out = out;
    }

    /** The sales may fall into two minutes, so the revenue of all minutes is looked at. */
    void sellAndAwaitRevenue() {
        long expectedCents = 0;
        for (int quantity = 1; quantity <= SALES; quantity++) {
            sell(quantity);
            expectedCents += (long) quantity * PRICE_CENTS;
        }
        long allCents = expectedCents;
        Wait.until("the revenue of " + page + " is " + allCents, SUMMED_UP_MAX, () -> revenueCents() >= allCents);
        long shownCents = revenueCents();
        if (shownCents != allCents) {
            throw new IllegalStateException(
                    "sales were summed up more than once: the revenue is " + shownCents + " instead of " + allCents);
        }
        out.println("    all " + SALES + " sales are in the revenue");
    }

    private void sell(int quantity) {
        String sale = "{\"till\":\"till-1\",\"product\":\"tea\",\"quantity\":" + quantity + ",\"priceCents\":"
                + PRICE_CENTS + "}";
        HttpResponse<String> answer = call(HttpRequest.newBuilder(page.resolve("api/sales"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(sale)));
        if (answer.statusCode() != 202) {
            throw new IllegalStateException(
                    "the sale " + sale + " was answered " + answer.statusCode() + ": " + answer.body());
        }
        out.println("    sold " + sale);
    }

    private long revenueCents() {
        String shown =
                call(HttpRequest.newBuilder(page.resolve("api/revenue")).GET()).body();
        Matcher revenue = REVENUE.matcher(shown);
        return revenue.results()
                .mapToLong(found -> Long.parseLong(found.group(1)))
                .sum();
    }

    private HttpResponse<String> call(HttpRequest.Builder request) {
        try {
            return http.send(request.timeout(Duration.ofSeconds(60)).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(page + " did not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + page + " was asked", e);
        }
    }
}
