package io.millrace.client.network;

import io.millrace.client.network.ConnectionException.Reason;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ApiVersionsRequest;
import io.millrace.protocol.message.ApiVersionsResponse;
import io.millrace.protocol.message.Response;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The first exchange of a connection: which versions does the broker speak (KIP-511)? A broker that does not know the
 * version of the question says so and names the one it knows; it is asked once more in that.
 *
 * <p>Runs on the connection's event loop.
 */
final class Handshake {
    /** Brokers of ours offer their own APIs to clients whose name starts like this. */
    private static final String SOFTWARE_NAME = "millrace";

    private static final String VERSION_WHERE_NONE_IS_KNOWN = "0";

    private final RequestChannel requests;
    private final Duration timeout;

    Handshake(RequestChannel requests, Duration timeout) {
        this.requests = requests;
        this.timeout = timeout;
    }

    /** Completes when the versions are known to the channel. */
    CompletableFuture<Void> run() {
        return ask(ApiKey.API_VERSIONS.last())
                .thenCompose(answer -> {
                    if (answer.errorCode() != ErrorCode.UNSUPPORTED_VERSION) {
                        return CompletableFuture.completedFuture(answer);
                    }
                    return ask(ApiVersionRanges.of(answer)
                            .versionOf(ApiKey.API_VERSIONS)
                            .orElse(ApiKey.API_VERSIONS.first()));
                })
                .thenAccept(this::accept);
    }

    private CompletableFuture<ApiVersionsResponse> ask(int version) {
        var request = new ApiVersionsRequest(SOFTWARE_NAME, softwareVersion(), null, -1);
        var answer = new CompletableFuture<Response>();
        requests.send(request, version, timeout, answer);
        return answer.thenApply(ApiVersionsResponse.class::cast);
    }

    private void accept(ApiVersionsResponse answer) {
        if (answer.errorCode().isError()) {
            throw ConnectionException.unsent(
                    Reason.UNSUPPORTED,
                    requests + " refused to say which versions it speaks: " + answer.errorCode()
                            + "; is it a broker of Millrace or Kafka?");
        }
        requests.versions(ApiVersionRanges.of(answer));
    }

    private static String softwareVersion() {
        return Optional.ofNullable(Handshake.class.getPackage().getImplementationVersion())
                .orElse(VERSION_WHERE_NONE_IS_KNOWN);
    }
}
