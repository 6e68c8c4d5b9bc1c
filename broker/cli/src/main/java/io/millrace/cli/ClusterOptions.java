package io.millrace.cli;

import io.millrace.client.ClientConfiguration;
import io.millrace.client.ClusterClient;
import io.millrace.client.DestinationDescription;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which cluster a command talks to, and how long it may take. */
final class ClusterOptions {
    /** The client gives up by itself, and knows more about the reason than this class does. */
    private static final int ANSWER_GRACE_SECONDS = 2;

    /** What one broker has created, the others know a moment later. */
    private static final Duration NEWS_MAX = Duration.ofSeconds(2);

    private static final long NEWS_PAUSE_MS = 50;

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

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @SuppressWarnings("NullAway.Init") // picocli fills in the options
    ClusterOptions() {}

    ClusterClient open() {
        if (timeoutSeconds < 1) {
            throw new ParameterException(
                    command.commandLine(), "--timeout " + timeoutSeconds + " is too short; the least is 1 second");
        }
        Duration timeout = Duration.ofSeconds(timeoutSeconds);
        try {
            return ClusterClient.open(ClientConfiguration.of(bootstrapServers)
                    .withClientId("millrace-cli")
                    .withTimeouts(timeout, timeout));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    /** The future's result, or its own exception. */
    <T> T await(CompletableFuture<T> future) throws InterruptedException, TimeoutException {
        try {
            return future.get(timeoutSeconds + ANSWER_GRACE_SECONDS, TimeUnit.SECONDS);
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

    /** The destination, or null where there is none: asked for again for a while, as it may just have been created. */
    @Nullable
    DestinationDescription find(ClusterClient client, String name) throws InterruptedException, TimeoutException {
        long beganNanos = System.nanoTime();
        DestinationDescription found = describe(client, name);
        while (found == null && System.nanoTime() - beganNanos < NEWS_MAX.toNanos()) {
            await(new CompletableFuture<Void>().completeOnTimeout(null, NEWS_PAUSE_MS, TimeUnit.MILLISECONDS));
            found = describe(client, name);
        }
        return found;
    }

    private @Nullable DestinationDescription describe(ClusterClient client, String name)
            throws InterruptedException, TimeoutException {
        return await(client.admin().describe(List.of(name))).get(name);
    }
}
