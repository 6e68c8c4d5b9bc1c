package io.millrace.cli;

import io.millrace.client.ClientConfiguration;
import io.millrace.client.ClusterClient;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Option;

/** Which cluster a command talks to, and how long it may take. */
final class ClusterOptions {

    @Option(
            names = {"-b", "--bootstrap-server"},
            paramLabel = "HOST:PORT[,...]",
            defaultValue = "${env:MILLRACE_BOOTSTRAP_SERVERS:-127.0.0.1:9092}",
            description = "Some brokers of the cluster. Default: $MILLRACE_BOOTSTRAP_SERVERS or 127.0.0.1:9092.")
    private String bootstrapServers = "127.0.0.1:9092";

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "How long to wait for the cluster. Default: ${DEFAULT-VALUE}.")
    private int timeoutSeconds;

    ClusterClient open() {
        Duration timeout = Duration.ofSeconds(timeoutSeconds);
        return ClusterClient.open(ClientConfiguration.of(bootstrapServers)
                .withClientId("millrace-cli")
                .withTimeouts(timeout, timeout));
    }

    Duration timeout() {
        return Duration.ofSeconds(timeoutSeconds);
    }

    /** The future's result, or its own exception. */
    <T> T await(CompletableFuture<T> future) throws InterruptedException, TimeoutException {
        try {
            return future.get(timeoutSeconds, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            var explained = new TimeoutException(bootstrapServers + " did not answer within " + timeoutSeconds
                    + " s; is the cluster running there? --bootstrap-server names another");
            explained.initCause(e);
            throw explained;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new CommandFailedException(String.valueOf(e.getCause()), e);
        }
    }
}
