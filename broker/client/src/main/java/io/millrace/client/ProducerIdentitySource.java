package io.millrace.client;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.InitProducerIdRequest;
import io.millrace.protocol.message.InitProducerIdResponse;
import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Gets producer ids from the cluster, for ever where it is away.
 *
 * <p>Owned by the producer's loop. A new id is asked for instead of a higher epoch of the old one (KIP-360 would allow
 * that): then no leader can mistake one for the other.
 */
final class ProducerIdentitySource {
    private static final int NO_TRANSACTION_TIMEOUT_MS = 0;

    private final EventLoop loop;
    private final ClientContext context;
    private final Runnable onArrival;
    private ProducerIdentity current = ProducerIdentity.NONE;
    private boolean asking;
    private int failures;
    private String lastFailure = "none was asked for yet";

    /** @param onArrival called on the loop when {@link #current()} has changed */
    ProducerIdentitySource(EventLoop loop, ClientContext context, Runnable onArrival) {
        this.loop = loop;
        this.context = context;
        this.onArrival = onArrival;
    }

    /** The latest identity; {@link ProducerIdentity#NONE} before the first has come. */
    ProducerIdentity current() {
        return current;
    }

    String lastFailure() {
        return lastFailure;
    }

    /** Asks for another than the current one, unless that is under way. */
    void renew() {
        if (asking) {
            return;
        }
        asking = true;
        var request = new InitProducerIdRequest(
                null,
                NO_TRANSACTION_TIMEOUT_MS,
                ProducerIdentity.NONE.producerId(),
                ProducerIdentity.NONE.producerEpoch());
        context.access()
                .ask(
                        connection -> connection.<InitProducerIdResponse>send(request),
                        context.configuration().requestTimeout())
                .whenComplete((response, failure) -> Loops.run(loop, () -> onAnswer(response, failure)));
    }

    private void onAnswer(@Nullable InitProducerIdResponse response, @Nullable Throwable failure) {
        if (response != null && !response.errorCode().isError()) {
            asking = false;
            failures = 0;
            current = new ProducerIdentity(response.producerId(), response.producerEpoch());
            onArrival.run();
            return;
        }
        failures++;
        ErrorCode why = response == null ? ErrorCode.NETWORK_EXCEPTION : response.errorCode();
        lastFailure = failure == null ? why.toString() : Failures.messageOf(failure);
        loop.schedule(
                () -> {
                    asking = false;
                    onArrival.run(); // whoever still needs one asks again
                },
                context.backoff().pauseNanos(failures),
                TimeUnit.NANOSECONDS);
    }
}
